package org.dcep.wallet.android

import android.app.Activity
import android.app.Application.ActivityLifecycleCallbacks
import android.os.Bundle
import org.dcep.wallet.tap.ApduCard

/**
 * Makes the phone a card while an activity is in front, and only then: who goes to another screen holds out nothing any more.
 *
 * On the main thread, but for the commands.
 */
internal class CardInFront(private val activity: Activity, private val card: ApduCard) : ActivityLifecycleCallbacks {
    private val mode = CardMode(activity)
    private val desk = WalletApduService.desk
    private var isShown = false

    /** A reader has spoken, and is not gone. */
    private var isInTap = false
    private var endsWithTap = false

    private val shown = object : ApduCard {
        override fun process(command: ByteArray): ByteArray {
            synchronized(this@CardInFront) { isInTap = true }
            return card.process(command)
        }

        override fun deactivated() {
            card.deactivated()
            val ends = synchronized(this@CardInFront) {
                isInTap = false
                endsWithTap
            }
            if (ends) activity.runOnUiThread(::stop)
        }
    }

    fun start() {
        activity.application.registerActivityLifecycleCallbacks(this)
        try {
            show()
        } catch (_: IllegalArgumentException) {
            // Android: the activity is not in front yet. It will be told when it is.
        }
    }

    fun stop() {
        activity.application.unregisterActivityLifecycleCallbacks(this)
        hide()
    }

    /** Stops when the reader is gone, or another card takes the place of this one. */
    fun stopAfterTap() {
        val isInTap = synchronized(this) {
            endsWithTap = true
            isInTap
        }
        if (!isInTap) stop()
    }

    private fun show() {
        if (isShown) return
        mode.start()
        desk.arm(shown)
        isShown = true
    }

    private fun hide() {
        if (!isShown) return
        isShown = false
        // Where another card has taken the place of this one, the phone goes on being a card.
        if (desk.disarm(shown)) mode.stop()
    }

    override fun onActivityResumed(activity: Activity) {
        if (activity === this.activity) show()
    }

    override fun onActivityPaused(activity: Activity) {
        if (activity !== this.activity) return
        // Whoever is done, and leaves the screen with the reader still there, is not waited for.
        if (synchronized(this) { endsWithTap }) stop() else hide()
    }

    override fun onActivityCreated(activity: Activity, state: Bundle?): Unit = Unit
    override fun onActivityStarted(activity: Activity): Unit = Unit
    override fun onActivityStopped(activity: Activity): Unit = Unit
    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle): Unit = Unit
    override fun onActivityDestroyed(activity: Activity): Unit = Unit
}
