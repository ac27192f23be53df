package org.dcep.wallet.android

import android.app.Activity
import android.content.Context
import kotlinx.coroutines.async
import kotlinx.coroutines.yield
import org.dcep.wallet.AccountWords
import org.dcep.wallet.Algorithm
import org.dcep.wallet.Amount
import org.dcep.wallet.Confirmation
import org.dcep.wallet.Consent
import org.dcep.wallet.FrameSize
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.PayException
import org.dcep.wallet.PayeeName
import org.dcep.wallet.Platform
import org.dcep.wallet.Sandbox
import org.dcep.wallet.Side
import org.dcep.wallet.Wallet
import org.dcep.wallet.WordCount
import org.dcep.wallet.WordList
import org.dcep.wallet.createAwait
import org.dcep.wallet.parse
import org.dcep.wallet.platform.HttpBank
import org.dcep.wallet.platform.guarded
import org.dcep.wallet.requestAwait
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowCardEmulation
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** The code of `docs/embedding-android.md` that needs Android: what runs here is what stands there, line by line. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], shadows = [ShadowCardInField::class])
class GuideTest {
    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()
    private val context: Context = activity
    private val radio = Field.adapter()
    private val box = Sandbox(7uL)
    private val other = box.phone("Other")
    private val seen = mutableListOf<String>()

    private fun question(what: Confirmation): String = "Pay? $what"
    private fun showHoldTogetherAgain() = seen.add("hold together again")
    private fun show(outcome: HandoffOutcome) = seen.add("$outcome")
    private fun confirmed(payee: PayeeName, amount: Amount): Boolean = seen.add("$amount for $payee")

    @Test
    fun a_wallet_on_a_phone(): Unit = FakeKeystore().use {
        val ROOT = box.root()
        untilDone {
            // begin
            val platform = Platform(
                vault = AndroidKeystoreVault(context, prompt = BiometricHolderPrompt(context, title = ::question)),
                guard = KeystoreRollbackGuard(context),
                bank = HttpBank("https://bank.example"),
            ).guarded()
            val path = context.noBackupFilesDir.resolve("wallet").path

            val wallet = AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH).use { words ->
                Wallet.createAwait(path, platform, words, ROOT, Algorithm.P256) // later: Wallet.openAwait(path, platform)
            }
            // end
            assertEquals(Amount(0uL), wallet.balance().spendable)
            wallet.shutDown()
            Wallet.open(path, platform).shutDown()
        }
    }

    private suspend fun receive(wallet: Wallet) {
        // begin
        val request = wallet.requestAwait(Amount.parse("37.45"), "Bob's stall")
        val outcome = NfcPayee(activity, wallet).receive(request.id) { showHoldTogetherAgain() }
        show(outcome)
        // end
    }

    @Test
    fun being_paid_by_tap() = untilDone {
        box.fund("Other", Amount(100_00uL))
        val paying = other.pay(Consent.Exactly(Amount(37_45uL)), Side.READER)
        val outside = ReaderOutside()
        val receiving = async { receive(box.phone("Bob")) }
        until({ ShadowCardEmulation.getPreferredService() != null }) { yield() }
        outside.tap(paying, FrameSize.EXTENDED, apartAt = 2)
        assertTrue(outside.tap(paying, FrameSize.EXTENDED))
        receiving.await()
        assertIs<HandoffOutcome.Paid>(paying.outcome())
        assertEquals("hold together again", seen.first())
        assertTrue(seen.last().startsWith("Received("))
    }

    private suspend fun pay(wallet: Wallet) {
        // begin
        val payer = NfcPayer(activity, wallet)
        var outcome = payer.pay(Consent.Unconfirmed) { showHoldTogetherAgain() }
        if (outcome is HandoffOutcome.Declined) {
            val (error, asked) = outcome
            if (error is PayException.ConfirmOnDevice && asked != null && confirmed(asked.payee, error.amount)) {
                outcome = payer.pay(Consent.To(asked.id, error.amount)) { showHoldTogetherAgain() }
            }
        }
        show(outcome)
        // end
    }

    @Test
    fun paying_by_tap() = untilDone {
        val alice = box.phone("Alice")
        box.fund("Alice", Amount(1_000_00uL))
        val field = Field(other.receive(other.request(Amount(500_00uL), "A stall").id, Side.CARD))
        val paying = async { pay(alice) }
        until({ radio.isInReaderMode }) { yield() }
        field.tap()
        until({ seen.isNotEmpty() && radio.isInReaderMode }) { yield() }
        field.tap()
        paying.await()
        assertEquals(2, seen.size, "$seen")
        assertTrue(seen.last().startsWith("Paid("), "$seen")
    }

    @Test
    fun the_page_shows_what_runs() {
        val page = File("../../../docs/embedding-android.md").readText()
        val shown = page.split("```kotlin\n").drop(1).map { it.substringBefore("```").trim() }
        val here = blocks(File("src/test/kotlin/org/dcep/wallet/android/GuideTest.kt"))
        val elsewhere = blocks(File("../wallet/src/test/kotlin/org/dcep/wallet/EmbeddingTest.kt"))
        assertEquals(here, shown - elsewhere.toSet())
    }

    private fun blocks(test: File): List<String> =
        test.readText().split(Regex(" +// begin\n")).drop(1)
            .flatMap { it.substringBefore("// end\n").split(Regex(" +// next\n")) }
            .map { it.trimIndent().trim() }
}
