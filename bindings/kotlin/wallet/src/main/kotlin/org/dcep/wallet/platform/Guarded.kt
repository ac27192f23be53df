package org.dcep.wallet.platform

import org.dcep.wallet.Algorithm
import org.dcep.wallet.Amount
import org.dcep.wallet.BankTransport
import org.dcep.wallet.Clock
import org.dcep.wallet.ClockException
import org.dcep.wallet.Confirmation
import org.dcep.wallet.GuardException
import org.dcep.wallet.Head
import org.dcep.wallet.KeyVault
import org.dcep.wallet.Platform
import org.dcep.wallet.RollbackGuard
import org.dcep.wallet.SignRequest
import org.dcep.wallet.TransportException
import org.dcep.wallet.VaultException
import org.dcep.wallet.VaultKey
import java.time.Instant

/*
 * Whatever the app's code throws into the wallet arrives there as an error that says no more than that the thing is not
 * available. The generated code does this for exceptions of the declared types; for an `Error` (an assertion, a `TODO()`, a
 * stack that overflowed) it would call the callback a success that returned nothing.
 */

/**
 * This platform, for a wallet: whatever the app's code throws, an `Error` too, becomes the exception that is declared there.
 * Give a wallet no other.
 */
public fun Platform.guarded(): Platform = Platform(vault.guarded(), guard.guarded(), bank.guarded(), clock?.guarded())

/** This vault, for a wallet: whatever it throws becomes a [VaultException]. */
internal fun KeyVault.guarded(): KeyVault = this as? GuardedVault ?: GuardedVault(this)

/** This guard, for a wallet: whatever it throws becomes a [GuardException]. */
internal fun RollbackGuard.guarded(): RollbackGuard = this as? GuardedGuard ?: GuardedGuard(this)

/** This line, for a wallet: whatever it throws becomes a [TransportException]. */
internal fun BankTransport.guarded(): BankTransport = this as? GuardedTransport ?: GuardedTransport(this)

/** This clock, for a wallet: whatever it throws becomes a [ClockException]. */
internal fun Clock.guarded(): Clock = this as? GuardedClock ?: GuardedClock(this)

private inline fun <T, reified E : Exception> guarded(otherwise: () -> E, call: () -> T): T =
    try {
        call()
    } catch (thrown: Throwable) {
        throw if (thrown is E) thrown else otherwise()
    }

private class GuardedVault(private val vault: KeyVault) : KeyVault {
    override fun createKey(wallet: ByteArray, algorithm: Algorithm): VaultKey =
        guarded<_, VaultException>(VaultException::Unavailable) { vault.createKey(wallet, algorithm) }

    override fun signAll(requests: List<SignRequest>): List<ByteArray> =
        guarded<_, VaultException>(VaultException::Unavailable) { vault.signAll(requests) }

    override fun listKeys(wallet: ByteArray): List<ByteArray>? =
        guarded<_, VaultException>(VaultException::Unavailable) { vault.listKeys(wallet) }

    override fun deleteKey(handle: ByteArray): ByteArray =
        guarded<_, VaultException>(VaultException::Unavailable) { vault.deleteKey(handle) }

    override fun authorize(what: Confirmation): Amount =
        guarded<_, VaultException>(VaultException::Unavailable) { vault.authorize(what) }

    override fun wrap(dataKey: ByteArray): ByteArray = guarded<_, VaultException>(VaultException::Unavailable) { vault.wrap(dataKey) }

    override fun unwrap(wrapped: ByteArray): ByteArray =
        guarded<_, VaultException>(VaultException::Unavailable) { vault.unwrap(wrapped) }
}

private class GuardedGuard(private val guard: RollbackGuard) : RollbackGuard {
    override fun read(wallet: ByteArray): Head? = guarded<_, GuardException>(GuardException::Unavailable) { guard.read(wallet) }

    override fun advance(known: Head?, head: Head): Head =
        guarded<_, GuardException>(GuardException::Unavailable) { guard.advance(known, head) }
}

private class GuardedTransport(private val bank: BankTransport) : BankTransport {
    override fun call(call: ByteArray): ByteArray = guarded<_, TransportException>(TransportException::Unreachable) { bank.call(call) }

    override fun trust(): ByteArray = guarded<_, TransportException>(TransportException::Unreachable) { bank.trust() }
}

private class GuardedClock(private val clock: Clock) : Clock {
    override fun now(): Instant = guarded<_, ClockException>(ClockException::Unavailable) { clock.now() }
}
