package org.dcep.wallet.tap

import org.dcep.wallet.FrameSize
import org.dcep.wallet.Handoff

/** This handoff, which was made for the card's side, for a [CardDesk]. */
public fun Handoff.asCard(): ApduCard = HandoffCard(this)

/** This handoff, which was made for the reader's side, for a [ReaderDesk]. */
public fun Handoff.asReaderSteps(): ReaderSteps = HandoffReader(this)

private class HandoffCard(private val handoff: Handoff) : ApduCard {
    override fun process(command: ByteArray): ByteArray = handoff.process(command)

    // The next tap begins with a SELECT, and the handoff with it. What was committed stays.
    override fun deactivated(): Unit = Unit
}

private class HandoffReader(private val handoff: Handoff) : ReaderSteps {
    override fun begin(extended: Boolean): ByteArray =
        handoff.beginTap(if (extended) FrameSize.EXTENDED else FrameSize.SHORT)

    override fun next(response: ByteArray): ByteArray? = handoff.receive(response)
}
