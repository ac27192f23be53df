package org.dcep.demo.home

import android.content.Context
import org.dcep.demo.R
import org.dcep.demo.ui.moment
import org.dcep.demo.ui.name
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Doubtful
import org.dcep.wallet.EndsBy
import org.dcep.wallet.Freshness
import org.dcep.wallet.InDoubt
import org.dcep.wallet.OnlyAtBank
import org.dcep.wallet.TrustVerdict

/** What is in doubt, since when. */
fun Context.textOf(doubt: InDoubt): String = when (doubt.what) {
    Doubtful.PAYMENT -> getString(R.string.doubt_payment, yuan(doubt.amount), name(doubt.name), moment(doubt.since))
    Doubtful.RETURN, Doubtful.REFUND ->
        getString(R.string.doubt_back, yuan(doubt.amount), name(doubt.name), moment(doubt.since))
    Doubtful.DEPOSIT, Doubtful.REFRESH -> getString(R.string.doubt_bank, yuan(doubt.amount), moment(doubt.since))
}

/** What ends it. */
fun Context.textOf(end: EndsBy): String = getString(
    when (end) {
        EndsBy.TAP_OR_SYNC -> R.string.ends_by_tap
        EndsBy.SYNC -> R.string.ends_by_sync
        EndsBy.BANK -> R.string.ends_by_bank
    },
)

/** Why only the bank takes it. */
fun Context.textOf(reason: OnlyAtBank): String = getString(
    when (reason) {
        OnlyAtBank.KEY_RETIRED -> R.string.bank_only_retired
        OnlyAtBank.KEY_FROZEN -> R.string.bank_only_frozen
        OnlyAtBank.SERIES_EXPIRED -> R.string.bank_only_expired
        OnlyAtBank.TOO_OLD -> R.string.bank_only_old
        OnlyAtBank.TOO_MANY_HOPS -> R.string.bank_only_hops
        OnlyAtBank.CERTIFICATE_EXPIRED -> R.string.bank_only_certificate
        OnlyAtBank.CONTESTED -> R.string.bank_only_contested
    },
)

/** What the age of the wallet's news asks of the holder; `null`: nothing. */
fun Context.adviceOf(freshness: Freshness): String? = when (freshness.verdict) {
    TrustVerdict.FRESH -> null
    TrustVerdict.AGEING -> getString(R.string.ageing, freshness.ageDays.toInt())
    TrustVerdict.TOO_OLD -> getString(R.string.too_old, freshness.ageDays.toInt())
}
