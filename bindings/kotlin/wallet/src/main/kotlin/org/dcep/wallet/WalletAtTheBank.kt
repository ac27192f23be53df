package org.dcep.wallet

import kotlinx.coroutines.CancellationException

/*
 * What a wallet does with its bank, for coroutines: see WalletThreads.kt.
 */

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
