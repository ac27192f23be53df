package org.dcep.wallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext

/*
 * The wallet's calls for coroutines: each blocks a thread of the wallet's own, and none of the caller's.
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
private suspend fun <T> look(call: () -> T): T = withContext(walletThreads) { call() }

/** Runs to its end once it is called, and its answer always arrives. */
private suspend fun <T> act(call: () -> T): T {
    currentCoroutineContext().ensureActive()
    // Two contexts, and not their sum: in that one, the way back would still drop the answer of a cancelled coroutine.
    return withContext(NonCancellable) { withContext(walletThreads) { call() } }
}

/** As [Wallet.create]. */
@Throws(OpenException::class, CancellationException::class)
public suspend fun Wallet.Companion.createAwait(
    path: String,
    platform: Platform,
    words: AccountWords,
    root: String,
    algorithm: Algorithm,
): Wallet = act { create(path, platform, words, root, algorithm) }

/** As [Wallet.open]. */
@Throws(OpenException::class, CancellationException::class)
public suspend fun Wallet.Companion.openAwait(path: String, platform: Platform): Wallet = act { open(path, platform) }

/** As [Wallet.restore]. */
@Throws(RestoreException::class, CancellationException::class)
public suspend fun Wallet.Companion.restoreAwait(
    path: String,
    platform: Platform,
    words: AccountWords,
    root: String,
    algorithm: Algorithm,
    backup: ByteArray?,
): Wallet = act { restore(path, platform, words, root, algorithm, backup) }

/** As [Wallet.enrol]. */
@Throws(BankException::class, CancellationException::class)
public suspend fun Wallet.enrolAwait(walletClass: WalletClass, name: String?): Unit = act { enrol(walletClass, name) }

/** As [Wallet.sync]. */
@Throws(BankException::class, CancellationException::class)
public suspend fun Wallet.syncAwait(): SyncReport = act { sync() }

/** As [Wallet.load]. */
@Throws(BankException::class, CancellationException::class)
public suspend fun Wallet.loadAwait(amount: Amount): Unit = act { load(amount) }

/** As [Wallet.deposit]. */
@Throws(BankException::class, CancellationException::class)
public suspend fun Wallet.depositAwait(amount: Amount?): Amount = act { deposit(amount) }

/** As [Wallet.refresh]. */
@Throws(BankException::class, CancellationException::class)
public suspend fun Wallet.refreshAwait(): Amount = act { refresh() }

/** As [Wallet.freezeOthers]. */
@Throws(BankException::class, CancellationException::class)
public suspend fun Wallet.freezeOthersAwait(): Unit = act { freezeOthers() }

/** As [Wallet.accountBalance]. */
@Throws(BankException::class, CancellationException::class)
public suspend fun Wallet.accountBalanceAwait(): Amount = look { accountBalance() }

/** As [Wallet.request]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.requestAwait(amount: Amount?, name: String?): PaymentRequest = act { request(amount, name) }

/** As [Wallet.withdraw]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.withdrawAwait(request: String): Unit = act { withdraw(request) }

/** As [Wallet.receive]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.receiveAwait(request: String, side: Side): Handoff = act { receive(request, side) }

/** As [Wallet.pay]: asks the holder, and may take as long as that does. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.payAwait(consent: Consent, side: Side): Handoff = act { pay(consent, side) }

/** As [Wallet.resume]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.resumeAwait(side: Side): Handoff = act { resume(side) }

/** As [Wallet.refund]. */
@Throws(RefundException::class, CancellationException::class)
public suspend fun Wallet.refundAwait(paid: String, amount: Amount): String = act { refund(paid, amount) }

/** As [Wallet.awaitRefund]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.awaitRefundAwait(paid: String, side: Side): Handoff = act { awaitRefund(paid, side) }

/** As [Wallet.balance]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.balanceAwait(): Balance = look { balance() }

/** As [Wallet.inDoubt]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.inDoubtAwait(): List<InDoubt> = look { inDoubt() }

/** As [Wallet.history]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.historyAwait(query: HistoryQuery): HistoryPage = look { history(query) }

/** As [Wallet.limits]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.limitsAwait(): Allowances = look { limits() }

/** As [Wallet.nextEvent]: a cancelled one comes again. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.nextEventAwait(): Event? = look { nextEvent() }

/** As [Wallet.acknowledgeEvent]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.acknowledgeEventAwait(id: ULong): Unit = act { acknowledgeEvent(id) }

/** As [Wallet.backup]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.backupAwait(): ByteArray = look { backup() }

/** As [Wallet.shutDown]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.shutDownAwait(): Unit = act { shutDown() }
