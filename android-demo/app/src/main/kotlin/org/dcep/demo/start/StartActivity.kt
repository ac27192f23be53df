package org.dcep.demo.start

import android.os.Bundle
import android.view.View
import org.dcep.demo.R
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.phone.Door
import org.dcep.demo.settings.LockActivity
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.sentence
import org.dcep.demo.ui.shownIf

/** Where the app begins: opens the wallet, and goes where that leads. */
class StartActivity : Screen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.start)
        onTouch(R.id.again) { open() }
        open()
    }

    private fun open() {
        text(R.id.start_message).setText(R.string.opening)
        find<View>(R.id.again).shownIf(false)
        work(::failed) {
            when (app.phone.door()) {
                Door.NoWallet -> goForGood(WelcomeActivity::class)
                is Door.Locked -> goForGood(LockActivity::class)
                is Door.Open -> goForGood(HomeActivity::class)
            }
        }
    }

    private fun failed(why: Exception) {
        text(R.id.start_message).text = sentence(why)
        find<View>(R.id.again).shownIf(true)
    }
}
