package org.dcep.demo.alone

import android.os.Bundle
import android.view.View
import org.dcep.demo.R
import org.dcep.demo.slip.QrView
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.shownIf
import org.dcep.wallet.SlipKind

/** The codes that two simulated phones show each other, one after the other. */
class CodesActivity : Screen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.codes)
        val payment = app.town?.codes ?: return finish()
        onTouch(R.id.read) { button ->
            workOn(button) {
                payment.read()
                show(payment)
            }
        }
        onTouch(R.id.done) { finish() }
        show(payment)
    }

    private fun show(payment: CodePayment) {
        val slip = payment.shown
        text(R.id.codes_headline).text = when (slip?.kind()) {
            SlipKind.REQUEST -> getString(R.string.code_request, payment.shownBy.name)
            SlipKind.PAYMENT -> getString(R.string.code_payment, payment.shownBy.name)
            SlipKind.RECEIPT, SlipKind.REFUND -> getString(R.string.code_receipt, payment.shownBy.name)
            null -> getString(R.string.code_paid, payment.payerName)
        }
        slip?.let { find<QrView>(R.id.code).show(it) }
        find<View>(R.id.code).shownIf(slip != null)
        find<View>(R.id.read).shownIf(slip != null)
        find<View>(R.id.done).shownIf(slip == null)
    }
}
