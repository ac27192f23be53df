package org.dcep.demo.start

import android.os.Bundle
import android.view.WindowManager
import android.widget.EditText
import android.widget.TextView
import org.dcep.demo.R
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.phone.Setup
import org.dcep.demo.ui.Screen
import org.dcep.wallet.BankException

/** Asks for three of the words; then makes the wallet, and opens the account. */
class CheckWordsActivity : Screen() {
    private lateinit var setup: Setup

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        setContentView(R.layout.check_words)
        setup = app.setup ?: return goForGood(StartActivity::class)
        setup.asked.zip(PLACES) { word, (label, field) ->
            find<TextView>(label).apply {
                text = getString(R.string.word_at, word + 1)
                labelFor = field
            }
        }
        onTouch(R.id.proceed) { button ->
            if (isRight()) workOn(button) { make() } else say(getString(R.string.words_wrong))
        }
    }

    /** The words as they are, with what was typed in the places that were asked for. */
    private fun isRight(): Boolean {
        val words = String(setup.words.reveal()).split(' ').toMutableList()
        setup.asked.zip(PLACES) { word, (_, field) ->
            words[word] = find<EditText>(field).text.trim().toString().lowercase()
        }
        return setup.words.matches(words.joinToString(" ").toByteArray())
    }

    private suspend fun make() {
        app.own.create(setup.bank, setup.words)
        app.setup = null
        try {
            app.own.enrol()
        } catch (_: BankException) {
            // The home screen says that this is still to be done, and does it.
        }
        goForGood(HomeActivity::class)
    }

    private companion object {
        val PLACES = listOf(
            R.id.first_label to R.id.first_word,
            R.id.second_label to R.id.second_word,
            R.id.third_label to R.id.third_word,
        )
    }
}
