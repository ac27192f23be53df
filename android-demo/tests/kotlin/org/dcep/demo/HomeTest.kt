package org.dcep.demo

import android.view.View
import android.view.ViewGroup
import android.widget.ProgressBar
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.dcep.demo.bank.BankActivity
import org.dcep.demo.bank.MoveActivity
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.limits.LimitsActivity
import org.dcep.demo.pay.PayActivity
import org.dcep.demo.receive.ReceiveActivity
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.demo.ui.text
import org.dcep.wallet.Consent
import org.dcep.wallet.Limit
import org.dcep.wallet.Quantity
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowAlertDialog

/** The home screen, and the screens one touch away. */
@RunWith(RobolectricTestRunner::class)
class HomeTest {
    private fun home(spendable: String): Shown<HomeActivity> =
        open<HomeActivity>().apply { untilText(R.id.spendable, spendable) }

    @Test
    fun the_balance_at_a_glance() {
        setUp(yuan(200))
        paidBy(other("Alice", yuan(50)), fen(12_34))
        val home = home("¥212.34")
        assertEquals("Of this, ¥12.34 was received offline, and the bank does not know of it yet.", home.text(R.id.unsettled))
        assertFalse(home.isShown(R.id.doubt_card))
        assertFalse(home.isShown(R.id.bank_only_card))
    }

    @Test
    fun what_is_in_doubt_and_what_ends_it() {
        setUp(yuan(200))
        assertFalse(pay(other("Bob"), fen(12_00), tearAfter = 660u))
        val home = open<HomeActivity>()
        home.untilShown(R.id.doubt_card)
        val doubt = (home.view(R.id.doubts) as ViewGroup).getChildAt(0)
        assertTrue(doubt.text(R.id.doubt_what).text.startsWith("¥12.00 to “Bob” (name not checked), signed "))
        assertEquals(
            "Hold the phones together again, or connect to the bank. Nothing is paid twice.",
            doubt.text(R.id.doubt_end).text.toString(),
        )
        home.touch(R.id.mend)
        assertEquals(Errand.Resume, Errand.of(home.untilStarts<TapActivity>()))
    }

    @Test
    fun an_old_copy_of_the_files_is_told_so_and_keeps_what_the_bank_pays() {
        setUp(yuan(200))
        own.shutDown()
        val file = app.noBackupFilesDir.resolve("wallet")
        val copy = file.readBytes()
        app.endProcess()
        assertTrue(pay(other("Bob"), yuan(20)))
        own.shutDown()
        file.writeBytes(copy)
        app.endProcess()

        val home = open<HomeActivity>()
        home.untilShown(R.id.bank_only_card)
        assertEquals("¥200.00 can only go to the bank", home.text(R.id.bank_only))
        assertEquals("¥200.00: its key is retired; the bank pays it out in time", home.text(R.id.bank_only_why))
        until("it is told") { home.text(R.id.news).startsWith("This is an old copy of the wallet.") }
    }

    @Test
    fun old_news_from_the_bank_are_told() {
        setUp(yuan(200))
        val tooOld = own.freshness().tooOldAfterDays!!.toInt()
        app.device.box.advance((tooOld.toULong() + 1u) * 86_400u)
        open<HomeActivity>().untilText(
            R.id.age,
            "${tooOld + 1} days without news from the bank: connect before you pay or are paid.",
        )
    }

    @Test
    fun news_come_until_they_are_heard() {
        setUp(yuan(200))
        paidBy(other("Alice", yuan(50)), yuan(3))
        val first = home("¥203.00")
        first.untilText(R.id.news, "¥3.00 received from somebody.")
        first.leave()
        val again = home("¥203.00")
        again.untilText(R.id.news, "¥3.00 received from somebody.")
        again.touch(R.id.heard)
        until("it was heard") { !again.isShown(R.id.news_card) }
        assertEquals(null, own.nextEvent())
    }

    @Test
    fun paying_begins_with_a_tap_or_with_an_amount_agreed_to() {
        setUp()
        val pay = open<PayActivity>()
        pay.untilShown(R.id.largest)
        pay.digits(R.id.amount, "2500")
        assertEquals("Agree to pay up to ¥25.00", pay.text(R.id.hold))
        pay.touch(R.id.hold)
        assertEquals(Errand.Pay(Consent.UpTo(yuan(25))), Errand.of(pay.untilStarts<TapActivity>()))
    }

    @Test
    fun the_ways_from_here() {
        setUp()
        val home = home("¥200.00")
        home.touch(R.id.pay)
        home.untilStarts<PayActivity>()
        home.touch(R.id.receive)
        home.untilStarts<ReceiveActivity>()
        home.touch(R.id.limits)
        home.untilStarts<LimitsActivity>()
        home.touch(R.id.bank)
        home.untilStarts<BankActivity>()
    }

    @Test
    fun limits_are_sentences_and_bars() {
        setUp()
        pay(other("Bob"), yuan(20))
        val limits = open<LimitsActivity>()
        until("the limits are there") { (limits.view(R.id.limits) as ViewGroup).childCount > 0 }
        val shown = (limits.view(R.id.limits) as ViewGroup).let { all -> (0 until all.childCount).map(all::getChildAt) }
        val sentences = shown.map { it.text(R.id.limit_left).text.toString() }
        val left = own.limits().limits.first { it.limit == Limit.OFFLINE_TOTAL }
        val money = (left.left as Quantity.Money).amount
        assertEquals("You can pay ¥$money more offline before you connect.", sentences.first())
        // The policy of these phones sets no bound to how many payments there may be.
        assertEquals(own.limits().limits.filter { it.limit != Limit.OFFLINE_PAYMENTS }.size, sentences.toSet().size)
        val bar = shown.first().findViewById<ProgressBar>(R.id.limit_bar)!!
        assertTrue(bar.visibility == View.VISIBLE && bar.progress in 1 until bar.max)
    }

    @Test
    fun the_bank_settles_a_doubt() {
        setUp(yuan(200))
        val bob = other("Bob")
        assertFalse(pay(bob, yuan(12), tearAfter = 660u))
        val bank = open<BankActivity>()
        bank.untilText(R.id.on_account, "¥0.00")
        bank.touch(R.id.sync)
        until("the doubt has ended") { "1 doubt has ended." in bank.text(R.id.sync_report) }
        assertTrue(own.inDoubt().isEmpty())
        bob.sync()
        assertEquals(yuan(12), bob.balance().spendable)
    }

    @Test
    fun offline_the_bank_screen_says_so_and_loses_nothing() {
        setUp(yuan(200))
        app.device.box.setOffline(true)
        val bank = open<BankActivity>()
        bank.untilText(R.id.on_account, "Not known while offline")
        bank.touch(R.id.sync)
        until("a sentence is shown") { dialog() == "The bank cannot be reached: check the network, and try again later; nothing is lost." }
        assertEquals("¥200.00", bank.text(R.id.on_phone))
    }

    @Test
    fun money_moves_between_account_and_phone() {
        setUp(cash = null)
        app.device.box.payIn(own.account(), yuan(100))
        val bank = open<BankActivity>()
        bank.untilText(R.id.on_account, "¥100.00")
        bank.touch(R.id.load)
        val load = open<MoveActivity>(bank.untilStarts<MoveActivity>())
        load.digits(R.id.amount, "6000")
        load.touch(R.id.proceed)
        until("it is loaded") { load.activity.isFinishing }
        assertEquals(yuan(60), own.balance().spendable)

        bank.touch(R.id.deposit)
        val deposit = open<MoveActivity>(bank.untilStarts<MoveActivity>())
        deposit.touch(R.id.everything)
        until("it is deposited") { deposit.activity.isFinishing }
        assertEquals(yuan(0), own.balance().spendable)
        open<BankActivity>().untilText(R.id.on_account, "¥100.00")
    }

    @Test
    fun what_the_account_has_not_cannot_be_loaded() {
        setUp(cash = null)
        val bank = open<BankActivity>()
        bank.touch(R.id.load)
        val load = open<MoveActivity>(bank.untilStarts<MoveActivity>())
        load.digits(R.id.amount, "100")
        load.touch(R.id.proceed)
        until("a sentence is shown") { dialog() == "There is not enough money on the account: choose a smaller amount." }
    }

    @Test
    fun other_phones_are_declared_lost_after_a_question() {
        setUp()
        val bank = open<BankActivity>()
        bank.touch(R.id.freeze)
        assertTrue(dialog()!!.startsWith("Declare every other phone of this account lost?"))
        ShadowAlertDialog.getLatestAlertDialog().yes()
        until("it is said") { dialog()!!.startsWith("Your other phones are declared lost.") }
    }
}
