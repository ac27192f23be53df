package org.dcep.demo.phone

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.dcep.wallet.LockedWallet
import org.dcep.wallet.Pin
import org.dcep.wallet.Wallet
import org.dcep.wallet.lockAwait
import org.dcep.wallet.unlockAwait

/** What stands before a wallet. */
sealed class Door {
    /** There is none yet. */
    object NoWallet : Door()

    /** It opens with its PIN. */
    class Locked(val wallet: LockedWallet) : Door()

    class Open(val wallet: Wallet) : Door()
}

/** A phone's wallet, opened once for the process and off the main thread. */
abstract class Phone {
    private val turn = Mutex()
    private var found: Door? = null

    /** Whether it is a simulated one, whose bank ends with the process. */
    abstract val isSimulated: Boolean

    /** Looks what is there. */
    protected abstract suspend fun enter(): Door

    /** What stands before the wallet now; opens it if that was not done yet. */
    suspend fun door(): Door = turn.withLock {
        found ?: enter().also { found = it }
    }

    suspend fun lock(wallet: Wallet) = passed { Door.Locked(wallet.lockAwait()) }

    suspend fun unlock(wallet: LockedWallet, pin: Pin) = passed { Door.Open(wallet.unlockAwait(pin)) }

    /** One at a time through the door. */
    protected suspend fun passed(through: suspend () -> Door) = turn.withLock { found = through() }
}

/** Runs what waits for a disk, and returns to the caller's thread. The wallet's own calls do that by themselves. */
suspend fun <T> waiting(call: () -> T): T = withContext(Dispatchers.IO) { call() }
