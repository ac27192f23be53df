package org.dcep.demo

import org.dcep.demo.receive.ReceiveActivity
import org.dcep.demo.tap.TapActivity
import org.dcep.wallet.Consent
import org.dcep.wallet.FrameSize
import org.dcep.wallet.Handoff
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Side
import org.dcep.wallet.Wallet
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** This phone is paid: it is the card, and a reader that the core speaks for holds to it, through Android's card service. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [CardInField::class])
class ReceiveByTapTest {
    private lateinit var alice: Wallet

    @Before
    fun begin() {
        turnOnNfc()
        setUp(cash = null)
        alice = other("Alice", yuan(300))
        // Aeroplane mode, from here to the end.
        app.device.box.setOffline(true)
    }

    private fun payer(amount: Int = 12_00): Handoff = alice.pay(Consent.UpTo(fen(amount)), Side.READER)

    /** Types an amount and a name, and holds the phone up. */
    private fun receiving(digits: String = "1200"): Shown<TapActivity> {
        val ask = open<ReceiveActivity>()
        ask.digits(R.id.amount, digits)
        ask.type(R.id.my_name, "Carol")
        ask.touch(R.id.proceed)
        var held: Shown<TapActivity>? = null
        until("the next screen begins") { ask.nextIntent()?.also { held = open(it) } != null }
        return held!!.apply { untilText(R.id.tap_headline, "Hold up your phone") }
    }

    @Test
    fun an_amount_is_typed_fen_by_fen() {
        val ask = open<ReceiveActivity>()
        assertEquals("Receive any amount", ask.text(R.id.proceed))
        ask.digits(R.id.amount, "3745")
        assertEquals("Ask for ¥37.45", ask.text(R.id.proceed))
        ask.view(R.id.pad_back).performClick()
        assertEquals("Ask for ¥3.74", ask.text(R.id.proceed))
        ask.rotate()
        assertEquals("Ask for ¥3.74", ask.text(R.id.proceed))
    }

    @Test
    fun a_payment_comes_in() {
        val screen = receiving()
        val paying = payer()
        assertTrue(ReaderOutside().hold(paying))
        screen.untilText(R.id.tap_headline, "Received")
        assertEquals("¥12.00", screen.text(R.id.tap_amount))
        assertEquals(yuan(12), own.balance().spendable)
        assertIs<HandoffOutcome.Paid>(paying.outcome())
    }

    @Test
    fun a_lost_receipt_is_given_once_more() {
        val screen = receiving()
        val paying = payer()
        // Who was paid knows, who paid does not.
        val reader = ReaderOutside()
        assertFalse(reader.hold(paying, apartAt = 3))
        assertEquals(yuan(12), alice.balance().inDoubt)
        screen.untilText(R.id.tap_headline, "Received")
        screen.touch(R.id.repeat)
        screen.untilText(R.id.tap_headline, "Hold up your phone")
        assertTrue(reader.hold(paying))
        screen.untilText(R.id.tap_detail, "It came in before, and nothing more came in now. The other phone can have its receipt again.")
        assertIs<HandoffOutcome.Paid>(paying.outcome())
        assertEquals(yuan(12), own.balance().spendable)
    }

    @Test
    fun a_torn_tap_goes_on_in_the_next() {
        val screen = receiving()
        val paying = payer()
        val reader = ReaderOutside()
        assertFalse(reader.hold(paying, apartAt = 2))
        screen.untilText(R.id.tap_headline, "Hold the phones together again")
        screen.rotate()
        assertTrue(reader.hold(paying))
        screen.untilText(R.id.tap_headline, "Received")
        assertEquals(yuan(12), own.balance().spendable)
    }

    @Test
    fun the_payee_can_be_the_reader() {
        val screen = receiving()
        screen.touch(R.id.swap)
        screen.untilText(R.id.swap, "Nothing happens? Let the other phone do the reading")
        holdCard(alice.pay(Consent.UpTo(yuan(12)), Side.CARD))
        screen.untilText(R.id.tap_headline, "Received")
        assertEquals(yuan(12), own.balance().spendable)
    }

    @Test
    fun a_screen_that_is_left_answers_nobody() {
        receiving().leave()
        val select = payer().beginTap(FrameSize.SHORT)
        assertEquals(listOf(0x6a, 0x82), ReaderOutside().transmit(select).map { it.toInt() and 0xff })
    }
}
