package org.dcep.wallet

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import org.dcep.wallet.platform.guarded
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals

/** Stops the calls that pass through it, until it is told to let them through. */
private class Gate {
    @Volatile
    private var closed: Pair<CompletableDeferred<Thread>, CountDownLatch>? = null

    /** Completes when a call waits. */
    fun close(): CompletableDeferred<Thread> = CompletableDeferred<Thread>().also { closed = it to CountDownLatch(1) }

    fun open() {
        closed?.second?.countDown()
        closed = null
    }

    fun pass() {
        closed?.let { (arrived, opened) ->
            arrived.complete(Thread.currentThread())
            opened.await()
        }
    }
}

private class Vault(private val inner: SoftwareVault, private val gate: Gate) : KeyVault by inner {
    override fun authorize(what: Confirmation): Amount {
        gate.pass()
        return inner.authorize(what)
    }
}

private class Line(private val inner: BankTransport, private val gate: Gate) : BankTransport by inner {
    override fun call(call: ByteArray): ByteArray {
        gate.pass()
        return inner.call(call)
    }
}

/** What hangs fails, a minute later. */
@Timeout(60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WalletCoroutinesTest {
    @TempDir
    lateinit var folder: Path
    private val gate = Gate()
    private val box = Sandbox(12uL)
    private lateinit var wallet: Wallet

    @BeforeEach
    fun enrol() {
        val vault = Vault(SoftwareVault(ByteArray(32) { 9 }), gate)
        val platform = Platform(vault, MemoryGuard(), Line(box.bank(), gate), box.clock()).guarded()
        wallet = Owner(folder, platform, box.root()).wallet
        box.payIn(wallet.account(), fen(10_000))
    }

    /** Calls, is cancelled while the wallet waits, and returns what the call returned all the same. */
    private fun <T> cancelledDuring(call: suspend () -> T): T = runBlocking {
        val waiting = gate.close()
        val answer = CompletableDeferred<T>()
        val job = launch(Dispatchers.Default) {
            answer.complete(call())
            assertFalse(currentCoroutineContext().isActive)
        }
        assertNotEquals(Thread.currentThread(), waiting.await())
        job.cancel()
        gate.open()
        job.join()
        check(answer.isCompleted) { "the answer is lost" }
        answer.await()
    }

    @Test
    fun `a load that is cancelled is loaded`() {
        cancelledDuring { wallet.loadAwait(fen(4_000)) }
        assertEquals(fen(4_000), wallet.balance().spendable)
        assertEquals(fen(6_000), wallet.accountBalance())
    }

    @Test
    fun `a deposit that is cancelled says what it credited`() {
        wallet.load(fen(4_000))
        assertEquals(fen(1_000), cancelledDuring { wallet.depositAwait(fen(1_000)) })
        assertEquals(fen(7_000), wallet.accountBalance())
        assertEquals(emptyList(), wallet.inDoubt())
    }

    @Test
    fun `a consent that is given to a cancelled coroutine is not lost`() {
        wallet.load(fen(4_000))
        val bob = box.phone("Bob")
        val card = bob.receive(bob.request(fen(700), null).id, Side.CARD)
        val reader = cancelledDuring { wallet.payAwait(Consent.Exactly(fen(700)), Side.READER) }
        simulatedTap(reader, card, FrameSize.EXTENDED, null)
        assertIs<HandoffOutcome.Paid>(reader.outcome())
        assertEquals(fen(700), bob.balance().spendable)
    }

    @Test
    fun `who is cancelled before has called nothing`() = runBlocking {
        val job = launch(start = CoroutineStart.UNDISPATCHED) {
            currentCoroutineContext().cancel()
            assertFailsWith<CancellationException> { wallet.loadAwait(fen(4_000)) }
            assertFailsWith<CancellationException> { wallet.balanceAwait() }
        }
        job.join()
        assertEquals(fen(0), wallet.balance().spendable)
    }

    @Test
    fun `a payment in coroutines`() = runBlocking {
        wallet.loadAwait(fen(4_000))
        val bob = box.phone("Bob")
        val card = bob.receiveAwait(bob.requestAwait(fen(700), null).id, Side.CARD)
        val reader = wallet.payAwait(Consent.Exactly(fen(700)), Side.READER)
        withContext(Dispatchers.Default) { simulatedTap(reader, card, FrameSize.SHORT, null) }
        val received = bob.nextEventAwait()!!
        bob.acknowledgeEventAwait(received.id)
        assertEquals(null, bob.nextEventAwait())
        assertEquals(0u, wallet.syncAwait().doubtsEnded)
        assertEquals(fen(3_300), wallet.depositAwait(null))
        assertEquals(emptyList(), wallet.inDoubtAwait())
        wallet.shutDownAwait()
        val closed = assertFailsWith<WalletException.Closed> { wallet.balanceAwait() }
        assertFalse(closed.isRetryable())
    }
}
