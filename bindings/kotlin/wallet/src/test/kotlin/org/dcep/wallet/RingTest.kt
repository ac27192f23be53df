package org.dcep.wallet

import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** One frame of the transcript, and who sends it. */
private data class Sent(val from: Side, val hex: String)

private class Payment(
    val payer: String,
    val payee: String,
    val amount: Amount,
    val payerSide: Side,
    val frames: FrameSize,
    val exchange: List<Sent>,
)

/** Reads no more JSON than the transcript is: one value a line, in a fixed order. */
private class Transcript(text: String) {
    val seed = number(text, "seed").toULong()
    val phones = Regex("\"phones\": \\[([^]]*)]").find(text)!!.groupValues[1].split(",").map { it.trim().trim('"') }
    val funded = word(text, "phone")
    val fund = fen(number(text, "fen"))
    val payments = text.split(Regex("(?=\"payer\":)")).drop(1).map { part ->
        Payment(
            word(part, "payer"),
            word(part, "payee"),
            fen(number(part, "fen")),
            side(word(part, "payer_side")),
            FrameSize.valueOf(word(part, "frames").uppercase()),
            Regex("\"from\": \"(\\w+)\",\\s*\"hex\": \"([0-9a-f]*)\"").findAll(part)
                .map { Sent(side(it.groupValues[1]), it.groupValues[2]) }.toList(),
        )
    }

    private fun side(name: String) = Side.valueOf(name.uppercase())
    private fun word(text: String, key: String) = Regex("\"$key\": \"(\\w+)\"").find(text)!!.groupValues[1]
    private fun number(text: String, key: String) = Regex("\"$key\": (\\d+)").find(text)!!.groupValues[1].toInt()
}

/**
 * The payments of `tests/vectors/transcripts/ring.json`, byte for byte: all of it, and every phone alone against the frames
 * that the others sent. Every call on a wallet draws from its phone's randomness, so there is none too many.
 */
class RingTest {
    private val script = Transcript(
        File(System.getProperty("basedir"), "../../../tests/vectors/transcripts/ring.json").readText(),
    )
    private val box = Sandbox(script.seed)
    private val phones = script.phones.associateWith { box.phone(it) }.also { box.fund(script.funded, script.fund) }

    private fun taking(payment: Payment): Handoff {
        val wallet = phones.getValue(payment.payee)
        return wallet.receive(wallet.request(payment.amount, null).id, payment.payerSide.other)
    }

    private fun paying(payment: Payment): Handoff =
        phones.getValue(payment.payer).pay(Consent.Exactly(payment.amount), payment.payerSide)

    private fun spendable(name: String) = phones.getValue(name).balance().spendable

    @Test
    fun `the ring replays byte for byte`() {
        assertEquals(3, script.payments.size)
        for (payment in script.payments) {
            val taking = taking(payment)
            val paying = paying(payment)
            val (reader, card) = if (payment.payerSide == Side.READER) paying to taking else taking to paying
            val tap = simulatedTap(reader, card, payment.frames, null)
            assertTrue(tap.completed)
            assertEquals(payment.exchange, tap.frames.map { Sent(it.from, it.bytes.hex) })
        }
        assertEquals(listOf(fen(7_000), fen(2_000), fen(1_000)), listOf("Kotlin", "Swift", "Python").map(::spendable))
    }

    @ParameterizedTest
    @ValueSource(strings = ["Kotlin", "Swift", "Python"])
    fun `one phone alone says what it said`(own: String) {
        var expected = if (own == script.funded) script.fund.fen else 0uL
        for (payment in script.payments) {
            if (own != payment.payer && own != payment.payee) continue
            val handoff = if (own == payment.payee) taking(payment) else paying(payment)
            if (handoff.side() == Side.READER) playReader(handoff, payment) else playCard(handoff, payment)
            if (own == payment.payee) {
                assertIs<HandoffOutcome.Received>(handoff.outcome())
                expected += payment.amount.fen
            } else {
                assertIs<HandoffOutcome.Paid>(handoff.outcome())
                expected -= payment.amount.fen
            }
        }
        assertEquals(Amount(expected), spendable(own))
    }

    private fun playReader(handoff: Handoff, payment: Payment) {
        var command: ByteArray? = handoff.beginTap(payment.frames)
        for ((sent, answer) in payment.exchange.chunked(2)) {
            assertEquals(sent, Sent(Side.READER, command!!.hex))
            command = handoff.receive(answer.hex.bytes)
        }
        assertEquals(null, command)
    }

    private fun playCard(handoff: Handoff, payment: Payment) {
        for ((heard, answer) in payment.exchange.chunked(2)) {
            assertEquals(answer, Sent(Side.CARD, handoff.process(heard.hex.bytes).hex))
        }
    }
}

private val ByteArray.hex: String
    get() = joinToString("") { "%02x".format(it) }

private val String.bytes: ByteArray
    get() = chunked(2).map { it.toInt(16).toByte() }.toByteArray()
