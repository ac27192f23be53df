package org.dcep.demo.start

import android.net.Uri
import android.os.Bundle
import android.view.WindowManager
import android.widget.EditText
import android.widget.TextView
import org.dcep.demo.R
import org.dcep.demo.ui.Screen
import org.dcep.wallet.AccountWords
import org.dcep.wallet.BankException

/** A phone was lost: its words bring the account back, and the bank pays out what was on it. */
class RestoreActivity : Screen() {
    private var backup: Uri? = null

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        setContentView(R.layout.restore)
        find<TextView>(R.id.restore_words_label).labelFor = R.id.restore_words
        val fields = BankFields(this)
        onTouch(R.id.choose_backup) { chooseFile() }
        onTouch(R.id.proceed) { button ->
            val bank = fields.read() ?: return@onTouch
            workOn(button) {
                val typed = find<EditText>(R.id.restore_words).text.toString().toByteArray()
                AccountWords.parse(typed).use { words -> app.own.restore(bank, words, backup?.let { read(it) }) }
                find<EditText>(R.id.restore_words).text.clear()
                try {
                    app.own.enrol()
                } catch (_: BankException) {
                    // The home screen says that this is still to be done, and does it.
                }
                goForGood(RestoredActivity::class)
            }
        }
    }

    override fun onFileChosen(file: Uri) {
        backup = file
        text(R.id.backup_chosen).setText(R.string.backup_chosen)
    }
}
