package org.dcep.demo.slip

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import org.dcep.demo.R
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.shownIf
import org.dcep.wallet.Slip
import org.dcep.wallet.SlipKind

/** Shows a slip to another phone, and says what comes next. */
class ShowSlipActivity : Screen() {
    private lateinit var slip: Slip

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        // A dim screen is hard to read.
        window.attributes = window.attributes.apply { screenBrightness = WindowManager.LayoutParams.BRIGHTNESS_OVERRIDE_FULL }
        setContentView(R.layout.show_slip)
        slip = Slip.fromBytes(checkNotNull(intent.getByteArrayExtra(SLIP)))
        find<QrView>(R.id.code).show(slip)
        text(R.id.slip_headline).setText(headline)
        text(R.id.slip_text).setText(if (intent.getBooleanExtra(REPEATED, false)) R.string.slip_payment_again else meaning)
        find<View>(R.id.scan_answer).shownIf(slip.kind() == SlipKind.PAYMENT || slip.kind() == SlipKind.REFUND)
        onTouch(R.id.scan_answer) {
            go(ScanActivity::class)
            finish()
        }
        onTouch(R.id.done) { finish() }
        onTouch(R.id.save_file) { chooseNewFile(getString(R.string.slip_file), "application/cbor") }
    }

    private val headline: Int
        get() = when (slip.kind()) {
            SlipKind.REQUEST -> R.string.slip_request
            SlipKind.PAYMENT -> R.string.slip_payment
            SlipKind.RECEIPT -> R.string.slip_receipt
            SlipKind.REFUND -> R.string.slip_refund
        }

    private val meaning: Int
        get() = when (slip.kind()) {
            SlipKind.REQUEST -> R.string.slip_request_text
            SlipKind.PAYMENT -> R.string.slip_payment_text
            SlipKind.RECEIPT -> R.string.slip_receipt_text
            SlipKind.REFUND -> R.string.slip_refund_text
        }

    override fun onFileChosen(file: Uri) {
        work { write(file, slip.bytes()) }
    }

    companion object {
        private const val SLIP = "slip"
        private const val REPEATED = "repeated"

        /** [isRepeated]: what it asks for had been paid before, and this is that payment. */
        fun start(from: Activity, slip: Slip, isRepeated: Boolean = false) = from.startActivity(
            Intent(from, ShowSlipActivity::class.java).putExtra(SLIP, slip.bytes()).putExtra(REPEATED, isRepeated),
        )
    }
}
