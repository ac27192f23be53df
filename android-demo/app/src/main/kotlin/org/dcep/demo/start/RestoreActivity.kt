package org.dcep.demo.start

import android.app.Activity
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.WindowManager
import android.widget.EditText
import android.widget.TextView
import org.dcep.demo.R
import org.dcep.demo.phone.waiting
import org.dcep.demo.ui.Screen
import org.dcep.wallet.AccountWords
import org.dcep.wallet.BankException

private const val CHOOSE_BACKUP = 1

/** A phone was lost: its words bring the account back, and the bank pays out what was on it. */
class RestoreActivity : Screen() {
    private var backup: Uri? = null

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        setContentView(R.layout.restore)
        find<TextView>(R.id.restore_words_label).labelFor = R.id.restore_words
        val fields = BankFields(this)
        onTouch(R.id.choose_backup) { chooseBackup() }
        onTouch(R.id.proceed) { button ->
            val bank = fields.read() ?: return@onTouch
            workOn(button) {
                val typed = find<EditText>(R.id.restore_words).text.toString().toByteArray()
                AccountWords.parse(typed).use { words -> app.own.restore(bank, words, readBackup()) }
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

    private fun chooseBackup() = startActivityForResult(
        Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*"),
        CHOOSE_BACKUP,
    )

    override fun onActivityResult(request: Int, result: Int, chosen: Intent?) {
        super.onActivityResult(request, result, chosen)
        if (request != CHOOSE_BACKUP || result != Activity.RESULT_OK) return
        backup = chosen?.data
        text(R.id.backup_chosen).setText(R.string.backup_chosen)
    }

    private suspend fun readBackup(): ByteArray? = backup?.let { file ->
        waiting { contentResolver.openInputStream(file)?.use { it.readBytes() } }
    }
}
