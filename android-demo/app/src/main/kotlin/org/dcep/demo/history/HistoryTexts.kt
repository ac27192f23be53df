package org.dcep.demo.history

import android.content.Context
import org.dcep.demo.R
import org.dcep.demo.ui.name
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.HistoryEntry
import org.dcep.wallet.HistoryKind
import org.dcep.wallet.HistoryState
import org.dcep.wallet.PastEntry
import org.dcep.wallet.PastKind
import org.dcep.wallet.ZERO
import org.dcep.wallet.compareTo

fun Context.textOf(kind: HistoryKind): String = getString(
    when (kind) {
        HistoryKind.PAID -> R.string.kind_paid
        HistoryKind.RECEIVED -> R.string.kind_received
        HistoryKind.GAVE_BACK -> R.string.kind_gave_back
        HistoryKind.GAVE_REFUND -> R.string.kind_gave_refund
        HistoryKind.GOT_REFUND -> R.string.kind_got_refund
        HistoryKind.LOADED -> R.string.kind_loaded
        HistoryKind.DEPOSITED -> R.string.kind_deposited
        HistoryKind.REFRESHED -> R.string.kind_refreshed
        HistoryKind.CLOSED -> R.string.kind_closed
    },
)

/** What happened, and with whom, where that is not the bank. */
fun Context.textOf(entry: HistoryEntry): String =
    if (entry.kind.isWithBank) textOf(entry.kind) else getString(R.string.line, textOf(entry.kind), name(entry.name))

val HistoryKind.isWithBank: Boolean
    get() = when (this) {
        HistoryKind.LOADED, HistoryKind.DEPOSITED, HistoryKind.REFRESHED, HistoryKind.CLOSED -> true
        HistoryKind.PAID, HistoryKind.RECEIVED, HistoryKind.GAVE_BACK, HistoryKind.GAVE_REFUND, HistoryKind.GOT_REFUND -> false
    }

/** How far it has come, in one sentence. */
fun Context.textOf(state: HistoryState): String = getString(
    when (state) {
        HistoryState.IN_DOUBT -> R.string.state_in_doubt
        HistoryState.DONE -> R.string.state_done
        HistoryState.RETURNED -> R.string.state_returned
        HistoryState.PAID_BACK -> R.string.state_paid_back
    },
)

/** What a line says beside its time; `null`: nothing is special about it. */
fun Context.remark(entry: HistoryEntry): String? = when {
    entry.state == HistoryState.IN_DOUBT -> getString(R.string.remark_in_doubt)
    entry.state == HistoryState.RETURNED -> getString(R.string.remark_returned)
    entry.state == HistoryState.PAID_BACK -> getString(R.string.remark_paid_back)
    entry.refunded > Amount.ZERO -> getString(R.string.remark_refunded, yuan(entry.refunded))
    else -> null
}

/** A line of an earlier phone. */
fun Context.textOf(entry: PastEntry): String {
    val what = getString(
        when (entry.kind) {
            PastKind.PAID -> R.string.kind_paid
            PastKind.RECEIVED -> R.string.kind_received
            PastKind.LOADED -> R.string.kind_loaded
            PastKind.CLOSED -> R.string.kind_closed
            PastKind.OTHER -> R.string.kind_other
        },
    )
    return entry.name?.let { getString(R.string.line, what, it) } ?: what
}
