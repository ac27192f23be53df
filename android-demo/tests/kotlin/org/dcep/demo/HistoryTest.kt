package org.dcep.demo

import android.content.Intent
import android.net.Uri
import android.view.ViewGroup
import android.widget.Spinner
import org.dcep.demo.history.EntryActivity
import org.dcep.demo.history.HistoryActivity
import org.dcep.demo.history.RefundActivity
import org.dcep.demo.history.Shown as Filter
import org.dcep.demo.slip.ShowSlipActivity
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.demo.ui.text
import org.dcep.wallet.HistoryQuery
import org.dcep.wallet.Side
import org.dcep.wallet.verifyReceipt
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.io.ByteArrayOutputStream
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** The history: found, looked into, proven, and given back. */
@RunWith(RobolectricTestRunner::class)
@Config(shadows = [CardInField::class])
class HistoryTest {
    private val Shown<HistoryActivity>.lines: List<String>
        get() = (view(R.id.lines) as ViewGroup).let { lines ->
            (0 until lines.childCount).map(lines::getChildAt).map {
                "${it.text(R.id.line_what).text} ${it.text(R.id.line_amount).text}"
            }
        }

    private fun Shown<HistoryActivity>.show(filter: Filter) = (view(R.id.shown) as Spinner).setSelection(filter.ordinal)

    private fun entry(transfer: String): Shown<EntryActivity> =
        open<EntryActivity>(Intent().setClass(app, EntryActivity::class.java).putExtra("transfer", transfer))

    private fun paidTransfer(): String = own.history(HistoryQuery()).entries.first().transfer!!

    @Test
    fun everything_or_what_is_looked_for() {
        setUp(yuan(100))
        pay(other("Bob"), yuan(5))
        paidBy(other("Alice", yuan(50)), yuan(7))
        pay(other("Bob"), yuan(6), tearAfter = 660u)
        val history = open<HistoryActivity>()
        val all = listOf(
            "Paid · “Bob” (name not checked) ¥6.00",
            "Received · somebody ¥7.00",
            "Paid · “Bob” (name not checked) ¥5.00",
            "Loaded from the account ¥100.00",
        )
        until("all lines are there") { history.lines == all }
        history.show(Filter.RECEIVED)
        until("only what came in is there") { history.lines == listOf(all[1]) }
        history.show(Filter.IN_DOUBT)
        until("only what is in doubt is there") { history.lines == listOf(all[0]) }
        history.show(Filter.DEPOSITED)
        history.untilShown(R.id.nothing)
        history.show(Filter.ALL)
        history.type(R.id.name, "bob")
        until("only Bob is there") { history.lines == listOf(all[0], all[2]) }
    }

    @Test
    fun a_long_history_comes_in_pages() {
        setUp(yuan(100))
        val bob = other("Bob")
        repeat(21) { pay(bob, fen(1 + it)) }
        val history = open<HistoryActivity>()
        until("a page is there") { history.lines.size == 20 }
        history.touch(R.id.more)
        until("the rest is there") { history.lines.size == 22 && !history.isShown(R.id.more) }
    }

    @Test
    fun a_receipt_is_saved_and_proves_the_payment() {
        setUp(yuan(100))
        pay(other("Bob"), yuan(5))
        val entry = entry(paidTransfer())
        entry.untilText(R.id.entry_amount, "¥5.00")
        assertEquals("Done: both sides know, or the bank does.", entry.text(R.id.entry_state))
        entry.touch(R.id.save_receipt)
        val file = ByteArrayOutputStream()
        val address = Uri.parse("content://files/receipt")
        shadowOf(app.contentResolver).registerOutputStream(address, file)
        entry.choose(address)
        until("it is saved") { dialog()?.startsWith("The receipt is saved.") == true }
        assertEquals(yuan(5), verifyReceipt(file.toByteArray(), app.device.box.root()).amount)
    }

    @Test
    fun a_payment_in_doubt_can_be_held_or_shown_again() {
        setUp(yuan(100))
        assertFalse(pay(other("Bob"), yuan(5), tearAfter = 660u))
        val entry = entry(paidTransfer())
        entry.untilShown(R.id.mend)
        assertFalse(entry.isShown(R.id.save_receipt))
        entry.touch(R.id.mend)
        assertEquals(Errand.Resume, Errand.of(entry.untilStarts<TapActivity>()))
        entry.touch(R.id.show_code)
        entry.untilStarts<ShowSlipActivity>()
    }

    @Test
    fun who_was_paid_gives_a_part_back_in_a_tap() {
        turnOnNfc()
        setUp(cash = null)
        val alice = other("Alice", yuan(50))
        val transfer = paidBy(alice, yuan(20))
        val entry = entry(transfer)
        entry.touch(R.id.refund)
        val refund = open<RefundActivity>(entry.untilStarts<RefundActivity>())
        refund.untilText(R.id.at_most, "At most ¥20.00 of this payment can be given back.")
        refund.digits(R.id.amount, "750")
        refund.touch(R.id.proceed)
        val tap = open<TapActivity>(refund.untilStarts<TapActivity>())
        tap.untilText(R.id.tap_headline, "Hold to the other phone")
        holdCard(alice.awaitRefund(transfer, Side.CARD))
        tap.untilText(R.id.tap_headline, "Given back")
        assertEquals(fen(37_50), alice.balance().spendable)
        val after = entry(transfer)
        after.untilText(R.id.entry_refunded, "¥7.50 given back")
    }

    @Test
    fun more_than_was_paid_is_not_given_back() {
        setUp(cash = null)
        val transfer = paidBy(other("Alice", yuan(50)), yuan(20))
        val refund = open<RefundActivity>(Intent().setClass(app, RefundActivity::class.java).putExtra("paid", transfer))
        refund.digits(R.id.amount, "2001")
        refund.touch(R.id.proceed)
        until("a sentence is shown") { dialog() == "This is more than is left of the payment to give back: choose a smaller amount." }
        assertEquals(yuan(20), own.balance().spendable)
    }

    @Test
    fun who_paid_takes_a_refund_in_a_tap() {
        turnOnNfc()
        setUp(yuan(100))
        val bob = other("Bob")
        pay(bob, yuan(20))
        val paid = paidTransfer()
        bob.refund(paid, yuan(20))
        val entry = entry(paid)
        entry.touch(R.id.take_refund)
        val tap = open<TapActivity>(entry.untilStarts<TapActivity>())
        tap.untilText(R.id.tap_headline, "Hold up your phone")
        assertTrue(ReaderOutside().hold(bob.resume(Side.READER)))
        tap.untilText(R.id.tap_headline, "Given back")
        assertEquals(yuan(100), own.balance().spendable)
    }
}
