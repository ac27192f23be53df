package org.dcep.wallet.tap

import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.Handoff
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Sandbox
import org.dcep.wallet.Side
import org.dcep.wallet.TapException
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.io.IOException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executors
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertSame

/** The two desks with wallets behind them, and what stands for the radio between them. */
class HandoffsTest {
    private val worker = Executors.newSingleThreadExecutor()
    private val cards = CardDesk(worker)
    private val box = Sandbox(3uL)
    private val alice = box.phone("Alice")
    private val bob = box.phone("Bob")
    private val amount = Amount(3_745uL)

    init {
        box.fund("Alice", Amount(10_000uL))
    }

    @AfterEach
    fun stop() {
        worker.shutdownNow()
    }

    /** Breaks when so many commands have passed: before the last one arrives, or before its response does. */
    private inner class Air(
        private val commands: Int = Int.MAX_VALUE,
        private val isHeard: Boolean = true,
        override val isExtendedSupported: Boolean = true,
    ) : ApduChannel {
        val lengths = mutableListOf<Int>()
        override val longestCommand = 65_544

        override fun transmit(command: ByteArray): ByteArray {
            lengths += command.size
            val breaks = lengths.size > commands
            if (breaks && !isHeard) tear()
            val reply = CompletableFuture<ByteArray>()
            val response = cards.command(command, reply::complete) ?: reply.get()
            if (breaks) tear()
            return response
        }

        private fun tear(): Nothing {
            cards.deactivated()
            throw IOException("out of the field")
        }
    }

    private fun payer(): Handoff = alice.pay(Consent.Exactly(amount), Side.READER)

    private fun armBob() {
        cards.arm(bob.receive(bob.request(amount, null).id, Side.CARD).asCard())
    }

    @ParameterizedTest
    @ValueSource(booleans = [true, false])
    fun `a payment passes between the desks`(extended: Boolean) {
        armBob()
        val handoff = payer()
        val air = Air(isExtendedSupported = extended)
        assertSame(TapEnd.Over, ReaderDesk(handoff.asReaderSteps()).tap(air))
        assertIs<HandoffOutcome.Paid>(handoff.outcome())
        assertEquals(amount, bob.balance().spendable)
        assertEquals(extended, air.lengths.any { it > 261 })
    }

    @ParameterizedTest
    @ValueSource(booleans = [true, false])
    fun `a tap that tears goes on at the next one`(isHeard: Boolean) {
        armBob()
        val handoff = payer()
        val desk = ReaderDesk(handoff.asReaderSteps())
        for (commands in 0..2) {
            assertIs<TapEnd.Torn>(desk.tap(Air(commands, isHeard)))
            assertEquals(null, handoff.outcome())
        }
        assertEquals(amount, alice.balance().inDoubt)
        assertSame(TapEnd.Over, desk.tap(Air()))
        assertIs<HandoffOutcome.Paid>(handoff.outcome())
        assertEquals(listOf(Amount(6_255uL), amount), listOf(alice, bob).map { it.balance().spendable })
        assertEquals(emptyList(), alice.inDoubt())
    }

    @Test
    fun `a card that no handoff was armed for is refused`() {
        val handoff = payer()
        val end = assertIs<TapEnd.Refused>(ReaderDesk(handoff.asReaderSteps()).tap(Air()))
        assertIs<TapException>(end.cause)
        assertEquals(Amount(10_000uL), alice.balance().spendable)
    }
}
