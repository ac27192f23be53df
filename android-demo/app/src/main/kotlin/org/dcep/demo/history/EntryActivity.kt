package org.dcep.demo.history

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import org.dcep.demo.R
import org.dcep.demo.slip.ShowSlipActivity
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.moment
import org.dcep.demo.ui.name
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.shownIf
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.HistoryEntry
import org.dcep.wallet.HistoryKind
import org.dcep.wallet.HistoryQuery
import org.dcep.wallet.HistoryState
import org.dcep.wallet.ZERO
import org.dcep.wallet.compareTo
import org.dcep.wallet.exportReceiptAwait
import org.dcep.wallet.historyAwait
import org.dcep.wallet.paymentSlipAwait
import org.dcep.wallet.refundableAwait

/** One transfer: how far it has come, its receipt, and giving it back. */
class EntryActivity : WalletScreen() {
    private val transfer: String get() = intent.getStringExtra(TRANSFER).orEmpty()

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.entry)
        onTouch(R.id.save_receipt) {
            chooseNewFile(getString(R.string.receipt_file, transfer.take(8)), "application/cbor")
        }
        onTouch(R.id.refund) { RefundActivity.start(this, transfer) }
        onTouch(R.id.take_refund) { TapActivity.start(this, Errand.TakeRefund(transfer)) }
        onTouch(R.id.show_code) { button ->
            workOn(button) { wallet.paymentSlipAwait(transfer)?.let { ShowSlipActivity.start(this, it) } }
        }
        onTouch(R.id.mend) { TapActivity.start(this, Errand.Resume) }
    }

    override suspend fun refresh() {
        val entry = wallet.historyAwait(HistoryQuery()).entries.find { it.transfer == transfer } ?: return finish()
        show(entry)
        val refundable = if (entry.kind == HistoryKind.RECEIVED) wallet.refundableAwait(transfer) else Amount.ZERO
        find<View>(R.id.refund).shownIf(refundable > Amount.ZERO)
    }

    private fun show(entry: HistoryEntry) {
        text(R.id.entry_kind).text = textOf(entry.kind)
        text(R.id.entry_amount).text = yuan(entry.amount)
        text(R.id.entry_name).orGone(name(entry.name).takeUnless { entry.kind.isWithBank })
        text(R.id.entry_when).text = moment(entry.at)
        text(R.id.entry_state).text = textOf(entry.state)
        text(R.id.entry_refunded).orGone(
            getString(R.string.remark_refunded, yuan(entry.refunded)).takeIf { entry.refunded > Amount.ZERO },
        )
        text(R.id.entry_id).text = transfer
        val isDone = entry.state == HistoryState.DONE
        find<View>(R.id.save_receipt).shownIf(entry.kind in RECEIPTED && isDone)
        find<View>(R.id.take_refund).shownIf(entry.kind == HistoryKind.PAID && isDone)
        val isOpen = entry.state == HistoryState.IN_DOUBT && entry.kind in RECEIPTED
        find<View>(R.id.mend).shownIf(isOpen)
        find<View>(R.id.show_code).shownIf(isOpen)
    }

    override fun onFileChosen(file: Uri) {
        work {
            write(file, wallet.exportReceiptAwait(transfer))
            say(getString(R.string.receipt_saved))
        }
    }

    companion object {
        private const val TRANSFER = "transfer"
        private val RECEIPTED = setOf(HistoryKind.PAID, HistoryKind.GAVE_BACK, HistoryKind.GAVE_REFUND)

        fun start(from: Activity, transfer: String) =
            from.startActivity(Intent(from, EntryActivity::class.java).putExtra(TRANSFER, transfer))
    }
}
