package org.dcep.demo.bank

import android.content.Context
import org.dcep.demo.R
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.SyncReport
import org.dcep.wallet.ZERO
import org.dcep.wallet.compareTo

/** What contact with the bank did, as far as its holder cares. */
fun Context.textOf(report: SyncReport): String {
    val said = listOfNotNull(
        counted(R.plurals.sync_doubts, report.doubtsEnded),
        counted(R.plurals.sync_recorded, report.recorded),
        counted(R.plurals.sync_delivered, report.delivered),
        counted(R.plurals.sync_answered, report.answered),
        counted(R.plurals.sync_accused, report.accused),
        getString(R.string.sync_retired).takeIf { report.retired },
        getString(R.string.sync_refreshed, yuan(report.refreshed)).takeIf { report.refreshed > Amount.ZERO },
    )
    return if (said.isEmpty()) getString(R.string.sync_nothing) else said.joinToString("\n")
}

private fun Context.counted(what: Int, count: UInt): String? =
    if (count == 0u) null else resources.getQuantityString(what, count.toInt(), count.toInt())
