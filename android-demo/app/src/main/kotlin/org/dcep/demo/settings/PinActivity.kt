package org.dcep.demo.settings

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.EditText
import android.widget.TextView
import org.dcep.demo.R
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.shownIf
import org.dcep.wallet.Pin
import org.dcep.wallet.changePinAwait
import org.dcep.wallet.removePinAwait
import org.dcep.wallet.setPinAwait

/** Sets, changes or removes the PIN. */
class PinActivity : WalletScreen() {
    enum class Change(val title: Int, val asksOld: Boolean, val asksNew: Boolean) {
        SET(R.string.set_pin, asksOld = false, asksNew = true),
        CHANGE(R.string.change_pin, asksOld = true, asksNew = true),
        REMOVE(R.string.remove_pin, asksOld = true, asksNew = false),
    }

    private val change: Change get() = Change.entries.first { it.name == intent.getStringExtra(CHANGE) }

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        setContentView(R.layout.pin)
        setTitle(change.title)
        field(R.id.old_pin_label, R.id.old_pin, change.asksOld)
        field(R.id.new_pin_label, R.id.new_pin, change.asksNew)
        field(R.id.repeat_pin_label, R.id.repeat_pin, change.asksNew)
        text(R.id.proceed).setText(change.title)
        onTouch(R.id.proceed) { button ->
            if (typed(R.id.new_pin) != typed(R.id.repeat_pin)) {
                find<EditText>(R.id.repeat_pin).error = getString(R.string.pins_differ)
            } else {
                workOn(button) { make() }
            }
        }
    }

    private fun field(label: Int, field: Int, isAsked: Boolean) {
        find<TextView>(label).apply {
            labelFor = field
            shownIf(isAsked)
        }
        find<View>(field).shownIf(isAsked)
    }

    override suspend fun refresh() = Unit

    private suspend fun make() {
        when (change) {
            Change.SET -> pin(R.id.new_pin).use { wallet.setPinAwait(it) }
            Change.CHANGE -> pin(R.id.old_pin).use { old -> pin(R.id.new_pin).use { wallet.changePinAwait(old, it) } }
            Change.REMOVE -> pin(R.id.old_pin).use { wallet.removePinAwait(it) }
        }
        finish()
    }

    private fun pin(field: Int): Pin = app.device.pin(typed(field).toByteArray())

    private fun typed(field: Int): String = find<EditText>(field).text.toString()

    companion object {
        private const val CHANGE = "change"

        fun start(from: Activity, change: Change) =
            from.startActivity(Intent(from, PinActivity::class.java).putExtra(CHANGE, change.name))
    }
}
