package org.dcep.wallet

import kotlinx.coroutines.CancellationException

/**
 * Hands every event that waits to [heard], the oldest first, and acknowledges each when that has returned: if it throws, or is
 * cancelled, the same event comes again the next time.
 *
 * Call it when the app starts, after every call that may bring something, and when a [Wallet.setObserver] wakes.
 */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.hearEvents(heard: suspend (Event) -> Unit) {
    while (true) {
        val event = nextEventAwait() ?: return
        heard(event)
        acknowledgeEventAwait(event.id)
    }
}
