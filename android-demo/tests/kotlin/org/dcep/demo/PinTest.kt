package org.dcep.demo

import android.content.Intent
import kotlinx.coroutines.runBlocking
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.phone.Door
import org.dcep.demo.settings.LockActivity
import org.dcep.demo.settings.PinActivity
import org.dcep.demo.settings.SettingsActivity
import org.dcep.demo.start.StartActivity
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowLooper
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertFalse

/** The PIN, and the lock. */
@RunWith(RobolectricTestRunner::class)
class PinTest {
    @Before
    fun begin() {
        setUp()
    }

    private fun settings() = open<SettingsActivity>()

    private fun change(change: PinActivity.Change, old: String?, new: String?, repeated: String? = new): Shown<PinActivity> {
        val intent = Intent().setClass(app, PinActivity::class.java).putExtra("change", change.name)
        val screen = open<PinActivity>(intent)
        old?.let { screen.type(R.id.old_pin, it) }
        new?.let { screen.type(R.id.new_pin, it) }
        repeated?.let { screen.type(R.id.repeat_pin, it) }
        screen.touch(R.id.proceed)
        return screen
    }

    private fun withPin() {
        val screen = change(PinActivity.Change.SET, null, "2580")
        until("the PIN is set") { screen.activity.isFinishing }
    }

    private fun locked(): Shown<LockActivity> {
        withPin()
        val settings = settings()
        settings.touch(R.id.lock_now)
        settings.untilStarts<StartActivity>()
        return open()
    }

    private fun tryPin(screen: Shown<LockActivity>, pin: String) {
        screen.type(R.id.pin, pin)
        screen.touch(R.id.unlock)
    }

    @Test
    fun a_pin_is_set_changed_and_removed() {
        settings().untilText(R.id.pin_text, "Whoever unlocks this phone opens the wallet.")
        withPin()
        val settings = settings()
        settings.untilText(R.id.pin_text, "This wallet opens with your PIN.")
        assertFalse(settings.isShown(R.id.set_pin))
        val changed = change(PinActivity.Change.CHANGE, "2580", "13579")
        until("the PIN is changed") { changed.activity.isFinishing }
        val removed = change(PinActivity.Change.REMOVE, "13579", null)
        until("the PIN is removed") { removed.activity.isFinishing }
        assertFalse(own.hasPin())
    }

    @Test
    fun two_different_new_pins_set_none() {
        val screen = change(PinActivity.Change.SET, null, "2580", repeated = "2581")
        assertEquals("These are two different PINs", screen.error(R.id.repeat_pin))
        assertFalse(own.hasPin())
    }

    @Test
    fun a_pin_that_is_too_short_is_none() {
        change(PinActivity.Change.SET, null, "258")
        until("a sentence is shown") { dialog() == "A PIN has 4 to 64 characters: choose another one." }
        assertFalse(own.hasPin())
    }

    @Test
    fun a_locked_wallet_opens_with_its_pin() {
        val lock = locked()
        tryPin(lock, "2580")
        lock.untilStarts<HomeActivity>()
        open<HomeActivity>().untilText(R.id.spendable, "¥200.00")
    }

    @Test
    fun wrong_pins_make_it_wait_and_destroy_nothing() {
        val lock = locked()
        while (!lock.isWaiting) {
            tryPin(lock, "1111")
            lock.untilText(R.id.lock_message, "That is not the PIN: try again.")
            until("it was tried") { lock.isWaiting || lock.view(R.id.unlock).isEnabled }
        }
        assertFalse(lock.view(R.id.unlock).isEnabled)
        val seconds = (runBlocking { app.own.door() } as Door.Locked).wallet.secondsUntilTry()
        app.device.box.advance(seconds)
        // The screen looks once a second.
        ShadowLooper.idleMainLooper(1, TimeUnit.SECONDS)
        until("the next try is permitted") { lock.view(R.id.unlock).isEnabled }
        tryPin(lock, "2580")
        lock.untilStarts<HomeActivity>()
    }

    private val Shown<LockActivity>.isWaiting: Boolean get() = text(R.id.lock_wait).isNotEmpty()

    @Test
    fun a_screen_that_finds_the_wallet_locked_leads_to_the_lock() {
        locked().leave()
        open<HomeActivity>().untilStarts<LockActivity>()
    }

    @Test
    fun after_the_end_of_the_process_the_pin_is_asked_for() {
        withPin()
        own.shutDown()
        app.endProcess()
        open<StartActivity>().untilStarts<LockActivity>()
        val lock = open<LockActivity>()
        tryPin(lock, "2580")
        lock.untilStarts<HomeActivity>()
    }
}
