package org.dcep.wallet

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import java.io.File
import kotlin.test.assertEquals

/**
 * The code of `docs/embedding-android.md` that needs no phone: what runs here is what stands there, line by line. The rest is in
 * the tests of `wallet-android`, which also look that nothing on the page is left over.
 */
class EmbeddingTest {
    private val root = File(System.getProperty("basedir"), "../../..")

    @Test
    fun `the page's code runs`() = runBlocking {
        // begin
        val box = Sandbox(7uL)
        val alice = box.phone("Alice")
        val bob = box.phone("Bob")
        box.fund("Alice", Amount(100_00uL))

        val request = bob.request(Amount(37_45uL), "Bob's stall")
        val card = bob.receive(request.id, Side.CARD)
        val reader = alice.pay(Consent.Exactly(Amount(37_45uL)), Side.READER)
        simulatedTap(reader, card, FrameSize.EXTENDED, null)
        check(bob.balance().spendable == Amount(37_45uL))
        println(reader.outcome())
        // next
        val again = bob.request(Amount(5_00uL), null)
        val taking = bob.receive(again.id, Side.CARD)
        val paying = alice.pay(Consent.Exactly(Amount(5_00uL)), Side.READER)
        check(!simulatedTap(paying, taking, FrameSize.EXTENDED, 660uL).completed)

        for (doubt in alice.inDoubt()) println("${doubt.amount} in doubt for ${doubt.age} s")

        check(simulatedTap(paying, taking, FrameSize.EXTENDED, null).completed)
        check((paying.outcome() as HandoffOutcome.Paid).mended && alice.inDoubt().isEmpty())
        // next
        val asked = bob.request(Amount(2_50uL), null)
        val shown = bob.requestSlip(asked.id)

        // Alice's camera reads frame 0, 1, 2 and so on, and may miss any.
        val scanner = SlipScanner()
        val read = generateSequence(0u) { it + 1u }.firstNotNullOf { scanner.scan(shown.frame(it).text).slip }

        println("${alice.readRequest(read).amount} for ${alice.readRequest(read).payee}?")
        val payment = alice.payRequest(read, Consent.Exactly(Amount(2_50uL)))
        val taken = bob.takeSlip(payment.slip)
        // The receipt goes back the same way. Without it the payment is in doubt until one of the two syncs.
        alice.takeSlip(taken.answer!!)
        check(alice.inDoubt().isEmpty())
        // next
        bob.hearEvents { event ->
            when (val kind = event.kind) {
                is EventKind.Received -> println("${event.at} received ${kind.amount}")
                else -> println(kind)
            }
        }
        // next
        val total = Amount.parse("37.45") + Amount(55uL)
        check("$total" == "38.00" && total > Amount.ZERO && Amount.ZERO.minusOrNull(total) == null)
        // next
        try {
            alice.request(Amount(1uL shl 60), null)
        } catch (error: ReceiveException) {
            println("${error.code()} ${error.isRetryable()}: ${error.sentence(Language.SIMPLIFIED_CHINESE)}")
        }
        // end
        assertEquals(fen(4_495), bob.balance().spendable)
        assertEquals(null, bob.nextEvent())
    }

    @Test
    fun `the page shows what runs`() {
        val page = File(root, "docs/embedding-android.md").readText()
        val shown = page.split("```kotlin\n").drop(1).map { it.substringBefore("```").trim() }
        val source = File(root, "bindings/kotlin/wallet/src/test/kotlin/org/dcep/wallet/EmbeddingTest.kt").readText()
        val run = source.substringAfter("        // begin\n").substringBefore("        // end\n").split("        // next\n")
            .map { it.trimIndent().trim() }
        assertEquals(run, shown.filter { it in run })
        // README shows the first of them.
        assertEquals(run.first(), File(root, "README.md").readText().substringAfter("```kotlin\n").substringBefore("```").trim())
    }

    @Test
    fun `every error is in the page's table`() {
        val table = File(root, "docs/embedding-android.md").readText().substringAfter("## What to do in each error").substringBefore("\n## ")
        val named = EveryError.families.map { it.simpleName } + "InternalException" - "SandboxException"
        assertEquals(emptyList(), named.filterNot { "`$it`" in table })
    }
}
