package org.dcep.wallet

import org.junit.jupiter.api.Test
import java.io.File
import kotlin.test.assertEquals

/** The code of `docs/embedding-android.md`: what runs here is what stands there, line by line. */
class EmbeddingTest {
    private val root = File(System.getProperty("basedir"), "../../..")

    @Test
    fun `the page's code runs`() {
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
        while (true) {
            val event = bob.nextEvent() ?: break
            when (val kind = event.kind) {
                is EventKind.Received -> println("${event.at} received ${kind.amount}")
                else -> println(kind)
            }
            bob.acknowledgeEvent(event.id)
        }
        // end
        assertEquals(fen(4_245), bob.balance().spendable)
    }

    @Test
    fun `the page shows what runs`() {
        val page = File(root, "docs/embedding-android.md").readText()
        val shown = page.split("```kotlin\n").drop(1).map { it.substringBefore("```").trim() }
        val source = File(root, "bindings/kotlin/wallet/src/test/kotlin/org/dcep/wallet/EmbeddingTest.kt").readText()
        val run = source.substringAfter("        // begin\n").substringBefore("        // end\n").split("        // next\n")
        assertEquals(run.map { it.trimIndent().trim() }, shown.take(3))
    }
}
