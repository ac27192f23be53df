package org.dcep.demo

import android.view.View
import android.widget.CheckBox
import android.widget.SeekBar
import android.widget.Switch
import org.dcep.demo.alone.AloneActivity
import org.dcep.demo.alone.CodesActivity
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.ui.text
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Two phones on one screen. */
@RunWith(RobolectricTestRunner::class)
class AloneTest {
    private fun alone(): Shown<AloneActivity> = open<AloneActivity>().apply {
        until("both phones are there") { balances() == listOf("¥200.00", "¥200.00") }
    }

    private fun Shown<AloneActivity>.phones(): List<View> = listOf(view(R.id.alice), view(R.id.bob))

    private fun Shown<AloneActivity>.balances(): List<String> = phones().map { it.text(R.id.phone_balance).text.toString() }

    private fun Shown<AloneActivity>.slide(bytes: Int) {
        (view(R.id.tear) as SeekBar).progress = bytes
    }

    private fun Shown<AloneActivity>.hold(headline: String) {
        touch(R.id.hold)
        untilText(R.id.alone_headline, headline)
        until("it is over") { view(R.id.hold).isEnabled }
    }

    @Test
    fun a_payment_between_two_phones() {
        val alone = alone()
        alone.hold("Paid")
        assertEquals(listOf("¥162.55", "¥237.45"), alone.balances())
        assertEquals("¥37.45 received from somebody.", alone.phones()[1].text(R.id.phone_news).text.toString())
    }

    @Test
    fun the_slider_tears_it_and_holding_again_mends_it() {
        val alone = alone()
        alone.slide(660)
        assertEquals("The phones slip apart after 660 bytes", alone.text(R.id.tear_label))
        alone.hold("Hold the phones together again")
        assertTrue(alone.text(R.id.alone_result).startsWith("The phones were taken apart too early. ¥37.45 is in doubt"))
        assertEquals("¥37.45 in doubt", alone.phones()[0].text(R.id.phone_doubt).text.toString())
        alone.rotate()
        alone.slide(1_000)
        alone.hold("Paid, once")
        until("both know") { alone.balances() == listOf("¥162.55", "¥237.45") }
    }

    @Test
    fun apps_that_are_killed_in_the_middle_mend_it_too() {
        val alone = alone()
        alone.slide(660)
        alone.hold("Hold the phones together again")
        for ((phone, name) in alone.phones() zip listOf("Alice", "Bob")) {
            phone.findViewById<View>(R.id.restart)!!.performClick()
            alone.untilText(R.id.alone_headline, "The app on $name’s phone was killed and started again. Everything it had is still there.")
            until("it is done") { phone.findViewById<View>(R.id.restart)!!.isEnabled }
        }
        alone.slide(1_000)
        alone.hold("Paid, once")
        assertEquals(listOf("¥162.55", "¥237.45"), alone.balances())
    }

    @Test
    fun either_pays_either_reads_in_short_frames_too() {
        val alone = alone()
        alone.touch(R.id.swap_roles)
        until("Bob pays") { alone.text(R.id.who_pays) == "Bob pays Alice" }
        (alone.view(R.id.payee_reads) as CheckBox).isChecked = true
        (alone.view(R.id.short_frames) as CheckBox).isChecked = true
        alone.type(R.id.alone_amount, "0.01")
        alone.hold("Paid")
        assertEquals(listOf("¥200.01", "¥199.99"), alone.balances())
    }

    @Test
    fun offline_a_doubt_stays_and_online_it_ends() {
        val alone = alone()
        (alone.view(R.id.offline) as Switch).isChecked = true
        alone.slide(660)
        alone.hold("Hold the phones together again")
        alone.touch(R.id.sync_both)
        until("a sentence is shown") { dialog()?.startsWith("The bank cannot be reached") == true }
        (alone.view(R.id.offline) as Switch).isChecked = false
        until("the bank is back") { app.town?.isOffline == false }
        alone.touch(R.id.sync_both)
        alone.untilText(R.id.alone_headline, "Both phones have settled with the bank.")
        until("both know") { alone.balances() == listOf("¥162.55", "¥237.45") }
    }

    @Test
    fun an_amount_that_is_none_moves_nothing() {
        val alone = alone()
        alone.type(R.id.alone_amount, "37.4")
        alone.touch(R.id.hold)
        until("a sentence is shown") { dialog() != null }
        assertEquals(listOf("¥200.00", "¥200.00"), alone.balances())
    }

    @Test
    fun codes_do_what_a_tap_does() {
        val alone = alone()
        alone.touch(R.id.codes)
        alone.untilStarts<CodesActivity>()
        val codes = open<CodesActivity>()
        for (headline in listOf("Bob shows what it asks", "Alice shows the payment", "Bob shows the receipt")) {
            codes.untilText(R.id.codes_headline, headline)
            codes.rotate()
            codes.touch(R.id.read)
        }
        codes.untilText(R.id.codes_headline, "Alice has read the receipt: the payment is done.")
        codes.leave()
        val after = open<AloneActivity>()
        until("both know") { after.balances() == listOf("¥162.55", "¥237.45") }
    }

    @Test
    fun one_can_look_inside_a_phone() {
        val alone = alone()
        alone.phones()[1].findViewById<View>(R.id.look_inside)!!.performClick()
        alone.untilStarts<HomeActivity>()
        open<HomeActivity>().untilText(R.id.spendable, "¥200.00")
    }
}
