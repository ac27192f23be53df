package org.dcep.demo

import android.content.Intent
import android.widget.EditText
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.Handoff
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Side
import org.dcep.wallet.VaultException
import org.dcep.wallet.Wallet
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** This phone pays: it reads, and the core's own card side answers through Android's NFC. Nobody is online. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [CardInField::class])
class PayByTapTest {
    private lateinit var bob: Wallet

    @Before
    fun begin() {
        turnOnNfc()
        setUp(yuan(500))
        bob = other("Bob")
        // Aeroplane mode, from here to the end.
        app.device.box.setOffline(true)
    }

    private fun asks(amount: Amount?, name: String? = "Bob"): Handoff = bob.receive(bob.request(amount, name).id, Side.CARD)

    private fun paying(consent: Consent = Consent.Unconfirmed): Shown<TapActivity> =
        open<TapActivity>(Errand.Pay(consent).into(Intent(app, TapActivity::class.java)))
            .apply { untilText(R.id.tap_headline, "Hold to the other phone") }

    private fun assertPaid(amount: Amount) {
        assertEquals(amount, bob.balance().spendable)
        assertTrue(own.inDoubt().isEmpty())
    }

    @Test
    fun a_small_payment_is_one_tap() {
        val screen = paying()
        holdCard(asks(fen(37_45)))
        screen.untilText(R.id.tap_headline, "Paid")
        assertEquals("¥37.45", screen.text(R.id.tap_amount))
        assertEquals("to “Bob” (name not checked). The receipt is on this phone.", screen.text(R.id.tap_detail))
        assertPaid(fen(37_45))
        // What this screen has shown is news no more.
        until("it was heard") { own.nextEvent() == null }
    }

    @Test
    fun after_success_a_second_tap_pays_nothing() {
        val screen = paying()
        holdCard(asks(yuan(5)))
        screen.untilText(R.id.tap_headline, "Paid")
        val second = asks(yuan(6))
        until("nobody reads any more") { !turnOnNfc().isInReaderMode }
        screen.rotate()
        assertFalse(turnOnNfc().isInReaderMode)
        assertEquals(null, second.outcome())
        assertPaid(yuan(5))
    }

    @Test
    fun a_torn_tap_says_what_to_do_and_mends() {
        val screen = paying()
        val card = asks(fen(12_34))
        holdCard(card, apartAt = 3)
        screen.untilText(R.id.tap_headline, "Hold the phones together again")
        assertEquals(
            "The phones were taken apart too early. ¥12.34 is in doubt: neither spent nor lost. " +
                "Another tap ends that, and nothing is paid twice.",
            screen.text(R.id.tap_detail),
        )
        holdCard(card)
        screen.untilText(R.id.tap_headline, "Paid, once")
        assertPaid(fen(12_34))
    }

    @Test
    fun a_rotation_in_the_middle_changes_nothing() {
        val screen = paying()
        val card = asks(yuan(9))
        holdCard(card, apartAt = 3)
        screen.untilText(R.id.tap_headline, "Hold the phones together again")
        screen.rotate()
        screen.untilText(R.id.tap_headline, "Hold the phones together again")
        holdCard(card)
        screen.untilText(R.id.tap_headline, "Paid, once")
        screen.rotate()
        screen.untilText(R.id.tap_headline, "Paid, once")
        assertPaid(yuan(9))
    }

    @Test
    fun the_end_of_the_process_in_the_middle_leaves_a_doubt_that_mends() {
        val screen = paying()
        val request = bob.request(yuan(9), "Bob").id
        holdCard(bob.receive(request, Side.CARD), apartAt = 3)
        screen.untilText(R.id.tap_headline, "Hold the phones together again")
        val saved = screen.saveAndEnd()
        own.shutDown()
        app.endProcess()

        assertEquals(yuan(9), own.balance().inDoubt)
        val intent = Errand.Pay(Consent.Unconfirmed).into(Intent(app, TapActivity::class.java))
        val again = open<TapActivity>(intent, saved)
        again.untilText(
            R.id.tap_detail,
            "Hold your phone to the same phone again. Nothing new is paid: what is in doubt is brought to its end.",
        )
        holdCard(bob.receive(request, Side.CARD))
        again.untilText(R.id.tap_headline, "Paid, once")
        assertPaid(yuan(9))
    }

    @Test
    fun a_process_that_ended_pays_no_new_request_by_itself() {
        val saved = paying().saveAndEnd()
        val intent = Errand.Pay(Consent.Unconfirmed).into(Intent(app, TapActivity::class.java))
        val again = open<TapActivity>(intent, saved)
        again.untilText(R.id.tap_headline, "Nothing is in doubt")
        assertFalse(turnOnNfc().isInReaderMode)
    }

    @Test
    fun above_the_limit_the_name_is_shown_first() {
        val screen = paying()
        val card = asks(yuan(450), "Bob’s bicycles")
        holdCard(card)
        screen.untilText(R.id.tap_headline, "“Bob’s bicycles” (name not checked)")
        assertEquals("¥450.00", screen.text(R.id.tap_amount))
        assertEquals("Pay ¥450.00", screen.text(R.id.agree))
        screen.touch(R.id.agree)
        screen.untilText(R.id.tap_headline, "Hold to the other phone")
        holdCard(card)
        screen.untilText(R.id.tap_headline, "Paid")
        assertPaid(yuan(450))
    }

    @Test
    fun a_merchants_registered_name_is_shown_as_it_is() {
        app.device.box.setOffline(false)
        val shop = merchant("Noodle House Ltd")
        app.device.box.setOffline(true)
        val screen = paying()
        holdCard(shop.receive(shop.request(yuan(450), null).id, Side.CARD))
        screen.untilText(R.id.tap_headline, "Noodle House Ltd")
        assertEquals("¥450.00", screen.text(R.id.tap_amount))
    }

    @Test
    fun who_does_not_agree_has_paid_nothing() {
        val screen = paying()
        holdCard(asks(yuan(450)))
        screen.untilShown(R.id.decline)
        screen.touch(R.id.decline)
        assertTrue(screen.activity.isFinishing)
        assertEquals(yuan(500), own.balance().spendable)
    }

    @Test
    fun who_dismisses_the_sheet_has_paid_nothing() {
        val screen = paying()
        val card = asks(yuan(450))
        holdCard(card)
        screen.untilShown(R.id.agree)
        app.device.answer = { throw VaultException.UserCancelled() }
        screen.touch(R.id.agree)
        screen.untilText(R.id.tap_detail, "You cancelled, and nothing was signed: try again when you are ready.")
        assertEquals(yuan(500), own.balance().spendable)
    }

    @Test
    fun a_phone_without_a_lock_asks_for_the_wallets_pin() {
        own.setPin(app.device.pin("2580".toByteArray()))
        app.device.asksHolder = false
        val screen = paying()
        val card = asks(yuan(450))
        holdCard(card)
        answer(screen, "1111")
        until("it is said to be wrong") { dialog() == "That is not the PIN: try again." }
        assertEquals("“Bob” (name not checked)", screen.text(R.id.tap_headline))
        answer(screen, "2580")
        screen.untilText(R.id.tap_headline, "Hold to the other phone")
        holdCard(card)
        screen.untilText(R.id.tap_headline, "Paid")
        assertPaid(yuan(450))
    }

    /** Agrees, and types this PIN when it is asked for. */
    private fun answer(screen: Shown<TapActivity>, pin: String) {
        screen.touch(R.id.agree)
        until("the PIN is asked for") { pinField() != null }
        pinField()!!.setText(pin)
        ShadowAlertDialog.getLatestAlertDialog().yes()
    }

    private fun pinField(): EditText? = ShadowAlertDialog.getLatestAlertDialog()?.findViewById(R.id.asked_pin)

    @Test
    fun an_open_request_lets_the_payer_choose() {
        val screen = paying()
        val card = asks(null)
        holdCard(card)
        screen.untilShown(R.id.tap_pad)
        assertFalse(screen.view(R.id.agree).isEnabled)
        screen.digits(R.id.tap_pad, "825")
        assertEquals("Pay ¥8.25", screen.text(R.id.agree))
        screen.touch(R.id.agree)
        screen.untilText(R.id.tap_headline, "Hold to the other phone")
        holdCard(card)
        screen.untilText(R.id.tap_headline, "Paid")
        assertPaid(fen(8_25))
    }

    @Test
    fun what_there_is_not_is_declined_with_a_reason() {
        val screen = paying(Consent.UpTo(yuan(2_000)))
        holdCard(asks(yuan(600)))
        screen.untilText(R.id.tap_headline, "Not paid")
        assertEquals("There is not enough money to spend now: load some, or pay less.", screen.text(R.id.tap_detail))
    }

    @Test
    fun the_payer_can_be_the_card() {
        val screen = paying()
        screen.touch(R.id.swap)
        screen.untilText(R.id.swap, "Nothing happens? Let this phone do the reading")
        val reader = bob.receive(bob.request(yuan(7), null).id, Side.READER)
        assertTrue(ReaderOutside().hold(reader))
        assertIs<HandoffOutcome.Received>(reader.outcome())
        screen.untilText(R.id.tap_headline, "Paid")
        assertPaid(yuan(7))
    }

    @Test
    fun without_nfc_the_screen_says_so() {
        turnOnNfc().setEnabled(false)
        val screen = paying()
        screen.untilShown(R.id.turn_on_nfc)
        screen.touch(R.id.turn_on_nfc)
        assertEquals("android.settings.NFC_SETTINGS", screen.nextIntent()?.action)
    }
}
