package org.dcep.demo.start

import android.os.Bundle
import android.view.ViewGroup
import android.view.WindowManager
import android.widget.GridLayout
import org.dcep.demo.R
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.isLargeText
import org.dcep.demo.ui.rows
import org.dcep.demo.ui.text

/** Shows the words of a new account, to be written down. Nothing is made before they were checked. */
class WordsActivity : Screen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        // No picture of the words, not in the list of recent apps either.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        setContentView(R.layout.words)
        // A process that ended has forgotten them, as it should.
        val setup = app.setup ?: return goForGood(StartActivity::class)
        val words = String(setup.words.reveal()).split(' ')
        find<GridLayout>(R.id.words).columnCount = if (isLargeText) 1 else 2
        find<ViewGroup>(R.id.words).rows(words.withIndex().toList(), R.layout.word) { (at, word) ->
            text(R.id.word_number).text = context.getString(R.string.number, at + 1)
            text(R.id.word).text = word
        }
        onTouch(R.id.proceed) { go(CheckWordsActivity::class) }
    }
}
