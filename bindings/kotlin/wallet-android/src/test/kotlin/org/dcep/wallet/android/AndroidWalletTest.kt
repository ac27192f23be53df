package org.dcep.wallet.android

import android.app.Activity
import kotlinx.coroutines.async
import kotlinx.coroutines.yield
import org.dcep.wallet.AccountWords
import org.dcep.wallet.Algorithm
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.EventKind
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Platform
import org.dcep.wallet.Sandbox
import org.dcep.wallet.Side
import org.dcep.wallet.VaultException
import org.dcep.wallet.Wallet
import org.dcep.wallet.WalletClass
import org.dcep.wallet.WalletException
import org.dcep.wallet.WordCount
import org.dcep.wallet.WordList
import org.dcep.wallet.hearEvents
import org.dcep.wallet.platform.guarded
import org.dcep.wallet.tap.TapEnd
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

/**
 * The whole of it: the core's wallet, with its keys and its guard in Android's Keystore, paying through Android's `IsoDep`.
 *
 * One Android only: the library knows one set of callbacks, and each Android of Robolectric has classes of its own.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], shadows = [ShadowCardInField::class])
class AndroidWalletTest {
    private val keystore = FakeKeystore()
    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()
    private val radio = Field.adapter()
    private val box = Sandbox(5uL)
    private val bob = box.phone("Bob")
    private var agrees = true
    private val prompt = HolderPrompt { if (!agrees) throw VaultException.UserCancelled() }
    private val file = File(activity.noBackupFilesDir, "wallet")
    private val platform = Platform(
        vault = AndroidKeystoreVault(activity, KeyProtection.HolderPresent(60, biometricsOnly = true), prompt = prompt),
        guard = KeystoreRollbackGuard(activity),
        bank = box.bank(),
        clock = box.clock(),
    ).guarded()
    private var wallet = AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH).use { words ->
        Wallet.create(file.path, platform, words, box.root(), Algorithm.P256)
    }

    init {
        wallet.enrol(WalletClass.II, null)
        box.payIn(wallet.account(), Amount(1_000_00uL))
        wallet.load(Amount(100_00uL))
    }

    @After
    fun close() {
        wallet.shutDown()
        keystore.close()
    }

    private fun payer() = NfcPayer(activity, wallet)

    private fun field(asked: Amount) = Field(bob.receive(bob.request(asked, null).id, Side.CARD))

    private fun pay(amount: Amount): HandoffOutcome = untilDone {
        val field = field(amount)
        val paying = async { payer().pay(Consent.Exactly(amount)) { error("missed: $it") } }
        until({ radio.isInReaderMode }) { yield() }
        field.tap()
        paying.await()
    }

    @Test
    fun it_pays_with_what_the_keystore_signs() {
        assertIs<HandoffOutcome.Paid>(pay(Amount(37_45uL)))
        assertEquals(Amount(37_45uL), bob.balance().spendable)
        assertEquals(Amount(62_55uL), wallet.deposit(null))
        assertTrue(keystore.entries.keys.any { it.startsWith("dcep_key_") })
    }

    @Test
    fun who_says_no_has_not_paid() {
        agrees = false
        val refused = assertFailsWith<WalletException.Vault> { wallet.pay(Consent.Exactly(Amount(1uL)), Side.READER) }
        assertIs<VaultException.UserCancelled>(refused.error)
        assertEquals(Amount(100_00uL), wallet.balance().spendable)
    }

    @Test
    fun an_older_file_is_found_out() {
        wallet.shutDown()
        val yesterday = file.readBytes()
        wallet = Wallet.open(file.path, platform)
        assertFalse(wallet.openReport().rolledBack)
        assertIs<HandoffOutcome.Paid>(pay(Amount(37_45uL)))
        wallet.shutDown()

        file.writeBytes(yesterday)
        wallet = Wallet.open(file.path, platform)
        assertTrue(wallet.openReport().rolledBack)
        assertEquals(Amount(0uL), wallet.balance().spendable)
    }

    @Test
    fun keys_that_new_biometrics_destroy_are_retired_and_the_wallet_goes_on() {
        wallet.shutDown()
        keystore.entries.filterKeys { it.startsWith("dcep_key_") }.values.forEach { it.isInvalidated = true }
        wallet = Wallet.open(file.path, platform)
        wallet.sync()
        val heard = mutableListOf<EventKind>()
        untilDone { wallet.hearEvents { heard += it.kind } }
        assertEquals(Amount(100_00uL), heard.filterIsInstance<EventKind.KeysDestroyed>().single().held)
        assertEquals(Amount(100_00uL), wallet.balance().onlyAtBank)

        wallet.load(Amount(50_00uL))
        assertIs<HandoffOutcome.Paid>(pay(Amount(37_45uL)))
        assertEquals(Amount(12_55uL), wallet.balance().spendable)
    }

    @Test
    fun a_keystore_that_does_not_answer_costs_nothing() = untilDone {
        val field = field(Amount(37_45uL))
        val missed = mutableListOf<TapEnd>()
        val paying = async { payer().pay(Consent.Exactly(Amount(37_45uL)), missed::add) }
        until({ radio.isInReaderMode }) { yield() }
        keystore.isDeaf = true
        field.tap()
        assertIs<TapEnd.Refused>(missed.single())
        assertEquals(Amount(100_00uL), wallet.balance().spendable)
        keystore.isDeaf = false
        field.tap()
        assertIs<HandoffOutcome.Paid>(paying.await())
        assertEquals(Amount(62_55uL), wallet.balance().spendable)
    }
}
