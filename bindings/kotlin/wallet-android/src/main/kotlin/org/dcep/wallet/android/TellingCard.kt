package org.dcep.wallet.android

import org.dcep.wallet.Handoff
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.tap.ApduCard
import org.dcep.wallet.tap.TapEnd
import org.dcep.wallet.tap.asCard
import java.io.IOException

/**
 * A handoff as a card that tells of itself, on the thread of its commands.
 *
 * @param come told what the handoff came to, before the reader has the response that says so.
 * @param missed told of every tap that ended before.
 */
internal class TellingCard(
    private val handoff: Handoff,
    private val come: (HandoffOutcome) -> Unit,
    private val missed: (TapEnd) -> Unit,
) : ApduCard {
    private val card = handoff.asCard()

    /** A tap is under way, and nothing was told of it yet. */
    private var isUntold = false

    override fun process(command: ByteArray): ByteArray {
        isUntold = true
        try {
            val response = card.process(command)
            handoff.outcome()?.let {
                isUntold = false
                come(it)
            }
            return response
        } catch (refused: Exception) {
            isUntold = false
            missed(TapEnd.Refused(refused))
            throw refused
        }
    }

    override fun deactivated() {
        card.deactivated()
        if (isUntold) missed(TapEnd.Torn(IOException("the reader is gone")))
        isUntold = false
    }
}
