package org.dcep.demo.ui

import android.content.Context
import org.dcep.wallet.Language
import org.dcep.wallet.Reason
import org.dcep.wallet.languageForLocale
import org.dcep.wallet.sentenceFor
import org.dcep.wallet.sentenceOf

/** The language that the screens are in. */
val Context.language: Language
    get() = languageForLocale(resources.configuration.locales[0].toLanguageTag())

/** What went wrong, and what to do about it, as the wallet says it. */
fun Context.sentence(failed: Throwable): String = sentenceOf(failed, language)

fun Context.sentence(reason: Reason): String = sentenceFor(reason, language)
