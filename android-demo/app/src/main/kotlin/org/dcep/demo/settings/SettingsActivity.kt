package org.dcep.demo.settings

import android.net.Uri
import android.os.Bundle
import android.view.View
import org.dcep.demo.R
import org.dcep.demo.start.StartActivity
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.shownIf
import org.dcep.wallet.backupAwait
import org.dcep.wallet.hasPinAwait
import org.dcep.wallet.libraryVersion

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
        onTouch(R.id.save_backup) { chooseNewFile(getString(R.string.backup_file), "application/octet-stream") }
        text(R.id.version).text = getString(R.string.version, libraryVersion())
    }

    override suspend fun refresh() {
        val hasPin = wallet.hasPinAwait()
        text(R.id.pin_text).setText(if (hasPin) R.string.pin_is_set else R.string.pin_is_not_set)
        find<View>(R.id.set_pin).shownIf(!hasPin)
        for (id in listOf(R.id.change_pin, R.id.remove_pin, R.id.lock_now)) find<View>(id).shownIf(hasPin)
    }

    /** Only the account's words open it, and there is no money in it. */
    override fun onFileChosen(file: Uri) {
        work {
            write(file, wallet.backupAwait())
            say(getString(R.string.backup_saved))
        }
    }
}
