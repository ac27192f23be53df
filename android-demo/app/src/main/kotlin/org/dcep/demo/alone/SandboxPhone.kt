package org.dcep.demo.alone

import org.dcep.demo.phone.Door
import org.dcep.demo.phone.Phone
import org.dcep.demo.phone.waiting
import org.dcep.wallet.EventKind
import org.dcep.wallet.Sandbox
import org.dcep.wallet.Wallet
import org.dcep.wallet.hearEvents

/** A simulated phone, with files, keys and a guard of its own in this process. */
class SandboxPhone(private val box: Sandbox, val name: String) : Phone() {
    override val isSimulated get() = true

    /** What its holder heard last. */
    var heard: EventKind? = null
        private set

    /** Hears what is new. */
    suspend fun hear() = wallet().hearEvents { heard = it.kind }

    override suspend fun enter(): Door = Door.Open(waiting { box.phone(name) })

    suspend fun wallet(): Wallet = (door() as Door.Open).wallet

    /** Kills its app, and starts it again. */
    suspend fun restart() = passed { Door.Open(waiting { box.restart(name) }) }
}
