package org.dcep.wallet

import kotlinx.coroutines.CancellationException
import java.time.Instant

/*
 * What a wallet knows, for coroutines: see WalletThreads.kt.
 */

/** As [Wallet.account]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.accountAwait(): String = look { account() }

/** As [Wallet.balance]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.balanceAwait(): Balance = look { balance() }

/** As [Wallet.inDoubt]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.inDoubtAwait(): List<InDoubt> = look { inDoubt() }

/** As [Wallet.limits]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.limitsAwait(): Allowances = look { limits() }

/** As [Wallet.freshness]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.freshnessAwait(): Freshness = look { freshness() }

/** As [Wallet.now]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.nowAwait(): Instant = look { now() }

/** As [Wallet.history]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.historyAwait(query: HistoryQuery): HistoryPage = look { history(query) }

/** As [Wallet.past]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.pastAwait(): Past? = look { past() }

/** As [Wallet.exportReceipt]. */
@Throws(ReceiptException::class, CancellationException::class)
public suspend fun Wallet.exportReceiptAwait(transfer: String): ByteArray = look { exportReceipt(transfer) }

/** As [Wallet.nextEvent]: a cancelled one comes again. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.nextEventAwait(): Event? = look { nextEvent() }

/** As [Wallet.acknowledgeEvent]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.acknowledgeEventAwait(id: ULong): Unit = act { acknowledgeEvent(id) }
