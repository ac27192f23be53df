package org.dcep.demo.limits

import android.content.Context
import org.dcep.demo.R
import org.dcep.demo.ui.day
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Allowance
import org.dcep.wallet.Lift
import org.dcep.wallet.Limit
import org.dcep.wallet.Quantity
import org.dcep.wallet.WalletClass

/** What is left of a limit, in one sentence. */
fun Context.sentenceOf(limit: Allowance): String = when (limit.limit) {
    Limit.OFFLINE_TOTAL -> getString(R.string.limit_offline_total, textOf(limit.left))
    Limit.OFFLINE_PAYMENTS -> getString(R.string.limit_offline_payments, textOf(limit.left))
    Limit.PER_PAYMENT -> getString(R.string.limit_per_payment, textOf(limit.most))
    Limit.PER_DAY -> getString(R.string.limit_per_day, textOf(limit.left))
    Limit.PER_YEAR -> getString(R.string.limit_per_year, textOf(limit.left))
    Limit.UNCONFIRMED_EACH -> getString(R.string.limit_unconfirmed_each, textOf(limit.most))
    Limit.UNCONFIRMED_TOTAL -> getString(R.string.limit_unconfirmed_total, textOf(limit.left))
    Limit.BALANCE -> getString(R.string.limit_balance, textOf(limit.left))
    Limit.HOPS -> getString(R.string.limit_hops, textOf(limit.most))
    Limit.AGE -> getString(R.string.limit_age, textOf(limit.most))
    Limit.PAYEE_BALANCE -> getString(R.string.limit_payee_balance, textOf(limit.left))
}

fun Context.usedOf(limit: Allowance): String = getString(R.string.limit_used, textOf(limit.used), textOf(limit.most))

private fun Context.textOf(quantity: Quantity): String = when (quantity) {
    is Quantity.Money -> yuan(quantity.amount)
    is Quantity.Payments -> counted(R.plurals.payments, quantity.count)
    is Quantity.Hops -> counted(R.plurals.hops, quantity.count)
    is Quantity.Days -> counted(R.plurals.days, quantity.count)
}

private fun Context.counted(what: Int, count: UInt): String =
    resources.getQuantityString(what, count.toInt(), count.toInt())

/** What gives more; `null` where a smaller amount is all that helps. */
fun Context.adviceOf(lift: Lift): String? = when (lift) {
    Lift.SmallerAmount -> null
    is Lift.Waiting -> getString(R.string.lift_waiting, day(lift.until))
    Lift.Sync -> getString(R.string.lift_sync)
    Lift.Confirmation -> getString(R.string.lift_confirmation)
    Lift.Spending -> getString(R.string.lift_spending)
    Lift.Renewal -> getString(R.string.lift_renewal)
    Lift.PayeeSpending -> getString(R.string.lift_payee_spending)
}

fun Context.textOf(walletClass: WalletClass): String = getString(
    when (walletClass) {
        WalletClass.I -> R.string.class_one
        WalletClass.II -> R.string.class_two
        WalletClass.III -> R.string.class_three
        WalletClass.IV -> R.string.class_four
    },
)

/** A policy that sets no bound to a count says it with the largest there is. */
val Allowance.isBounded: Boolean get() = most != Quantity.Payments(UInt.MAX_VALUE)

/** Whether it fills up with use; else it is the same every time. */
val Limit.isUsedUp: Boolean
    get() = when (this) {
        Limit.OFFLINE_TOTAL, Limit.OFFLINE_PAYMENTS, Limit.PER_DAY, Limit.PER_YEAR,
        Limit.UNCONFIRMED_TOTAL, Limit.BALANCE,
        -> true
        Limit.PER_PAYMENT, Limit.UNCONFIRMED_EACH, Limit.HOPS, Limit.AGE, Limit.PAYEE_BALANCE -> false
    }

/** What matters first when nobody is online stands first. */
val Limit.place: Int get() = ORDER.indexOf(this)

private val ORDER = listOf(
    Limit.OFFLINE_TOTAL, Limit.OFFLINE_PAYMENTS, Limit.PER_PAYMENT, Limit.UNCONFIRMED_TOTAL, Limit.UNCONFIRMED_EACH,
    Limit.PER_DAY, Limit.PER_YEAR, Limit.BALANCE, Limit.HOPS, Limit.AGE, Limit.PAYEE_BALANCE,
)

/** How long a bar is; nothing is computed with it. */
val Quantity.number: Double
    get() = when (this) {
        is Quantity.Money -> amount.fen.toDouble()
        is Quantity.Payments -> count.toDouble()
        is Quantity.Hops -> count.toDouble()
        is Quantity.Days -> count.toDouble()
    }
