package org.dcep.demo.tap

import android.content.Intent
import android.provider.Settings
import android.view.View
import android.widget.Button
import android.widget.ImageView
import org.dcep.demo.R
import org.dcep.demo.history.EntryActivity
import org.dcep.demo.slip.QrView
import org.dcep.demo.ui.AmountPad
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.shownIf
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.PaymentRequest
import org.dcep.wallet.Side
import org.dcep.wallet.Slip
import org.dcep.wallet.android.NfcState

/** Shows where a tap has got to, and what its holder can do now. */
class TapView(
    private val screen: Screen,
    private val agreed: (request: String, amount: Amount) -> Unit,
    swapped: () -> Unit,
    repeated: () -> Unit,
) {
    private val pad: AmountPad = screen.find(R.id.tap_pad)
    private val agree: Button = screen.find(R.id.agree)
    private val swap: Button = screen.find(R.id.swap)
    private val code: QrView = screen.find(R.id.tap_code)
    private val entry: Button = screen.find(R.id.see_entry)

    init {
        swap.setOnClickListener { swapped() }
        screen.onTouch(R.id.repeat) { repeated() }
        screen.onTouch(R.id.turn_on_nfc) { screen.startActivity(Intent(Settings.ACTION_NFC_SETTINGS)) }
        screen.onTouch(R.id.done) { screen.finish() }
        screen.onTouch(R.id.decline) { screen.finish() }
    }

    fun show(stage: Stage, side: Side, nfc: NfcState) {
        val look = screen.look(stage)
        screen.find<ImageView>(R.id.tap_icon).apply {
            setImageResource(look.icon)
            setBackgroundResource(if (look.icon == R.drawable.ic_doubt) R.drawable.doubt else R.drawable.news)
        }
        screen.text(R.id.tap_headline).text = look.headline
        screen.text(R.id.tap_amount).orGone(look.amount)
        screen.text(R.id.tap_detail).text = look.detail
        code.shownIf(false)
        screen.find<View>(R.id.show_code).shownIf(false)
        screen.find<View>(R.id.repeat).shownIf(false)
        showAnswers((stage as? Stage.Asked)?.request)
        showEnd(stage)
        showWays(stage.isWaiting, side, nfc)
    }

    /** To agree to what was asked, or not. */
    private fun showAnswers(asked: PaymentRequest?) {
        pad.shownIf(asked != null && asked.amount == null)
        agree.shownIf(asked != null)
        screen.find<View>(R.id.decline).shownIf(asked != null)
        if (asked == null) return
        pad.onChange = { showAmount(asked.amount ?: pad.amount) }
        showAmount(asked.amount ?: pad.amount)
        agree.setOnClickListener { (asked.amount ?: pad.amount)?.let { agreed(asked.id, it) } }
    }

    private fun showAmount(amount: Amount?) {
        agree.isEnabled = amount != null
        agree.text = if (amount == null) {
            screen.getString(R.string.agree)
        } else {
            screen.getString(R.string.agree_to, screen.yuan(amount))
        }
    }

    /** Shows a code beside the waiting for a tap: for a phone that cannot be held to this one. */
    fun showCode(slip: Slip) {
        code.show(slip)
        code.shownIf(true)
    }

    /** The other phone may have missed that it has paid. */
    fun offerToRepeat(isOffered: Boolean) = screen.find<View>(R.id.repeat).shownIf(isOffered)

    /** A code that can be shown on a screen of its own. */
    fun offerCode(label: Int, show: () -> Unit) = screen.find<Button>(R.id.show_code).run {
        setText(label)
        setOnClickListener { show() }
        shownIf(true)
    }

    private fun showEnd(stage: Stage) {
        val transfer = (stage as? Stage.Over)?.outcome?.transferId
        screen.find<View>(R.id.done).shownIf(stage is Stage.Over || stage is Stage.Repeated || stage is Stage.Nothing)
        entry.shownIf(transfer != null)
        entry.setOnClickListener { transfer?.let { EntryActivity.start(screen, it) } }
    }

    /** What else can be tried while the other phone is waited for. */
    private fun showWays(isWaiting: Boolean, side: Side, nfc: NfcState) {
        screen.find<View>(R.id.turn_on_nfc).shownIf(isWaiting && nfc == NfcState.TURNED_OFF)
        screen.find<View>(R.id.no_nfc).shownIf(isWaiting && nfc == NfcState.ABSENT)
        swap.shownIf(isWaiting && nfc == NfcState.READY)
        swap.setText(if (side == Side.READER) R.string.swap_to_card else R.string.swap_to_reader)
    }
}
