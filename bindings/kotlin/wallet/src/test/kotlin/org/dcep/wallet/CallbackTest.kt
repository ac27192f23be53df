package org.dcep.wallet

import org.dcep.wallet.platform.guarded
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import java.nio.file.Path
import java.time.Instant
import kotlin.io.path.createDirectory
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

private const val SECRET = "of the test"

/** Counts callbacks, and leaves the one that it is set to by throwing. */
private class Fuse(private val make: () -> Throwable) {
    private var calls = mutableListOf<String>()
    private var at: Int? = null
    val seen = mutableSetOf<String>()
    var blown: String? = null
        private set
    val count: Int
        get() = calls.size

    fun reset(at: Int? = null) {
        calls = mutableListOf()
        this.at = at
        blown = null
    }

    fun <T> burn(name: String, call: () -> T): T {
        calls += name
        seen += name
        if (calls.size - 1 == at) {
            blown = name
            throw make()
        }
        return call()
    }
}

private class FusedVault(private val inner: KeyVault, private val fuse: Fuse) : KeyVault {
    override fun createKey(wallet: ByteArray, algorithm: Algorithm) = fuse.burn("createKey") { inner.createKey(wallet, algorithm) }
    override fun signAll(requests: List<SignRequest>) = fuse.burn("signAll") { inner.signAll(requests) }
    override fun listKeys(wallet: ByteArray) = fuse.burn("listKeys") { inner.listKeys(wallet) }
    override fun deleteKey(handle: ByteArray) = fuse.burn("deleteKey") { inner.deleteKey(handle) }
    override fun authorize(what: Confirmation) = fuse.burn("authorize") { inner.authorize(what) }
    override fun wrap(dataKey: ByteArray) = fuse.burn("wrap") { inner.wrap(dataKey) }
    override fun unwrap(wrapped: ByteArray) = fuse.burn("unwrap") { inner.unwrap(wrapped) }
}

private class FusedGuard(private val inner: RollbackGuard, private val fuse: Fuse) : RollbackGuard {
    override fun read(wallet: ByteArray) = fuse.burn("read") { inner.read(wallet) }
    override fun advance(known: Head?, head: Head) = fuse.burn("advance") { inner.advance(known, head) }
}

private class FusedBank(private val inner: BankTransport, private val fuse: Fuse) : BankTransport {
    override fun call(call: ByteArray) = fuse.burn("call") { inner.call(call) }
    override fun trust() = fuse.burn("trust") { inner.trust() }
}

private class FusedClock(private val inner: Clock, private val fuse: Fuse) : Clock {
    override fun now(): Instant = fuse.burn("now") { inner.now() }
}

/** Two wallets over platforms in Kotlin, of which the payer has money. */
private class Scene(folder: Path, val fuse: Fuse, private val isGuarded: Boolean) {
    val amount = fen(2_500)
    val start = fen(10_000)
    val box = Sandbox(5uL)
    val payer = Owner(folder.resolve("payer").createDirectory(), platform(), box.root())
    val payee = Owner(folder.resolve("payee").createDirectory(), platform(), box.root())

    private fun platform(): Platform {
        val platform = Platform(
            FusedVault(SoftwareVault(ByteArray(32) { 5 }), fuse),
            FusedGuard(MemoryGuard(), fuse),
            FusedBank(box.bank(), fuse),
            FusedClock(box.clock(), fuse),
        )
        return if (isGuarded) platform.guarded() else platform
    }

    /** Both have as much money as at the beginning. */
    fun fund() {
        for (owner in listOf(payer, payee)) {
            if (owner.wallet.balance().spendable != fen(0)) owner.wallet.deposit(null)
        }
        box.payIn(payer.wallet.account(), start)
        payer.wallet.load(start)
    }

    /** A payment from the request to the receipt. */
    fun handoff(request: String? = null): HandoffOutcome? {
        val armed = Armed(
            payer.wallet, payee.wallet, request ?: payee.wallet.request(amount, null).id, amount, Side.READER,
        )
        armed.tap()
        return armed.paying.outcome()
    }

    /** Every fen is at one of the two, or in doubt at the payer, where it may have been taken already. */
    fun check() {
        val left = payer.wallet.balance()
        val taken = payee.wallet.balance().spendable
        assertTrue(left.inDoubt in setOf(fen(0), amount))
        assertTrue(left.spendable.fen + left.inDoubt.fen in setOf(start.fen, start.fen - amount.fen))
        assertTrue(taken in setOf(fen(0), amount))
        assertEquals(left.inDoubt.fen, payer.wallet.inDoubt().sumOf { it.amount.fen })
        if (left.inDoubt == fen(0)) assertEquals(start.fen, left.spendable.fen + taken.fen)
    }

    /** Goes on after a failure: whatever was asked for is paid, once. */
    fun mend() {
        val requests = payee.wallet.openRequests()
        if (requests.isNotEmpty() || payer.wallet.inDoubt().isNotEmpty()) {
            assertIs<HandoffOutcome.Paid>(handoff(requests.firstOrNull()?.id))
        }
        assertEquals(start.fen, payer.wallet.balance().spendable.fen + payee.wallet.balance().spendable.fen)
        assertTrue(payee.wallet.balance().spendable in setOf(fen(0), amount))
        assertEquals(emptyList(), payer.wallet.inDoubt())
    }
}

class CallbackTest {
    private fun fuse(kind: String) = Fuse {
        when (kind) {
            "exception" -> IllegalStateException(SECRET)
            "error" -> Error(SECRET)
            else -> NotImplementedError(SECRET)
        }
    }

    /** With the package's guards around the platform, and with what the generated code does alone. */
    @ParameterizedTest
    @CsvSource("exception, true", "error, true", "exception, false", "error, false")
    fun `every callback of a handoff may throw`(kind: String, isGuarded: Boolean, @TempDir folder: Path) {
        val fuse = fuse(kind)
        val scene = Scene(folder, fuse, isGuarded)
        scene.fund()
        fuse.seen.clear()
        fuse.reset()
        assertIs<HandoffOutcome.Paid>(scene.handoff())
        assertTrue(fuse.seen.containsAll(setOf("signAll", "advance", "now", "authorize")), "${fuse.seen}")
        val failed = mutableSetOf<String>()
        for (step in 0 until fuse.count) {
            fuse.reset()
            scene.fund()
            fuse.reset(step)
            val raised = try {
                scene.handoff()
                null
            } catch (thrown: Throwable) {
                thrown
            }
            val blown = assertNotNull(fuse.blown, "step $step")
            if (raised != null) {
                failed += blown
                assertTrue(raised is WalletException || raised is ReceiveException || raised is TapException, "$raised")
                assertFalse(SECRET in raised.stackTraceToString())
            }
            fuse.reset()
            scene.check()
            scene.payer.reopen()
            scene.payee.reopen()
            scene.check()
            scene.mend()
        }
        assertTrue(failed.containsAll(setOf("signAll", "advance", "now", "authorize")), "$failed")
    }

    @ParameterizedTest
    @CsvSource("exception, true", "error, true", "error, false")
    fun `every callback of dealing with the bank may throw`(kind: String, isGuarded: Boolean, @TempDir folder: Path) {
        val fuse = fuse(kind)
        val scene = Scene(folder, fuse, isGuarded)
        val wallet = scene.payer.wallet
        scene.box.payIn(wallet.account(), fen(1_000_000))
        for (what in listOf<() -> Any?>({ wallet.load(fen(100)) }, { wallet.deposit(fen(100)) }, { wallet.sync() })) {
            var step = 0
            do {
                fuse.reset()
                val before = wallet.balance().spendable.fen + wallet.accountBalance().fen
                fuse.reset(step++)
                try {
                    what()
                } catch (thrown: BankException) {
                    if (fuse.blown in setOf("call", "trust")) {
                        assertIs<TransportException.Unreachable>(assertIs<BankException.Transport>(thrown).error)
                    }
                }
                val blown = fuse.blown
                fuse.reset()
                wallet.sync()
                assertEquals(emptyList(), wallet.inDoubt())
                assertEquals(before, wallet.balance().spendable.fen + wallet.accountBalance().fen, "$blown")
            } while (blown != null)
            assertTrue(step > 3)
        }
    }

    @ParameterizedTest
    @CsvSource("exception, true", "error, true", "error, false", "todo, false")
    fun `every callback of opening may throw`(kind: String, isGuarded: Boolean, @TempDir folder: Path) {
        val fuse = fuse(kind)
        val scene = Scene(folder, fuse, isGuarded)
        scene.fund()
        val owner = scene.payer
        val balance = owner.wallet.balance()
        owner.wallet.shutDown()
        fuse.seen.clear()
        var step = 0
        do {
            fuse.reset(step++)
            try {
                owner.open()
                if (fuse.blown != null) owner.wallet.shutDown()
            } catch (_: OpenException) {
                assertNotNull(fuse.blown)
            }
        } while (fuse.blown != null)
        fuse.reset()
        assertTrue(fuse.seen.containsAll(setOf("unwrap", "read")), "${fuse.seen}")
        assertEquals(balance, owner.wallet.balance())
        assertFalse(owner.wallet.openReport().rolledBack)
        scene.handoff()
        scene.check()
    }

    @ParameterizedTest
    @CsvSource("exception", "error")
    fun `nothing comes of an observer that throws`(kind: String) {
        val fuse = fuse(kind)
        val two = AliceAndBob(6)
        fuse.reset(0)
        two.bob.setObserver(object : EventObserver {
            override fun eventsWaiting() = fuse.burn("eventsWaiting") {}
        })
        assertTrue(Armed(two.alice, two.bob, two.bob.request(fen(5), null).id, fen(5), Side.READER).tap().completed)
        assertEquals("eventsWaiting", fuse.blown)
        assertEquals(fen(5), two.bob.balance().spendable)
        assertIs<EventKind.Received>(two.bob.nextEvent()?.kind)
        two.bob.setObserver(null)
    }

    @Test
    fun `a declared error arrives as it is`(@TempDir folder: Path) {
        val fuse = Fuse { VaultException.UserCancelled() }
        val scene = Scene(folder, fuse, isGuarded = true)
        scene.fund()
        val heard = mutableListOf<Throwable>()
        var step = 0
        do {
            fuse.reset(step++)
            try {
                scene.payer.wallet.pay(Consent.Exactly(scene.amount), Side.READER)
            } catch (thrown: WalletException) {
                if (fuse.blown == "authorize") heard += thrown
            }
        } while (fuse.blown != null)
        val cancelled = assertIs<WalletException.Vault>(heard.single())
        assertIs<VaultException.UserCancelled>(cancelled.error)
        assertTrue(cancelled.isRetryable())
    }

    @Test
    fun `a callback may not call its wallet`(@TempDir folder: Path) {
        val box = Sandbox(4uL)
        val heard = mutableListOf<Throwable>()
        var owner: Owner? = null
        val clock = object : Clock {
            override fun now(): Instant {
                try {
                    owner?.wallet?.balance()
                } catch (thrown: Exception) {
                    heard += thrown
                }
                return box.clock().now()
            }
        }
        val platform = Platform(SoftwareVault(ByteArray(32) { 5 }), MemoryGuard(), box.bank(), clock).guarded()
        owner = Owner(folder, platform, box.root())
        owner.wallet.request(fen(1), null)
        assertTrue(heard.isNotEmpty())
        heard.forEach { assertIs<WalletException.Reentrant>(it) }
    }

    @Test
    fun `a panic is an exception, and the process lives`() {
        val two = AliceAndBob(7)
        repeat(3) { assertFailsWith<InternalException> { panicOnPurpose() } }
        assertTrue(Armed(two.alice, two.bob, two.bob.request(fen(5), null).id, fen(5), Side.READER).tap().completed)
        assertEquals(fen(5), two.bob.balance().spendable)
    }
}
