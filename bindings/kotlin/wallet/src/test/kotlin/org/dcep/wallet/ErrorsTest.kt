package org.dcep.wallet

import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs

class ErrorsTest {
    private fun row(code: UShort, name: String, isRetryable: Boolean, chinese: String) = listOf(code, name, isRetryable, chinese)

    @Test
    fun `an amount that no wallet can hold`() {
        val two = AliceAndBob(1)
        val thrown = assertFailsWith<ReceiveException.Wallet> { two.bob.request(Amount(1uL shl 60), null) }
        val error = assertIs<WalletException.InvalidAmount>(thrown.error)
        assertEquals(thrown.code(), error.code())
        assertEquals(listOf("amount-too-large", 102.toUShort(), false), listOf(error.name(), error.code(), error.isRetryable()))
        assertEquals("金额过大，请输入较小的金额。", thrown.sentence(Language.SIMPLIFIED_CHINESE))
        assertEquals("That amount is too large: enter a smaller one.", thrown.sentence(Language.ENGLISH))
    }

    @Test
    fun `more than there is`() {
        val two = AliceAndBob(1)
        val armed = Armed(two.alice, two.bob, two.bob.request(fen(20_000), null).id, fen(20_000), Side.READER)
        armed.tap()
        val declined = assertIs<HandoffOutcome.Declined>(armed.paying.outcome())
        val error = assertIs<PayException.NotEnough>(declined.error)
        assertEquals(
            row(401u, "not-enough", true, "可用余额不足，请先充值或减少金额。"),
            row(error.code(), error.name(), error.isRetryable(), error.sentence(Language.SIMPLIFIED_CHINESE)),
        )
        assertEquals(fen(10_000), two.alice.balance().spendable)
    }

    @Test
    fun `errors know their rows`() {
        val busy = WalletException.Busy()
        assertEquals(
            row(512u, "busy", true, "钱包正在等待手机或您的操作，请完成后重试。"),
            row(busy.code(), busy.name(), busy.isRetryable(), busy.sentence(Language.SIMPLIFIED_CHINESE)),
        )
        val link = TapException.Link()
        assertEquals(
            row(425u, "link-failed", true, "两部手机无法通信，请贴近后重试。"),
            row(link.code(), link.name(), link.isRetryable(), link.sentence(Language.SIMPLIFIED_CHINESE)),
        )
    }

    @Test
    fun `a line that is cut, and a handle that is old`() {
        val two = AliceAndBob(1)
        two.box.setOffline(true)
        val cut = assertFailsWith<BankException.Transport> { two.alice.load(fen(100)) }
        assertIs<TransportException.Unreachable>(cut.error)
        assertEquals(true, cut.isRetryable())
        val old = two.alice
        two.restart()
        assertFailsWith<WalletException.Closed> { old.balance() }
        assertEquals(fen(10_000), two.alice.balance().spendable)
    }
}
