package org.dcep.demo.ui

import android.content.Context
import java.time.Instant
import java.time.LocalDate
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.time.format.FormatStyle
import org.dcep.demo.R
import org.dcep.wallet.Amount
import org.dcep.wallet.CalendarDay
import org.dcep.wallet.PayeeName

/** Whether two words, or two amounts, no longer stand side by side. */
val Context.isLargeText: Boolean get() = resources.configuration.fontScale > 1.3f

/** An amount as it stands on a screen. */
fun Context.yuan(amount: Amount): String = getString(R.string.yuan, amount.toString())

/** A day and a time as people of this language write them. */
fun Context.moment(at: Instant): String =
    DateTimeFormatter.ofLocalizedDateTime(FormatStyle.MEDIUM, FormatStyle.SHORT)
        .withLocale(resources.configuration.locales[0])
        .format(at.atZone(ZoneId.systemDefault()))

fun Context.day(day: CalendarDay): String =
    DateTimeFormatter.ofLocalizedDate(FormatStyle.MEDIUM)
        .withLocale(resources.configuration.locales[0])
        .format(LocalDate.of(day.year.toInt(), day.month.toInt(), day.day.toInt()))

/** The other side: a registered name as it is, one that nobody has checked with a mark. */
fun Context.name(of: PayeeName): String = when (of) {
    PayeeName.Unnamed -> getString(R.string.somebody)
    is PayeeName.Registered -> of.name
    is PayeeName.Unverified -> getString(R.string.unverified, of.claimed)
}
