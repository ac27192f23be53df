package org.dcep.demo.pay

import android.os.Bundle
import org.dcep.demo.R
import org.dcep.demo.settings.afterPin
import org.dcep.demo.slip.ScanActivity
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.demo.ui.AmountPad
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Consent
import org.dcep.wallet.balanceAwait

/** How to pay: by holding the phones together, with an amount agreed to before or without; or by a code. */
class PayActivity : WalletScreen() {
    private lateinit var pad: AmountPad

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.pay)
        pad = find(R.id.amount)
        pad.onChange = ::showConsent
        onTouch(R.id.hold) { if (pad.amount == null) pay() else afterPin(::pay) }
        onTouch(R.id.scan) { go(ScanActivity::class) }
        showConsent()
    }

    override suspend fun refresh() {
        text(R.id.largest).text = getString(R.string.largest_payment, yuan(wallet.balanceAwait().largestPayment))
    }

    /** What was typed is agreed to beforehand; without it the other phone asks, and the policy says how far that goes. */
    private val consent: Consent get() = pad.amount?.let(Consent::UpTo) ?: Consent.Unconfirmed

    private fun pay() {
        TapActivity.start(this, Errand.Pay(consent))
        finish()
    }

    private fun showConsent() {
        val amount = pad.amount
        text(R.id.hold).text =
            if (amount == null) getString(R.string.hold_and_pay) else getString(R.string.pay_up_to, yuan(amount))
    }
}
