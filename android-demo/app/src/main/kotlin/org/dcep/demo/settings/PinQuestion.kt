package org.dcep.demo.settings

import android.app.AlertDialog
import android.widget.EditText
import org.dcep.demo.R
import org.dcep.demo.ui.WalletScreen
import org.dcep.wallet.checkPinAwait
import org.dcep.wallet.hasPinAwait

/**
 * Before a payment that its holder has to agree to: asks for the wallet's PIN, where the phone itself has no lock that could ask
 * for a finger, a face or a code. Goes on if it is right, or if nobody asks.
 */
fun WalletScreen.afterPin(then: () -> Unit) {
    work {
        if (app.device.asksHolder || !wallet.hasPinAwait()) then() else askForPin(then)
    }
}

private fun WalletScreen.askForPin(then: () -> Unit) {
    val field = layoutInflater.inflate(R.layout.ask_pin, null) as EditText
    AlertDialog.Builder(this)
        .setTitle(R.string.pin)
        .setView(field)
        .setPositiveButton(R.string.agree) { _, _ ->
            work {
                app.device.pin(field.text.toString().toByteArray()).use { wallet.checkPinAwait(it) }
                then()
            }
        }
        .setNegativeButton(R.string.cancel, null)
        .show()
}
