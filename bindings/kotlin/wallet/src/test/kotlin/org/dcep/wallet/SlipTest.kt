package org.dcep.wallet

import org.junit.jupiter.api.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** Payments over a camera and in files: nothing goes back but by another slip. */
class SlipTest {
    private val box = Sandbox(11uL)
    private val phones = listOf("Alice", "Bob", "Carol", "Dan", "Eve").map { box.phone(it) }

    init {
        box.fund("Alice", fen(10_000))
    }

    /** A slip as it comes out of a file on the other phone. */
    private fun Slip.sent() = Slip.fromBytes(bytes())

    private fun asked(payee: Wallet, amount: Amount) = payee.requestSlip(payee.request(amount, null).id)

    /** Pays, and brings back the receipt. */
    private fun pay(payer: Wallet, payee: Wallet, amount: Amount): Slip {
        val payment = payer.payRequest(asked(payee, amount).sent(), Consent.Exactly(amount)).slip
        val taken = payee.takeSlip(payment.sent())
        assertIs<HandoffOutcome.Received>(taken.outcome)
        assertIs<HandoffOutcome.Paid>(payer.takeSlip(assertNotNull(taken.answer).sent()).outcome)
        return payment
    }

    @Test
    fun `request, payment and receipt go in files`() {
        val (alice, bob) = phones
        val payment = pay(alice, bob, fen(3_745))
        assertEquals(listOf(fen(6_255), fen(3_745)), listOf(alice, bob).map { it.balance().spendable })
        assertEquals(emptyList(), alice.inDoubt())
        // Once more: the same receipt, and not more money.
        assertNotNull(bob.takeSlip(payment.sent()).answer)
        assertEquals(fen(3_745), bob.balance().spendable)
    }

    @Test
    fun `without a receipt it is in doubt, is shown again, and ends at the bank`() {
        val (alice, bob) = phones
        val payment = alice.payRequest(asked(bob, fen(3_745)), Consent.Exactly(fen(3_745)))
        assertEquals(fen(3_745), alice.balance().inDoubt)
        assertContentEquals(payment.slip.bytes(), alice.paymentSlip(payment.transfer)!!.bytes())
        alice.sync()
        bob.sync()
        assertEquals(fen(3_745), bob.balance().spendable)
        assertEquals(fen(0), alice.balance().inDoubt)
    }

    @Test
    fun `a first payment is one code, and a long history an animated one that may be read in any order`() {
        assertEquals(1u, pay(phones[0], phones[1], fen(1_000)).frameCount())
        pay(phones[1], phones[2], fen(1_000))
        pay(phones[2], phones[3], fen(1_000))
        val slip = pay(phones[3], phones[4], fen(1_000))
        assertEquals(SlipKind.PAYMENT, slip.kind())
        assertTrue(slip.frameCount() > 1u)

        // Every other frame is missed, and it begins in the middle.
        val scanner = SlipScanner()
        val seen = generateSequence(slip.frameCount() / 2u) { it + 2u }.map { scanner.scan(slip.frame(it).text) }
        var percent: UByte = 0u
        for (progress in seen) {
            assertTrue(progress.percent >= percent)
            percent = progress.percent
            assertContentEquals(slip.bytes(), (progress.slip ?: continue).bytes())
            break
        }
        assertEquals(100.toUByte(), percent)
    }

    @Test
    fun `a frame is a picture`() {
        val frame = asked(phones[1], fen(1)).frame(0u)
        assertEquals(frame.side * frame.side, frame.modules.size.toUInt())
        assertEquals(setOf<Byte>(0, 1), frame.modules.toSet())
        // A finder in its corner: seven dark ones, and then a light one.
        assertEquals(listOf<Byte>(1, 1, 1, 1, 1, 1, 1, 0), frame.modules.take(8))
    }

    @Test
    fun `what is no slip is foreign`() {
        assertFailsWith<SlipException> { SlipScanner().scan("HTTPS://EXAMPLE.ORG") }
        assertFailsWith<SlipException> { Slip.fromBytes(ByteArray(3)) }
    }

    @Test
    fun `the holder consents to an amount, and to no more`() {
        val (alice, bob) = phones
        assertIs<PayException.ConfirmOnDevice>(
            assertFailsWith<PayException> { alice.payRequest(asked(bob, fen(200)), Consent.UpTo(fen(100))) },
        )
        assertEquals(fen(0), alice.balance().inDoubt)
    }
}
