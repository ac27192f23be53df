package org.dcep.wallet

import kotlinx.coroutines.CancellationException

/*
 * Opening a wallet, and closing it, for coroutines: see WalletThreads.kt.
 */

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

/** As [LockedWallet.open]. */
@Throws(OpenException::class, CancellationException::class)
public suspend fun LockedWallet.Companion.openAwait(path: String, platform: Platform): LockedWallet =
    act { open(path, platform) }

/** As [LockedWallet.unlock]: takes its time, so that guessing does too. */
@Throws(PinException::class, CancellationException::class)
public suspend fun LockedWallet.unlockAwait(pin: Pin): Wallet = act { unlock(pin) }

/** As [LockedWallet.secondsUntilTry]. */
@Throws(PinException::class, CancellationException::class)
public suspend fun LockedWallet.secondsUntilTryAwait(): ULong = look { secondsUntilTry() }

/** As [LockedWallet.shutDown]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun LockedWallet.shutDownAwait(): Unit = act { shutDown() }

/** As [Wallet.shutDown]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.shutDownAwait(): Unit = act { shutDown() }

/** As [Wallet.lock]. */
@Throws(PinException::class, CancellationException::class)
public suspend fun Wallet.lockAwait(): LockedWallet = act { lock() }

/** As [Wallet.hasPin]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.hasPinAwait(): Boolean = look { hasPin() }

/** As [Wallet.setPin]. */
@Throws(PinException::class, CancellationException::class)
public suspend fun Wallet.setPinAwait(pin: Pin): Unit = act { setPin(pin) }

/** As [Wallet.changePin]. */
@Throws(PinException::class, CancellationException::class)
public suspend fun Wallet.changePinAwait(old: Pin, new: Pin): Unit = act { changePin(old, new) }

/** As [Wallet.checkPin]. */
@Throws(PinException::class, CancellationException::class)
public suspend fun Wallet.checkPinAwait(pin: Pin): Unit = act { checkPin(pin) }

/** As [Wallet.removePin]. */
@Throws(PinException::class, CancellationException::class)
public suspend fun Wallet.removePinAwait(pin: Pin): Unit = act { removePin(pin) }

/** As [Wallet.backup]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.backupAwait(): ByteArray = look { backup() }
