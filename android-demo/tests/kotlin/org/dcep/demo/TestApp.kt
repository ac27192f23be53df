package org.dcep.demo

import org.dcep.demo.phone.Device
import org.dcep.demo.phone.OwnPhone
import org.dcep.wallet.Algorithm
import org.dcep.wallet.Amount
import org.dcep.wallet.Confirmation
import org.dcep.wallet.KeyVault
import org.dcep.wallet.MemoryGuard
import org.dcep.wallet.Pin
import org.dcep.wallet.Platform
import org.dcep.wallet.Sandbox
import org.dcep.wallet.SoftwareVault
import org.dcep.wallet.android.WalletApduService
import org.dcep.wallet.platform.guarded

/** The app on a device of the tests. */
class TestApp : DemoApp() {
    override val device = TestDevice()

    /** The card of the test before is gone with its phone. */
    override fun onCreate() {
        super.onCreate()
        WalletApduService.desk.disarm()
    }

    private var made: OwnPhone? = null

    /** Tests end the process without ending the machine: what lived as long as it is made anew. */
    override val own: OwnPhone
        get() = made ?: OwnPhone(noBackupFilesDir.resolve("wallet"), banks, device).also { made = it }

    /** Android has ended the app: its files are all that is left. */
    fun endProcess() {
        made = null
        setup = null
        town = null
        visited = null
    }
}

/** Keys in memory, and a bank in this process. */
class TestDevice : Device {
    val box = Sandbox(7u)
    override val algorithm = Algorithm.P256
    override var asksHolder = true

    /** What the holder does when the vault asks; returns having agreed. */
    var answer: (Confirmation) -> Unit = {}

    private val keys = SoftwareVault(ByteArray(32) { 7 })
    private val guard = MemoryGuard()
    private val vault = object : KeyVault by keys {
        override fun authorize(what: Confirmation): Amount {
            answer(what)
            return keys.authorize(what)
        }
    }

    override fun platform(address: String) = Platform(vault, guard, box.bank(), box.clock()).guarded()

    /** As cheap as a PIN can be. */
    override fun pin(typed: ByteArray) = Pin.atCost(typed, 8u, 1u)
}
