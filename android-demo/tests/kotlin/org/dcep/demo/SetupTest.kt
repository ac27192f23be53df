package org.dcep.demo

import android.net.Uri
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.phone.Setup
import org.dcep.demo.settings.LockActivity
import org.dcep.demo.settings.SettingsActivity
import org.dcep.demo.start.CheckWordsActivity
import org.dcep.demo.start.ConnectActivity
import org.dcep.demo.start.RestoreActivity
import org.dcep.demo.start.RestoredActivity
import org.dcep.demo.start.StartActivity
import org.dcep.demo.start.WelcomeActivity
import org.dcep.demo.start.WordsActivity
import org.dcep.wallet.AccountWords
import org.dcep.wallet.WordCount
import org.dcep.wallet.WordList
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowAlertDialog

/** From an empty phone to a wallet, and back to one from its words. */
@RunWith(RobolectricTestRunner::class)
class SetupTest {
    private val words get() = String(app.setup!!.words.reveal()).split(' ')

    private fun connect(): Shown<ConnectActivity> = open<ConnectActivity>().also(::typeBank)

    private fun restore(words: String): Shown<RestoreActivity> = open<RestoreActivity>().also {
        it.type(R.id.restore_words, words)
        typeBank(it)
    }

    private fun typeBank(screen: Shown<*>) {
        screen.type(R.id.bank_address, "https://bank.example")
        screen.type(R.id.bank_root, app.device.box.root())
    }

    private fun answer(screen: Shown<CheckWordsActivity>, words: List<String>) {
        val fields = listOf(R.id.first_word, R.id.second_word, R.id.third_word)
        fields.zip(app.setup!!.asked) { field, place -> screen.type(field, words[place]) }
    }

    @Test
    fun an_empty_phone_begins_with_a_welcome() {
        val start = open<StartActivity>()
        start.untilStarts<WelcomeActivity>()
        val welcome = open<WelcomeActivity>()
        welcome.touch(R.id.connect)
        welcome.untilStarts<ConnectActivity>()
    }

    @Test
    fun in_three_screens_to_a_wallet() {
        val connect = connect()
        connect.touch(R.id.proceed)
        connect.untilStarts<WordsActivity>()
        val shown = open<WordsActivity>()
        for (word in words) assertTrue(shown.says(word), "the word $word is shown")
        shown.touch(R.id.proceed)
        shown.untilStarts<CheckWordsActivity>()
        val check = open<CheckWordsActivity>()
        answer(check, words)
        check.rotate()
        check.touch(R.id.proceed)
        check.untilStarts<HomeActivity>()
        assertNull(app.setup)
        val home = open<HomeActivity>()
        home.untilText(R.id.spendable, "¥0.00")
        assertFalse(home.isShown(R.id.setup_card))
    }

    @Test
    fun the_words_can_be_chinese() {
        val connect = connect()
        connect.touch(R.id.words_chinese)
        connect.touch(R.id.proceed)
        assertTrue(words.all { it.single().code > 0x4e00 })
    }

    @Test
    fun wrong_words_make_no_wallet() {
        app.setup = Setup(bank, WordList.ENGLISH)
        val check = open<CheckWordsActivity>()
        answer(check, words.reversed().map { "not-$it" })
        check.touch(R.id.proceed)
        assertEquals("These are not the words. Look at your paper again.", dialog())
        assertFalse(app.noBackupFilesDir.resolve("wallet").exists())
    }

    @Test
    fun an_address_and_a_root_key_are_asked_for() {
        val connect = open<ConnectActivity>()
        connect.touch(R.id.proceed)
        assertEquals("An address begins with https://", connect.error(R.id.bank_address))
        connect.type(R.id.bank_address, "https://bank.example")
        connect.touch(R.id.proceed)
        assertEquals("Your bank tells you this key", connect.error(R.id.bank_root))
        assertNull(app.setup)
    }

    @Test
    fun a_root_key_that_is_none_is_said_to_be_none() {
        app.setup = Setup(bank.copy(root = "ed25519:12"), WordList.ENGLISH)
        val check = open<CheckWordsActivity>()
        answer(check, words)
        check.touch(R.id.proceed)
        until("a sentence is shown") { dialog() != null }
        assertFalse(check.activity.isFinishing)
    }

    @Test
    fun without_a_network_the_wallet_is_made_and_finished_later() {
        app.device.box.setOffline(true)
        app.setup = Setup(bank, WordList.ENGLISH)
        val check = open<CheckWordsActivity>()
        answer(check, words)
        check.touch(R.id.proceed)
        check.untilStarts<HomeActivity>()
        val home = open<HomeActivity>()
        home.untilShown(R.id.setup_card)
        app.device.box.setOffline(false)
        home.touch(R.id.finish_setup)
        until("it is finished") { !home.isShown(R.id.setup_card) }
    }

    @Test
    fun a_process_that_ends_in_the_middle_begins_again_with_new_words() {
        app.setup = Setup(bank, WordList.ENGLISH)
        open<WordsActivity>().leave()
        app.endProcess()
        open<WordsActivity>().untilStarts<StartActivity>()
        open<CheckWordsActivity>().untilStarts<StartActivity>()
    }

    @Test
    fun a_wallet_opens_where_it_was_left() {
        setUp()
        own.shutDown()
        app.endProcess()
        open<StartActivity>().untilStarts<HomeActivity>()
        own.setPin(app.device.pin("2580".toByteArray()))
        own.shutDown()
        app.endProcess()
        open<StartActivity>().untilStarts<LockActivity>()
    }

    @Test
    fun a_wallet_that_does_not_open_says_why() {
        setUp()
        own.shutDown()
        app.noBackupFilesDir.resolve("wallet").writeText("this is no wallet")
        app.endProcess()
        val start = open<StartActivity>()
        start.untilShown(R.id.again)
        assertEquals(
            "The wallet's file is damaged and was set aside untouched: ask the bank before deleting anything.",
            start.text(R.id.start_message),
        )
    }

    @Test
    fun words_bring_back_the_account_of_a_lost_phone() {
        val words = AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH)
        setUp(yuan(80), words)
        app.device.box.payIn(own.account(), yuan(120))
        own.shutDown()
        // Another phone: nothing of the lost one is on it.
        app.noBackupFilesDir.resolve("wallet").delete()
        app.endProcess()

        val restore = restore(String(words.reveal()))
        restore.touch(R.id.proceed)
        restore.untilStarts<RestoredActivity>()
        val restored = open<RestoredActivity>()
        restored.untilText(R.id.restored_account, "On the account: ¥120.00. You can load it onto this phone now.")
        restored.touch(R.id.freeze)
        assertNotNull(ShadowAlertDialog.getLatestAlertDialog()).yes()
        until("it is said") { dialog() == "Your other phones are declared lost. What they hold comes back to your account." }
    }

    @Test
    fun a_backup_brings_back_the_history() {
        val words = AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH)
        setUp(yuan(80), words)
        pay(other("Bob"), yuan(5))
        val settings = open<SettingsActivity>()
        settings.touch(R.id.save_backup)
        val file = ByteArrayOutputStream()
        val address = Uri.parse("content://files/backup")
        shadowOf(app.contentResolver).registerOutputStream(address, file)
        settings.choose(address)
        until("it is saved") { dialog() == "The backup is saved." }
        own.shutDown()
        app.noBackupFilesDir.resolve("wallet").delete()
        app.endProcess()

        val restore = restore(String(words.reveal()))
        restore.touch(R.id.choose_backup)
        shadowOf(app.contentResolver).registerInputStream(address, ByteArrayInputStream(file.toByteArray()))
        restore.choose(address)
        restore.touch(R.id.proceed)
        restore.untilStarts<RestoredActivity>()
        val restored = open<RestoredActivity>()
        restored.untilShown(R.id.past)
        assertTrue(restored.says("¥5.00") && restored.says("¥80.00"))
    }

    @Test
    fun words_that_are_none_restore_nothing() {
        val restore = restore("these are no words")
        restore.touch(R.id.proceed)
        until("a sentence is shown") { dialog() == "These are not the words of an account: check their spelling and their order." }
        assertFalse(app.noBackupFilesDir.resolve("wallet").exists())
    }
}
