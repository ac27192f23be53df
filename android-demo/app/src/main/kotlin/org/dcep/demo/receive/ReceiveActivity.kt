package org.dcep.demo.receive

import android.os.Bundle
import android.widget.EditText
import android.widget.TextView
import org.dcep.demo.R
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.demo.ui.AmountPad
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.yuan
import org.dcep.wallet.requestAwait

/** How much is asked, and in whose name; then the phone is held up. */
class ReceiveActivity : WalletScreen() {
    private lateinit var pad: AmountPad

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.receive)
        pad = find(R.id.amount)
        find<TextView>(R.id.my_name_label).labelFor = R.id.my_name
        pad.onChange = ::showWhatIsAsked
        onTouch(R.id.proceed) { button -> workOn(button) { ask() } }
        showWhatIsAsked()
    }

    private fun showWhatIsAsked() {
        val amount = pad.amount
        text(R.id.proceed).text =
            if (amount == null) getString(R.string.ask_open) else getString(R.string.ask_for, yuan(amount))
    }

    override suspend fun refresh() = Unit

    private suspend fun ask() {
        val name = find<EditText>(R.id.my_name).text.trim().toString().ifEmpty { null }
        val request = wallet.requestAwait(pad.amount, name)
        TapActivity.start(this, Errand.Receive(request.id))
        finish()
    }
}
