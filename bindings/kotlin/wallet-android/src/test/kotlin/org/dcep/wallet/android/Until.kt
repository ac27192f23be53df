package org.dcep.wallet.android

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.util.concurrent.TimeUnit

/** Runs coroutines to their end. Where there is none, that fails, a minute later. */
internal fun <T> untilDone(work: suspend CoroutineScope.() -> T): T = runBlocking { withTimeout(60_000, work) }

/** Does something until something is so. What never is fails, a minute later. */
internal inline fun until(isSo: () -> Boolean, meanwhile: () -> Unit) {
    val end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1)
    while (!isSo()) {
        check(System.nanoTime() < end) { "it has not come to that" }
        meanwhile()
    }
}
