package org.dcep.demo.slip

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import org.dcep.demo.R
import org.dcep.demo.settings.afterPin
import org.dcep.demo.tap.Stage
import org.dcep.demo.tap.TapView
import org.dcep.demo.tap.heardOf
import org.dcep.demo.tap.transferId
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.sentence
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.PayException
import org.dcep.wallet.Side
import org.dcep.wallet.Slip
import org.dcep.wallet.SlipKind
import org.dcep.wallet.TakenSlip
import org.dcep.wallet.android.NfcState
import org.dcep.wallet.payRequestAwait
import org.dcep.wallet.readRequestAwait
import org.dcep.wallet.takeSlipAwait

/**
 * A slip was read: a request is shown and paid, a payment or a receipt is taken. The same slip again, after a rotation or
 * another start, changes nothing and gets the same answer.
 */
class SlipActivity : WalletScreen() {
    private lateinit var slip: Slip
    private lateinit var view: TapView
    private var taken: TakenSlip? = null

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.tap)
        slip = Slip.fromBytes(checkNotNull(intent.getByteArrayExtra(SLIP)))
        view = TapView(this, agreed = ::pay, swapped = {}, repeated = {})
        taken = lastNonConfigurationInstance as? TakenSlip
        show(Stage.Arming)
    }

    /** What came of taking it; to take it once more would say that it was taken before. */
    override fun onRetainNonConfigurationInstance(): Any? = taken

    override suspend fun refresh() {
        try {
            when (slip.kind()) {
                SlipKind.REQUEST -> show(Stage.Asked(wallet.readRequestAwait(slip), byCode = true))
                SlipKind.PAYMENT, SlipKind.RECEIPT, SlipKind.REFUND -> show(taken ?: wallet.takeSlipAwait(slip).also { taken = it })
            }
        } catch (refused: PayException) {
            show(Stage.Again(sentence(refused)))
        }
    }

    private fun pay(request: String, amount: Amount) = afterPin {
        workOn(text(R.id.agree)) {
            val paid = wallet.payRequestAwait(slip, Consent.To(request, amount))
            ShowSlipActivity.start(this, paid.slip, paid.repeated)
            finish()
        }
    }

    private suspend fun show(taken: TakenSlip) {
        val isOldNews = taken.repeated && taken.outcome is HandoffOutcome.Received
        show(if (isOldNews) Stage.Repeated else Stage.Over(taken.outcome))
        taken.answer?.let { receipt -> view.offerCode(R.string.show_receipt) { ShowSlipActivity.start(this, receipt) } }
        taken.outcome.transferId?.let { wallet.heardOf(it) }
    }

    private fun show(stage: Stage) = view.show(stage, Side.READER, NfcState.ABSENT)

    companion object {
        private const val SLIP = "slip"

        fun start(from: Activity, slip: Slip) =
            from.startActivity(Intent(from, SlipActivity::class.java).putExtra(SLIP, slip.bytes()))
    }
}
