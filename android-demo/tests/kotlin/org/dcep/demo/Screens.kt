package org.dcep.demo

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import kotlin.test.assertEquals
import kotlin.test.fail
import org.dcep.demo.ui.WalletScreen
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowLooper
import org.robolectric.shadows.ShadowPausedLooper

/** Long enough for anything that this machine does; a test that waits longer has failed. */
private const val PATIENCE_MILLIS = 30_000L

/** How long the main thread sleeps at most before it looks again; whatever is posted wakes it. */
private const val GLANCE_MILLIS = 100L

val app: TestApp get() = RuntimeEnvironment.getApplication() as TestApp

/** Lets the app work, on its threads and on the main thread, until something is so. */
fun until(what: String, isSo: () -> Boolean) {
    val looper = shadowOf(Looper.getMainLooper()) as ShadowPausedLooper
    val end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000
    while (true) {
        looper.idle()
        if (isSo()) return
        if (System.nanoTime() > end) fail("waited in vain until $what")
        looper.poll(GLANCE_MILLIS)
    }
}

/** A screen of the app, as a test has it in its hands. */
class Shown<A : Activity>(private val controller: ActivityController<A>) {
    val activity: A get() = controller.get()

    fun view(id: Int): View = checkNotNull(activity.findViewById(id)) { "no such view" }

    fun text(id: Int): String = (view(id) as TextView).text.toString()

    fun isShown(id: Int): Boolean = activity.findViewById<View>(id)?.isShown == true

    /** Touches what can be touched. */
    fun touch(id: Int) {
        until("${name(id)} can be touched") { isReady && isShown(id) && view(id).isEnabled }
        view(id).performClick()
        shadowOf(Looper.getMainLooper()).idle()
    }

    fun type(id: Int, text: String) = (view(id) as EditText).setText(text)

    /** Types on the number pad. */
    fun digits(pad: Int, digits: String) {
        for (digit in digits) key(view(pad) as ViewGroup, digit.toString()).performClick()
        ShadowLooper.idleMainLooper()
    }

    private fun key(pad: ViewGroup, label: String): View =
        pad.everything().first { it.isClickable && (it as? TextView)?.text.toString() == label }

    fun untilText(id: Int, text: String) {
        try {
            until("a text is there") { isShown(id) && text(id) == text }
        } catch (late: AssertionError) {
            throw AssertionError("waited in vain for “$text”; what the screen says: ${everyText()}", late)
        }
    }

    fun untilShown(id: Int) = until("${name(id)} is shown") { isShown(id) }

    private val isReady: Boolean get() = (activity as? WalletScreen)?.isReady ?: true

    private fun name(id: Int) = activity.resources.getResourceEntryName(id)

    /** The activity that this one started first of those that were not asked for yet. */
    fun nextIntent(): Intent? = shadowOf(activity).nextStartedActivity

    /** Chooses this file, when the screen has asked for one. */
    fun choose(file: Uri) = shadowOf(activity).receiveResult(nextIntent(), Activity.RESULT_OK, Intent().setData(file))

    /** Waits until this screen has led to another one; returns the way there. */
    inline fun <reified B : Activity> untilStarts(): Intent {
        var started: Intent? = null
        until("${B::class.simpleName} begins") { nextIntent()?.also { started = it } != null }
        return started!!.also { assertEquals(B::class.java.name, it.component?.className) }
    }

    private fun everyText(): List<String> =
        activity.window.decorView.everything().filter { it.isShown }.mapNotNull { (it as? TextView)?.text?.toString() }

    /** Whether any text on the screen is this. */
    fun says(text: String): Boolean = activity.window.decorView.everything().any { (it as? TextView)?.text?.toString() == text }

    fun error(id: Int): String? = (view(id) as EditText).error?.toString()

    /** Turns the phone. */
    fun rotate() = apply { controller.recreate() }

    /** Android ends the process: what is left is what the screen has saved. Returns the screen as it begins anew. */
    fun saveAndEnd(): Bundle {
        val saved = Bundle()
        controller.pause().stop().saveInstanceState(saved).destroy()
        return saved
    }

    fun leave() {
        controller.pause().stop().destroy()
    }
}

/** What the newest dialog says. */
fun dialog(): String? =
    ShadowAlertDialog.getLatestAlertDialog()?.let { shadowOf(it).message.toString() }

/** Presses what agrees. */
fun AlertDialog.yes() {
    getButton(AlertDialog.BUTTON_POSITIVE).performClick()
    ShadowLooper.idleMainLooper()
}

/** Opens a screen. */
inline fun <reified A : Activity> open(intent: Intent? = null, saved: Bundle? = null): Shown<A> {
    val start = intent?.let { Intent(it) } ?: Intent(app, A::class.java)
    val controller = Robolectric.buildActivity(A::class.java, start)
    controller.create(saved).start()
    if (saved != null) controller.restoreInstanceState(saved)
    controller.postCreate(saved).resume().visible().topActivityResumed(true)
    ShadowLooper.idleMainLooper()
    return Shown(controller)
}

fun View.everything(): List<View> = listOf(this) + children().flatMap { it.everything() }

private fun View.children(): List<View> = (this as? ViewGroup)?.let { (0 until childCount).map(::getChildAt) }.orEmpty()
