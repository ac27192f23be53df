package org.dcep.wallet

import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

class TornTapTest {
    private val amount = fen(3_745)

    /** After how many bytes each frame of an undisturbed tap begins to arrive; the first one is none. */
    private fun cuts(payerSide: Side, frames: FrameSize): List<Int> {
        val two = AliceAndBob(2)
        val tap = Armed(two.alice, two.bob, two.bob.request(amount, null).id, amount, payerSide).tap(frames)
        assertTrue(tap.completed)
        return tap.frames.dropLast(1).runningFold(0) { before, frame -> before + frame.bytes.size }
            .map { if (it == 0) 0 else it + 1 }
    }

    @ParameterizedTest
    @CsvSource("READER, EXTENDED, false", "CARD, EXTENDED, true", "READER, EXTENDED, true", "CARD, SHORT, false")
    fun `whatever tears is mended`(payerSide: Side, frames: FrameSize, restarted: Boolean) {
        val seenInDoubt = mutableSetOf<Boolean>()
        for (cut in cuts(payerSide, frames)) {
            val two = AliceAndBob(3)
            val request = two.bob.request(amount, null).id
            var armed = Armed(two.alice, two.bob, request, amount, payerSide)
            val torn = armed.tap(frames, tearAfter = cut)
            assertFalse(torn.completed)
            assertEquals(cut.toULong(), torn.bytes)
            val balance = two.alice.balance()
            assertTrue(balance.inDoubt in setOf(fen(0), amount))
            assertEquals(two.alice.inDoubt().sumOf { it.amount.fen }, balance.inDoubt.fen)
            seenInDoubt += balance.inDoubt == amount
            assertTrue(balance.spendable in setOf(fen(10_000), fen(10_000 - 3_745)))

            if (restarted) {
                two.restart()
                assertEquals(balance, two.alice.balance())
                armed = Armed(two.alice, two.bob, request, amount, payerSide)
            }
            // Only a card that has said its last word is done already.
            if (armed.paying.outcome() == null && (two.alice.inDoubt().isNotEmpty() || two.bob.balance().spendable == fen(0))) {
                assertTrue(armed.tap(frames).completed, "cut after $cut")
                assertIs<HandoffOutcome.Paid>(armed.paying.outcome(), "cut after $cut")
            }
            assertEquals(fen(10_000 - 3_745), two.alice.balance().spendable, "cut after $cut")
            assertEquals(amount, two.bob.balance().spendable, "cut after $cut")
            assertEquals(emptyList(), two.alice.inDoubt())
        }
        assertEquals(setOf(false, true), seenInDoubt)
    }
}
