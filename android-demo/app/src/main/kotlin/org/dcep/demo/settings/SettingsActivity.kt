package org.dcep.demo.settings

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.view.View
import org.dcep.demo.R
import org.dcep.demo.phone.waiting
import org.dcep.demo.start.StartActivity
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.shownIf
import org.dcep.wallet.backupAwait
import org.dcep.wallet.hasPinAwait
import org.dcep.wallet.libraryVersion

private const val SAVE_BACKUP = 1

/** The PIN, the lock, and the backup. */
class SettingsActivity : WalletScreen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.settings)
        onTouch(R.id.set_pin) { PinActivity.start(this, PinActivity.Change.SET) }
        onTouch(R.id.change_pin) { PinActivity.start(this, PinActivity.Change.CHANGE) }
        onTouch(R.id.remove_pin) { PinActivity.start(this, PinActivity.Change.REMOVE) }
        onTouch(R.id.lock_now) { button ->
            workOn(button) {
                app.phone.lock(wallet)
                goForGood(StartActivity::class)
            }
        }
        onTouch(R.id.save_backup) { saveBackup() }
        text(R.id.version).text = getString(R.string.version, libraryVersion())
    }

    override suspend fun refresh() {
        val hasPin = wallet.hasPinAwait()
        text(R.id.pin_text).setText(if (hasPin) R.string.pin_is_set else R.string.pin_is_not_set)
        find<View>(R.id.set_pin).shownIf(!hasPin)
        for (id in listOf(R.id.change_pin, R.id.remove_pin, R.id.lock_now)) find<View>(id).shownIf(hasPin)
    }

    /** Android asks where to. Only the account's words open it, and there is no money in it. */
    private fun saveBackup() = startActivityForResult(
        Intent(Intent.ACTION_CREATE_DOCUMENT)
            .addCategory(Intent.CATEGORY_OPENABLE)
            .setType("application/octet-stream")
            .putExtra(Intent.EXTRA_TITLE, getString(R.string.backup_file)),
        SAVE_BACKUP,
    )

    override fun onActivityResult(request: Int, result: Int, chosen: Intent?) {
        super.onActivityResult(request, result, chosen)
        val file = chosen?.data ?: return
        if (request != SAVE_BACKUP || result != Activity.RESULT_OK) return
        work {
            val backup = wallet.backupAwait()
            waiting { contentResolver.openOutputStream(file)?.use { it.write(backup) } }
            say(getString(R.string.backup_saved))
        }
    }
}
