package org.dcep.wallet.tap

import org.junit.jupiter.api.Test
import java.util.ArrayDeque
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue

class CardDeskTest {
    /** A worker whose time the test decides on. */
    private val work = ArrayDeque<Runnable>()
    private val desk = CardDesk(work::add)
    private val replies = mutableListOf<ByteArray>()

    private fun runAll() = generateSequence(work::poll).forEach(Runnable::run)

    private fun command(vararg bytes: Byte) = desk.command(bytes, replies::add)

    private class Echo : ApduCard {
        var timesGone = 0

        override fun process(command: ByteArray) = command

        override fun deactivated() {
            timesGone++
        }
    }

    @Test
    fun `while nothing is armed the answer comes at once`() {
        assertContentEquals(byteArrayOf(0x6a, 0x82.toByte()), command(1))
        assertTrue(work.isEmpty())
    }

    @Test
    fun `an armed card answers on the worker, in order`() {
        desk.arm(Echo())
        assertNull(command(1))
        assertNull(command(2))
        assertTrue(replies.isEmpty())
        runAll()
        assertEquals(listOf(1, 2), replies.map { it.single().toInt() })
    }

    @Test
    fun `a reply that comes after its tap is dropped`() {
        val card = Echo()
        desk.arm(card)
        command(1)
        desk.deactivated()
        command(2)
        runAll()
        assertEquals(listOf(2), replies.map { it.single().toInt() })
        assertEquals(1, card.timesGone)
    }

    @Test
    fun `a card that was disarmed has no reply left`() {
        val card = Echo()
        desk.arm(card)
        command(1)
        desk.disarm()
        runAll()
        assertTrue(replies.isEmpty())
        assertEquals(1, card.timesGone)
        assertContentEquals(byteArrayOf(0x6a, 0x82.toByte()), command(2))
    }

    @Test
    fun `a card that throws has no diagnosis`() {
        for (thrown in listOf(IllegalStateException(), NotImplementedError())) {
            desk.arm(object : ApduCard {
                override fun process(command: ByteArray): ByteArray = throw thrown
                override fun deactivated(): Unit = throw thrown
            })
            command(1)
            runAll()
            assertContentEquals(byteArrayOf(0x6f, 0), replies.last())
        }
        assertEquals(2, replies.size)
    }
}
