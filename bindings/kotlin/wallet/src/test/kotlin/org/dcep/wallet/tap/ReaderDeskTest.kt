package org.dcep.wallet.tap

import org.junit.jupiter.api.Test
import java.io.IOException
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertSame
import kotlin.test.assertTrue

class ReaderDeskTest {
    private val select = byteArrayOf(0, 0xa4.toByte(), 4, 0, 6, 1, 2, 3, 4, 5, 6, 0)
    private val short = byteArrayOf(0x80.toByte(), 0x50, 0, 0, 1, 9, 0)
    private val extended = byteArrayOf(0x80.toByte(), 0x50, 0, 0, 0, 0, 1, 9, 0, 0)
    private val fine = byteArrayOf(0x90.toByte(), 0)
    private val wrongLength = byteArrayOf(0x67, 0)

    /** SELECT, one message, and no more: a refusal of the message is thrown, as the core does. */
    private inner class Steps : ReaderSteps {
        private var command = short
        private var rest = 0

        override fun begin(extended: Boolean): ByteArray {
            command = if (extended) this@ReaderDeskTest.extended else short
            rest = 1
            return select
        }

        override fun next(response: ByteArray): ByteArray? {
            if (!response.contentEquals(fine)) throw IllegalStateException("refused")
            return command.takeIf { rest-- > 0 }
        }
    }

    private class Channel(
        override val isExtendedSupported: Boolean = true,
        override val longestCommand: Int = 65_279,
        private val answer: (ByteArray) -> ByteArray,
    ) : ApduChannel {
        val sent = mutableListOf<ByteArray>()

        override fun transmit(command: ByteArray): ByteArray {
            sent += command
            return answer(command)
        }
    }

    private val desk = ReaderDesk(Steps())

    @Test
    fun `a handoff goes to its end in extended commands`() {
        val channel = Channel { fine }
        assertSame(TapEnd.Over, desk.tap(channel))
        assertEquals(listOf(select, extended), channel.sent)
        assertTrue(desk.triesExtended)
    }

    @Test
    fun `a reader that has no extended commands, or only small ones, sends short ones`() {
        for (channel in listOf(
            Channel(isExtendedSupported = false) { fine },
            Channel(longestCommand = 261) { fine },
        )) {
            assertSame(TapEnd.Over, desk.tap(channel))
            assertEquals(listOf(select, short), channel.sent)
        }
    }

    @Test
    fun `a card that breaks at an extended command gets short ones in the next tap`() {
        for (card in listOf<(ByteArray) -> ByteArray>(
            { if (it === extended) throw IOException("gone") else fine },
            { if (it === extended) wrongLength else fine },
        )) {
            val desk = ReaderDesk(Steps())
            assertFalse(desk.tap(Channel(answer = card)) is TapEnd.Over)
            assertFalse(desk.triesExtended)
            val channel = Channel(answer = card)
            assertSame(TapEnd.Over, desk.tap(channel))
            assertEquals(listOf(select, short), channel.sent)
        }
    }

    @Test
    fun `a tap that tears at SELECT says nothing of extended commands`() {
        assertIs<TapEnd.Torn>(desk.tap(Channel { throw IOException("gone") }))
        assertTrue(desk.triesExtended)
    }

    @Test
    fun `what the core refuses ends the tap, not the handoff`() {
        assertIs<TapEnd.Refused>(desk.tap(Channel { byteArrayOf(0x6a, 0x82.toByte()) }))
        assertSame(TapEnd.Over, desk.tap(Channel { fine }))
    }
}
