package org.dcep.wallet

import org.dcep.wallet.platform.guarded
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import kotlin.io.path.createDirectory
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** The way an app goes: a bank over HTTP, two phones, a payment while neither has a line, and the bank again. */
class LoopbackBankTest {
    @TempDir
    lateinit var folder: Path
    private val bank = LoopbackBank()

    @AfterEach
    fun stop() = bank.close()

    private fun owner(name: String): Owner {
        val platform = Platform(SoftwareVault(ByteArray(32) { name.hashCode().toByte() }), MemoryGuard(), bank.line, null)
        return Owner(folder.resolve(name).createDirectory(), platform.guarded(), bank.root)
    }

    @Test
    fun `a payment from the account of one to the account of another`() {
        val (payer, payee) = listOf("payer", "payee").map { owner(it).wallet }
        payer.load(fen(10_000))
        assertEquals(fen(90_000), payer.accountBalance())

        val armed = Armed(payer, payee, payee.request(fen(3_745), "A stall").id, fen(3_745), Side.READER)
        assertTrue(armed.tap().completed)
        assertEquals(PayeeName.Unverified("A stall"), assertIs<HandoffOutcome.Paid>(armed.paying.outcome()).payee)

        assertEquals(fen(3_745), payee.deposit(null))
        assertEquals(fen(103_745), payee.accountBalance())
        payer.sync()
        assertEquals(fen(6_255), payer.balance().spendable)
        assertEquals(emptyList(), payer.inDoubt())
    }

    @Test
    fun `a payment whose receipt was lost is found at the bank`() {
        val (payer, payee) = listOf("payer", "payee").map { owner(it).wallet }
        payer.load(fen(10_000))
        val armed = Armed(payer, payee, payee.request(fen(500), null).id, fen(500), Side.READER)
        var command: ByteArray? = armed.reader.beginTap(FrameSize.EXTENDED)
        // The payee has taken it when its card answers the payment, and the answer gets lost.
        while (payee.balance().spendable != fen(500)) {
            val response = armed.card.process(command!!)
            if (payee.balance().spendable != fen(500)) command = armed.reader.receive(response)
        }
        assertEquals(fen(500), payer.balance().inDoubt)

        payee.sync()
        assertEquals(1u, payer.sync().doubtsEnded)
        assertEquals(fen(0), payer.balance().inDoubt)
        assertEquals(fen(9_500), payer.balance().spendable)
    }

    @Test
    fun `a bank that is gone has lost nothing`() {
        val payer = owner("payer").wallet
        payer.load(fen(10_000))
        bank.close()
        assertIs<TransportException.Unreachable>(assertFailsWith<BankException.Transport> { payer.deposit(null) }.error)
        val balance = payer.balance()
        assertEquals(10_000uL, balance.spendable.fen + balance.inDoubt.fen)
    }
}
