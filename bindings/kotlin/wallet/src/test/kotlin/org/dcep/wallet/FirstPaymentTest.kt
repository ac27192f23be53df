package org.dcep.wallet

import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class FirstPaymentTest {
    @Test
    fun `a first payment in ten lines`() {
        // README and docs/embedding-android.md show this.
        val box = Sandbox(7uL)
        val alice = box.phone("Alice")
        val bob = box.phone("Bob")
        box.fund("Alice", Amount(100_00uL))

        val request = bob.request(Amount(37_45uL), "Bob's stall")
        val card = bob.receive(request.id, Side.CARD)
        val reader = alice.pay(Consent.Exactly(Amount(37_45uL)), Side.READER)
        simulatedTap(reader, card, FrameSize.EXTENDED, null)
        check(bob.balance().spendable == Amount(37_45uL))
        println(reader.outcome())

        val paid = reader.outcome() as HandoffOutcome.Paid
        val received = card.outcome() as HandoffOutcome.Received
        assertEquals(paid.transfer, received.transfer)
        assertEquals(listOf(fen(3_745), fen(3_745)), listOf(paid.amount, received.amount))
        assertEquals(false, paid.mended)
        assertEquals(fen(6_255), alice.balance().spendable)
        assertEquals("62.55", alice.balance().spendable.toString())
    }

    @Test
    fun `what is not tapped is not paid`() {
        val two = AliceAndBob(8)
        val armed = Armed(two.alice, two.bob, two.bob.request(fen(1), null).id, fen(1), Side.READER)
        assertEquals(null, armed.paying.outcome())
        assertEquals(fen(10_000), two.alice.balance().spendable)
        assertTrue(armed.tap(FrameSize.SHORT).completed)
        assertEquals(fen(9_999), two.alice.balance().spendable)
    }

    @Test
    fun `an event comes until it is acknowledged`() {
        val two = AliceAndBob(9)
        Armed(two.alice, two.bob, two.bob.request(fen(500), null).id, fen(500), Side.CARD).tap()
        repeat(2) {
            val received = two.bob.nextEvent()?.kind as EventKind.Received
            assertEquals(fen(500), received.amount)
            two.restart()
        }
        two.bob.acknowledgeEvent(two.bob.nextEvent()!!.id)
        assertEquals(null, two.bob.nextEvent())
    }
}
