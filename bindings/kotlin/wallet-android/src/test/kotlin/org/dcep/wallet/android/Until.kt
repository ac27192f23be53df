package org.dcep.wallet.android

import java.util.concurrent.TimeUnit

/** Does something until something is so. What never is fails, a minute later. */
internal inline fun until(isSo: () -> Boolean, meanwhile: () -> Unit) {
    val end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1)
    while (!isSo()) {
        check(System.nanoTime() < end) { "it has not come to that" }
        meanwhile()
    }
}
