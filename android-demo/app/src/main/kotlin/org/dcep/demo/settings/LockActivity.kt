package org.dcep.demo.settings

import android.os.Bundle
import android.view.WindowManager
import android.widget.EditText
import android.widget.TextView
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import org.dcep.demo.R
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.phone.Door
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.sentence
import org.dcep.wallet.LockedWallet
import org.dcep.wallet.secondsUntilTryAwait

private const val SECOND = 1_000L

/** The wallet waits for its PIN. Wrong ones slow down; nothing is ever destroyed. */
class LockActivity : Screen() {
    private var waitingOut: Job? = null

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        setContentView(R.layout.lock)
        actionBar?.setDisplayHomeAsUpEnabled(false)
        find<TextView>(R.id.pin_label).labelFor = R.id.pin
        onTouch(R.id.unlock) { unlock() }
    }

    override fun onResume() {
        super.onResume()
        waitOut()
    }

    private suspend fun locked(): LockedWallet? = (app.phone.door() as? Door.Locked)?.wallet

    private fun unlock() {
        val field = find<EditText>(R.id.pin)
        val typed = field.text.toString().toByteArray()
        field.text.clear()
        text(R.id.unlock).isEnabled = false
        work(failed = { why ->
            text(R.id.lock_message).orGone(sentence(why))
            waitOut()
        }) {
            locked()?.let { app.phone.unlock(it, app.device.pin(typed)) }
            // Back to whatever the lock stood before.
            if (isTaskRoot) goForGood(HomeActivity::class) else finish()
        }
    }

    /** As long as the wallet wants no PIN, says for how many seconds. */
    private fun waitOut() {
        waitingOut?.cancel()
        waitingOut = work {
            while (true) {
                val seconds = locked()?.secondsUntilTryAwait() ?: 0uL
                text(R.id.unlock).isEnabled = seconds == 0uL
                if (seconds == 0uL) break
                text(R.id.lock_wait).orGone(resources.getQuantityString(R.plurals.wait, seconds.toInt(), seconds.toInt()))
                delay(SECOND)
            }
            text(R.id.lock_wait).orGone(null)
        }
    }
}
