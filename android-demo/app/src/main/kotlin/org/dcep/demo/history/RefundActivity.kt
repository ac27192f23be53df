package org.dcep.demo.history

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import org.dcep.demo.R
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.demo.ui.AmountPad
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.refundAwait
import org.dcep.wallet.refundableAwait

/** Gives back a payment or a part of it: it is signed here, and brought to the payer in a tap. */
class RefundActivity : WalletScreen() {
    private lateinit var pad: AmountPad
    private val paid: String get() = intent.getStringExtra(PAID).orEmpty()

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.refund)
        pad = find(R.id.amount)
        pad.onChange = ::showAmount
        onTouch(R.id.proceed) { button -> pad.amount?.let { amount -> workOn(button) { refund(amount) } } }
        showAmount()
    }

    override suspend fun refresh() {
        text(R.id.at_most).text = getString(R.string.refund_at_most, yuan(wallet.refundableAwait(paid)))
    }

    private fun showAmount() {
        text(R.id.proceed).isEnabled = pad.amount != null
        text(R.id.proceed).text = pad.amount?.let { getString(R.string.refund_amount, yuan(it)) } ?: getString(R.string.refund)
    }

    private suspend fun refund(amount: Amount) {
        wallet.refundAwait(paid, amount)
        TapActivity.start(this, Errand.Resume)
        finish()
    }

    companion object {
        private const val PAID = "paid"

        fun start(from: Activity, paid: String) =
            from.startActivity(Intent(from, RefundActivity::class.java).putExtra(PAID, paid))
    }
}
