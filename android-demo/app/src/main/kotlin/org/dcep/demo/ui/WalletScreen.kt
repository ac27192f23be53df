package org.dcep.demo.ui

import android.view.View
import org.dcep.demo.phone.Door
import org.dcep.demo.settings.LockActivity
import org.dcep.demo.start.WelcomeActivity
import org.dcep.wallet.Wallet

/** A screen that shows something of an open wallet. Whatever else it finds, it sends the holder there. */
abstract class WalletScreen : Screen() {
    lateinit var wallet: Wallet
        private set

    /** Whether the wallet is known already. */
    val isReady: Boolean get() = ::wallet.isInitialized

    override fun onResume() {
        super.onResume()
        work {
            when (val door = app.phone.door()) {
                Door.NoWallet -> goForGood(WelcomeActivity::class)
                is Door.Locked -> go(LockActivity::class)
                is Door.Open -> {
                    wallet = door.wallet
                    refresh()
                }
            }
        }
    }

    /** What is touched before the wallet is open was meant for nothing that is there. */
    override fun onTouch(id: Int, then: (View) -> Unit) = super.onTouch(id) { if (isReady) then(it) }

    /** The wallet is open, and the screen is in front: shows what is so now. */
    protected abstract suspend fun refresh()
}
