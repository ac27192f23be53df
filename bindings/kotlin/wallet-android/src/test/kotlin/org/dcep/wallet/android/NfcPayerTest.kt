package org.dcep.wallet.android

import android.app.Activity
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.yield
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.PayException
import org.dcep.wallet.Sandbox
import org.dcep.wallet.Side
import org.dcep.wallet.TapException
import org.dcep.wallet.tap.TapEnd
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** This phone pays as the reader: through Android's `IsoDep`, to a card that the core answers for. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], shadows = [ShadowCardInField::class])
class NfcPayerTest {
    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()
    private val radio = Field.adapter()
    private val box = Sandbox(3uL)
    private val alice = box.phone("Alice").also { box.fund("Alice", Amount(100_00uL)) }
    private val bob = box.phone("Bob")
    private val payer = NfcPayer(activity, alice)
    private val missed = mutableListOf<TapEnd>()
    private val amount = Amount(37_45uL)

    private fun field(asked: Amount = amount, isExtended: Boolean = true) =
        Field(bob.receive(bob.request(asked, null).id, Side.CARD), isExtended)

    /** What comes of a payment while the phones are held together in this way. */
    private fun paying(consent: Consent, meet: () -> Unit): HandoffOutcome = untilDone {
        val paying = async { payer.pay(consent, missed::add) }
        until({ radio.isInReaderMode }) { yield() }
        meet()
        paying.await().also { assertFalse(radio.isInReaderMode) }
    }

    private fun pays(isExtended: Boolean) {
        val field = field(isExtended = isExtended)
        assertEquals(NfcState.READY, payer.state)
        assertIs<HandoffOutcome.Paid>(paying(Consent.Exactly(amount)) { field.tap() })
        assertEquals(amount, bob.balance().spendable)
        assertEquals(isExtended, field.lengths.any { it > 261 })
        assertTrue(missed.isEmpty())
    }

    @Test
    fun a_payment_passes_in_extended_commands() = pays(isExtended = true)

    @Test
    fun a_payment_passes_in_short_commands() = pays(isExtended = false)

    @Test
    fun a_card_that_goes_away_in_the_middle_is_paid_when_it_comes_back() {
        val field = field()
        val outcome = paying(Consent.Exactly(amount)) {
            // Before the first command, before the payment, and before the last.
            for (apartAt in 1..3) field.tap(apartAt)
            assertEquals(listOf(TapEnd.Torn::class, TapEnd.Torn::class, TapEnd.Torn::class), missed.map { it::class })
            assertEquals(amount, alice.balance().inDoubt)
            // An extended command was the last that was heard of: it goes on in short ones.
            field.tap()
            assertTrue(field.lengths.all { it <= 261 })
        }
        assertIs<HandoffOutcome.Paid>(outcome)
        assertEquals(listOf(Amount(62_55uL), amount), listOf(alice, bob).map { it.balance().spendable })
        assertTrue(alice.inDoubt().isEmpty())
    }

    @Test
    fun a_card_that_is_no_wallet_is_told_and_the_next_may_come() {
        val stranger = Field(alice.receive(alice.request(amount, null).id, Side.READER))
        val outcome = paying(Consent.Exactly(amount)) {
            stranger.tap()
            assertIs<TapException>(assertIs<TapEnd.Refused>(missed.single()).cause)
            field().tap()
        }
        assertIs<HandoffOutcome.Paid>(outcome)
    }

    @Test
    fun above_the_consent_the_holder_confirms_and_taps_again() {
        val field = field(Amount(2_00uL))
        val declined = assertIs<HandoffOutcome.Declined>(paying(Consent.UpTo(Amount(1_00uL))) { field.tap() })
        assertIs<PayException.ConfirmOnDevice>(declined.error)
        val request = declined.request!!
        assertIs<HandoffOutcome.Paid>(paying(Consent.To(request.id, request.amount!!)) { field.tap() })
        assertEquals(Amount(2_00uL), bob.balance().spendable)
    }

    @Test
    fun what_is_cancelled_reads_no_more_and_is_resumed_later() = untilDone {
        val field = field()
        val paying = async(start = CoroutineStart.UNDISPATCHED) { payer.pay(Consent.Exactly(amount), missed::add) }
        until({ radio.isInReaderMode }) { yield() }
        field.tap(apartAt = 3)
        paying.cancelAndJoin()
        assertFalse(radio.isInReaderMode)
        assertEquals(amount, alice.balance().inDoubt)

        val resuming = async { payer.resume(missed::add) }
        until({ radio.isInReaderMode }) { yield() }
        field.tap()
        assertTrue(assertIs<HandoffOutcome.Paid>(resuming.await()).mended)
        assertEquals(amount, bob.balance().spendable)
    }
}
