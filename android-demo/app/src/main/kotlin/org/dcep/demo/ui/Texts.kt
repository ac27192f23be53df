package org.dcep.demo.ui

import android.content.Context
import android.text.format.DateUtils
import org.dcep.demo.R
import org.dcep.wallet.Amount
import org.dcep.wallet.CalendarDay
import org.dcep.wallet.PayeeName
import java.time.Instant
import java.time.LocalDate
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle

/** An amount as it stands on a screen. */
fun Context.yuan(amount: Amount): String = getString(R.string.yuan, amount.toString())

/** A day and a time as people of this language write them. */
fun Context.moment(at: Instant): String = DateUtils.formatDateTime(
    this,
    at.toEpochMilli(),
    DateUtils.FORMAT_SHOW_DATE or DateUtils.FORMAT_SHOW_TIME or DateUtils.FORMAT_ABBREV_MONTH,
)

fun Context.day(day: CalendarDay): String =
    LocalDate.of(day.year.toInt(), day.month.toInt(), day.day.toInt())
        .format(DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM).withLocale(resources.configuration.locales[0]))

/** The other side: a registered name as it is, one that nobody has checked with a mark. */
fun Context.name(of: PayeeName): String = when (of) {
    PayeeName.Unnamed -> getString(R.string.somebody)
    is PayeeName.Registered -> of.name
    is PayeeName.Unverified -> getString(R.string.unverified, of.claimed)
}
