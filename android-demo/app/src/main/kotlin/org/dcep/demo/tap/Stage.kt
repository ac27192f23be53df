package org.dcep.demo.tap

import android.content.Context
import org.dcep.demo.R
import org.dcep.demo.ui.name
import org.dcep.demo.ui.sentence
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.PayException
import org.dcep.wallet.PaymentRequest

/** Where holding two phones together has got to. */
sealed class Stage {
    /** The wallet, or its holder, is being asked. */
    object Arming : Stage()

    /** Waiting for the other phone. */
    data class Ready(val errand: Errand) : Stage()

    /** The phones were taken apart too early. [inDoubt]: what is signed and not receipted since. */
    data class Torn(val isPaying: Boolean, val inDoubt: Amount?) : Stage()

    /** Something was refused that is no outcome: another tap may do. */
    data class Again(val why: String) : Stage()

    /** The other phone asks for this, and its holder has to agree. No amount: the payer chooses it. */
    data class Asked(val request: PaymentRequest, val byCode: Boolean = false) : Stage()

    data class Over(val outcome: HandoffOutcome) : Stage()

    /** There was something to resume, and there is not any more. */
    object Nothing : Stage()

    /** This was paid in an earlier tap, and the other phone has heard so once more. */
    object Repeated : Stage()

    /** Whether the next tap may come. */
    val isWaiting: Boolean get() = this is Ready || this is Torn || this is Again
}

/** The stage that an outcome leads to. */
fun stageOf(outcome: HandoffOutcome): Stage {
    val asked = (outcome as? HandoffOutcome.Declined)?.takeIf { it.error.canBeAnswered }?.request
    return if (asked != null) Stage.Asked(asked) else Stage.Over(outcome)
}

private val PayException.canBeAnswered: Boolean
    get() = this is PayException.ConfirmOnDevice || this is PayException.AmountOpen

/** How a stage looks. */
class Look(val icon: Int, val headline: String, val detail: String, val amount: String? = null)

fun Context.look(stage: Stage): Look = when (stage) {
    Stage.Arming -> Look(R.drawable.ic_hold, getString(R.string.arming), getString(R.string.arming_text))
    is Stage.Ready -> ready(stage.errand)
    is Stage.Torn -> torn(stage)
    is Stage.Again -> Look(R.drawable.ic_doubt, getString(R.string.torn), stage.why)
    is Stage.Asked -> Look(
        R.drawable.ic_pay,
        name(stage.request.payee),
        getString(
            when {
                stage.request.amount == null -> R.string.asks_open
                stage.byCode -> R.string.asks_by_code
                else -> R.string.asks
            },
        ),
        stage.request.amount?.let(::yuan),
    )
    is Stage.Over -> look(stage.outcome)
    Stage.Nothing ->
        Look(R.drawable.ic_done, getString(R.string.nothing_in_doubt), getString(R.string.nothing_in_doubt_text))
    Stage.Repeated -> Look(R.drawable.ic_done, getString(R.string.received), getString(R.string.received_before))
}

private fun Context.ready(errand: Errand): Look = Look(
    R.drawable.ic_hold,
    getString(if (errand.isPaying) R.string.hold_to_pay else R.string.hold_to_receive),
    getString(
        when (errand) {
            is Errand.Pay -> R.string.hold_to_pay_text
            is Errand.Receive -> R.string.hold_to_receive_text
            Errand.Resume -> R.string.hold_to_resume_text
            is Errand.TakeRefund -> R.string.hold_to_refund_text
        },
    ),
)

private fun Context.torn(stage: Stage.Torn): Look = Look(
    R.drawable.ic_doubt,
    getString(R.string.torn),
    when {
        !stage.isPaying -> getString(R.string.torn_payee)
        stage.inDoubt != null -> getString(R.string.torn_in_doubt, yuan(stage.inDoubt))
        else -> getString(R.string.torn_unsigned)
    },
)

private fun Context.look(outcome: HandoffOutcome): Look = when (outcome) {
    is HandoffOutcome.Paid -> Look(
        R.drawable.ic_done,
        getString(if (outcome.mended) R.string.paid_mended else R.string.paid),
        getString(if (outcome.mended) R.string.paid_mended_to else R.string.paid_to, name(outcome.payee)),
        yuan(outcome.amount),
    )
    is HandoffOutcome.Received ->
        Look(R.drawable.ic_done, getString(R.string.received), getString(R.string.received_text), yuan(outcome.amount))
    is HandoffOutcome.Returned ->
        Look(R.drawable.ic_done, getString(R.string.returned), getString(R.string.returned_text), yuan(outcome.amount))
    is HandoffOutcome.Refunded ->
        Look(R.drawable.ic_done, getString(R.string.refunded), getString(R.string.refunded_text), yuan(outcome.amount))
    is HandoffOutcome.Declined -> Look(R.drawable.ic_no, getString(R.string.not_paid), sentence(outcome.error))
    is HandoffOutcome.Refused -> Look(
        R.drawable.ic_no,
        getString(R.string.refused),
        listOfNotNull(sentence(outcome.reason), outcome.atMost?.let { getString(R.string.refused_at_most, yuan(it)) })
            .joinToString("\n"),
    )
}

/** The transfer that a stage tells of, if there is one. */
val HandoffOutcome.transferId: String?
    get() = when (this) {
        is HandoffOutcome.Paid -> transfer
        is HandoffOutcome.Received -> transfer
        is HandoffOutcome.Returned -> transfer
        is HandoffOutcome.Refunded -> transfer
        is HandoffOutcome.Declined, is HandoffOutcome.Refused -> null
    }
