package org.dcep.demo.tap

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import kotlinx.coroutines.Job
import org.dcep.demo.R
import org.dcep.demo.settings.afterPin
import org.dcep.demo.slip.ScanActivity
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.sentence
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.Handoff
import org.dcep.wallet.ReceiveException
import org.dcep.wallet.Side
import org.dcep.wallet.Slip
import org.dcep.wallet.android.NfcPayer
import org.dcep.wallet.android.byTap
import org.dcep.wallet.inDoubtAwait
import org.dcep.wallet.openRequestsAwait
import org.dcep.wallet.requestSlipAwait
import org.dcep.wallet.tap.TapEnd

/**
 * Two phones are held together: from arming to the receipt, over any number of torn taps, rotations, and the end of the
 * process.
 */
class TapActivity : WalletScreen() {
    private lateinit var errand: Errand
    private lateinit var side: Side
    private lateinit var view: TapView
    private var stage: Stage = Stage.Arming
    private var handoff: Handoff? = null
    private var code: Slip? = null
    private var arming: Job? = null
    private var holding: Job? = null

    /** What a rotation leaves alone. */
    private class Kept(val errand: Errand, val side: Side, val stage: Stage, val handoff: Handoff?, val code: Slip?)

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.tap)
        view = TapView(this, agreed = ::agree, swapped = ::swap, repeated = ::armAnew)
        val kept = lastNonConfigurationInstance as? Kept
        val asked = Errand.of(intent)
        errand = kept?.errand ?: if (saved == null) asked else asked.afterInterruption
        side = kept?.side ?: errand.usualSide
        handoff = kept?.handoff
        code = kept?.code
        stage = kept?.stage ?: Stage.Arming
    }

    override fun onRetainNonConfigurationInstance(): Any = Kept(errand, side, stage, handoff, code)

    override suspend fun refresh() {
        show(stage)
        val handoff = handoff
        if (handoff == null) arm() else if (stage.isWaiting) hold(handoff)
    }

    /** Asks the wallet for its side. Its holder's answer may take as long as it takes, also behind another window. */
    private fun arm() {
        if (arming?.isActive == true) return
        show(Stage.Arming)
        arming = work(::refused) {
            if (errand == Errand.Resume && wallet.inDoubtAwait().isEmpty()) return@work show(Stage.Nothing)
            // Signed before a tap can come: while its vault signs, the wallet has no time for one.
            code = code ?: requestCode()
            val armed = errand.handoff(wallet, side)
            handoff = armed
            show(Stage.Ready(errand))
            hold(armed)
        }
    }

    /** Any number of taps, until something has come of them. After that this phone pays nothing more. */
    private fun hold(handoff: Handoff) {
        if (holding?.isActive == true) return
        holding = work(::refused) { ended(stageOf(handoff.byTap(this, ::missed))) }
    }

    private fun missed(end: TapEnd) {
        if (end is TapEnd.Refused) return refused(end.cause)
        work { show(if (isPaid()) Stage.Repeated else Stage.Torn(errand.isPaying, newestDoubt())) }
    }

    private fun refused(why: Exception) = show(Stage.Again(sentence(why)))

    /** What was asked is open no more: a tap that only repeats the receipt has no outcome of its own. */
    private suspend fun isPaid(): Boolean {
        val request = (errand as? Errand.Receive)?.request ?: return false
        return wallet.openRequestsAwait().none { it.id == request }
    }

    private suspend fun newestDoubt(): Amount? = wallet.inDoubtAwait().firstOrNull()?.amount

    private suspend fun ended(stage: Stage) {
        show(stage)
        (stage as? Stage.Over)?.outcome?.transferId?.let { wallet.heardOf(it) }
    }

    /** The holder agrees to what was asked; the vault makes sure that it is the holder; then comes the second tap. */
    private fun agree(request: String, amount: Amount) = afterPin {
        errand = Errand.Pay(Consent.To(request, amount))
        armAnew()
    }

    private fun swap() {
        side = if (side == Side.READER) Side.CARD else Side.READER
        armAnew()
    }

    /** As above; also for a payer that missed the receipt: the same request is never paid twice. */
    private fun armAnew() {
        arming?.cancel()
        holding?.cancel()
        handoff = null
        arm()
    }

    private fun show(stage: Stage) {
        this.stage = stage
        view.show(stage, side, NfcPayer(this, wallet, side).state)
        view.offerToRepeat(stage is Stage.Over && !errand.isPaying)
        showCode(stage)
    }

    /** Who asks for money shows it as a code as well; what is paid is asked for no more. */
    private suspend fun requestCode(): Slip? = try {
        (errand as? Errand.Receive)?.let { wallet.requestSlipAwait(it.request) }
    } catch (_: ReceiveException) {
        null
    }

    private fun showCode(stage: Stage) {
        val code = code?.takeIf { stage.isWaiting } ?: return
        view.showCode(code)
        view.offerCode(R.string.scan_payment) {
            go(ScanActivity::class)
            finish()
        }
    }

    companion object {
        fun start(from: Activity, errand: Errand) =
            from.startActivity(errand.into(Intent(from, TapActivity::class.java)))
    }
}
