package org.dcep.demo.home

import android.content.Context
import org.dcep.demo.R
import org.dcep.demo.ui.day
import org.dcep.demo.ui.name
import org.dcep.demo.ui.yuan
import org.dcep.wallet.EventKind
import org.dcep.wallet.ReturnReason

/** What happened, in one sentence. */
fun Context.textOf(kind: EventKind): String = when (kind) {
    is EventKind.Received ->
        getString(R.string.event_received, yuan(kind.amount), kind.payer ?: getString(R.string.somebody))
    is EventKind.Paid ->
        getString(if (kind.mended) R.string.event_mended else R.string.event_paid, yuan(kind.amount), name(kind.payee))
    is EventKind.InDoubt -> getString(R.string.event_in_doubt, yuan(kind.amount), name(kind.payee))
    is EventKind.Recorded -> getString(R.string.event_recorded, yuan(kind.amount))
    is EventKind.GaveBack -> getString(R.string.event_gave_back, yuan(kind.amount), textOf(kind.reason))
    is EventKind.Returned -> getString(R.string.event_returned, name(kind.payee), yuan(kind.amount))
    is EventKind.Refunded -> getString(R.string.event_refunded, name(kind.payee), yuan(kind.amount))
    is EventKind.LimitReached -> getString(R.string.event_limit_reached, yuan(kind.balance))
    is EventKind.SeriesExpiring -> getString(R.string.event_expiring, yuan(kind.amount), day(kind.spendUntil))
    is EventKind.RolledBack -> getString(R.string.event_rolled_back, yuan(kind.held))
    is EventKind.ForkFound -> getString(R.string.event_fork)
    is EventKind.KeysDestroyed -> getString(R.string.event_keys_destroyed, yuan(kind.held))
    is EventKind.KeysRanOut -> getString(R.string.event_keys_ran_out)
    is EventKind.WindowClosed -> getString(R.string.event_window_closed, yuan(kind.amount))
    is EventKind.NotRefreshed -> getString(R.string.event_not_refreshed, yuan(kind.amount))
    is EventKind.ClockWrong -> getString(if (kind.ahead) R.string.event_clock_ahead else R.string.event_clock_behind)
    is EventKind.DeviceFrozen -> getString(R.string.event_frozen, yuan(kind.held))
    is EventKind.OthersFrozen -> getString(R.string.event_others_frozen)
}

private fun Context.textOf(reason: ReturnReason): String = getString(
    when (reason) {
        ReturnReason.PAID_TWICE -> R.string.return_paid_twice
        ReturnReason.WITHDRAWN -> R.string.return_withdrawn
        ReturnReason.BALANCE_LIMIT -> R.string.return_balance_limit
        ReturnReason.ASSURANCE_TOO_LOW -> R.string.return_assurance
    },
)
