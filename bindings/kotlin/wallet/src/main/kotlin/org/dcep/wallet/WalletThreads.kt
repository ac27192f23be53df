package org.dcep.wallet

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext

/*
 * Every call of the wallet has a form for coroutines, whose name ends in `Await`: it blocks a thread of the wallet's own, and
 * none of the caller's.
 *
 * Cancelling never stops what has begun. A call that may move value, spend a consent or hand out a handle runs to its end
 * and returns what came of it also to a coroutine that was cancelled meanwhile, which finds out at its next suspension.
 * One that is cancelled before it calls does nothing. Calls that only look may be dropped at any time.
 */

/**
 * Where the calls block. Several threads: while the wallet waits for the holder, a second call must get
 * [WalletException.Busy] instead of waiting behind the first, and while it asks the bank, a second one must be served.
 */
private val walletThreads: CoroutineDispatcher = Dispatchers.IO.limitedParallelism(4, "dcep-wallet")

/** Nothing hangs on the answer. */
internal suspend fun <T> look(call: () -> T): T = withContext(walletThreads) { call() }

/** Runs to its end once it is called, and its answer always arrives. */
internal suspend fun <T> act(call: () -> T): T {
    currentCoroutineContext().ensureActive()
    // Two contexts, and not their sum: in that one, the way back would still drop the answer of a cancelled coroutine.
    return withContext(NonCancellable) { withContext(walletThreads) { call() } }
}
