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
import org.dcep.wallet.RollbackGuard
import org.dcep.wallet.SignRequest
import org.dcep.wallet.TransportException
import org.dcep.wallet.VaultException
import org.junit.jupiter.api.Test
import kotlin.test.assertFailsWith
import kotlin.test.assertSame

class GuardedTest {
    private lateinit var thrown: Throwable

    private val vault = object : KeyVault {
        override fun createKey(wallet: ByteArray, algorithm: Algorithm) = throw thrown
        override fun signAll(requests: List<SignRequest>) = throw thrown
        override fun listKeys(wallet: ByteArray) = throw thrown
        override fun deleteKey(handle: ByteArray) = throw thrown
        override fun authorize(what: Confirmation) = throw thrown
        override fun wrap(dataKey: ByteArray) = throw thrown
        override fun unwrap(wrapped: ByteArray) = throw thrown
    }.guarded()
    private val guard = object : RollbackGuard {
        override fun read(wallet: ByteArray) = throw thrown
        override fun advance(known: Head?, head: Head) = throw thrown
    }.guarded()
    private val bank = object : BankTransport {
        override fun call(call: ByteArray) = throw thrown
        override fun trust() = throw thrown
    }.guarded()
    private val clock = object : Clock {
        override fun now() = throw thrown
    }.guarded()

    private val nothing = ByteArray(0)
    private val ofVault = listOf<() -> Any?>(
        { vault.createKey(nothing, Algorithm.P256) },
        { vault.signAll(emptyList()) },
        { vault.listKeys(nothing) },
        { vault.deleteKey(nothing) },
        { vault.authorize(Confirmation.UpTo(Amount(1uL))) },
        { vault.wrap(nothing) },
        { vault.unwrap(nothing) },
    )
    private val head = Head(nothing, 1uL, nothing)
    private val ofGuard = listOf<() -> Any?>({ guard.read(nothing) }, { guard.advance(null, head) })
    private val ofBank = listOf<() -> Any?>({ bank.call(nothing) }, { bank.trust() })

    @Test
    fun `exceptions and errors become what was declared`() {
        for (what in listOf(IllegalStateException(), Error(), NotImplementedError(), StackOverflowError())) {
            thrown = what
            ofVault.forEach { assertFailsWith<VaultException.Unavailable> { it() } }
            ofGuard.forEach { assertFailsWith<GuardException.Unavailable> { it() } }
            ofBank.forEach { assertFailsWith<TransportException.Unreachable> { it() } }
            assertFailsWith<ClockException.Unavailable> { clock.now() }
        }
    }

    @Test
    fun `what was declared stays as it is`() {
        thrown = VaultException.KeyInvalidated()
        ofVault.forEach { call -> assertSame(thrown, assertFailsWith<VaultException> { call() }) }
        // Declared, but elsewhere.
        ofGuard.forEach { assertFailsWith<GuardException.Unavailable> { it() } }
        thrown = TransportException.Status(503u)
        ofBank.forEach { call -> assertSame(thrown, assertFailsWith<TransportException> { call() }) }
    }
}
