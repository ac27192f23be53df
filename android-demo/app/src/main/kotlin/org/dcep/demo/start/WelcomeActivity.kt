package org.dcep.demo.start

import android.os.Bundle
import org.dcep.demo.R
import org.dcep.demo.alone.AloneActivity
import org.dcep.demo.ui.Screen

/** Nothing is here yet: three ways to begin. */
class WelcomeActivity : Screen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.welcome)
        onTouch(R.id.alone) { go(AloneActivity::class) }
        onTouch(R.id.connect) { go(ConnectActivity::class) }
        onTouch(R.id.restore) { go(RestoreActivity::class) }
    }
}
