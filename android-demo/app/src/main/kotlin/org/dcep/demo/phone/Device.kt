package org.dcep.demo.phone

import android.app.Application
import android.app.KeyguardManager
import org.dcep.demo.R
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Algorithm
import org.dcep.wallet.Amount
import org.dcep.wallet.Confirmation
import org.dcep.wallet.Pin
import org.dcep.wallet.Platform
import org.dcep.wallet.android.AndroidKeystoreVault
import org.dcep.wallet.android.BiometricHolderPrompt
import org.dcep.wallet.android.KeystoreRollbackGuard
import org.dcep.wallet.platform.HttpBank
import org.dcep.wallet.platform.guarded

/** What this app needs of the device it runs on. Tests bring a device of their own. */
interface Device {
    /** What the device's keys sign with. */
    val algorithm: Algorithm

    /** What the device lends to a wallet whose bank is at [address]. */
    fun platform(address: String): Platform

    /** Whether the device itself can make sure that it is its holder who agrees. If not, the wallet's PIN has to do. */
    val asksHolder: Boolean

    /** A PIN as it was typed. */
    fun pin(typed: ByteArray): Pin = Pin(typed)
}

/** A real one: the Keystore, the system's sheet for fingers and codes, and a bank behind HTTP. */
class AndroidDevice(private val app: Application) : Device {
    override val algorithm = Algorithm.P256

    private val keyguard = checkNotNull(app.getSystemService(KeyguardManager::class.java))
    private val sheet = BiometricHolderPrompt(app) { what -> app.getString(R.string.pay_question, app.yuan(what.amount)) }

    override val asksHolder: Boolean get() = keyguard.isDeviceSecure

    override fun platform(address: String): Platform = Platform(
        vault = AndroidKeystoreVault(app, prompt = ::confirm),
        guard = KeystoreRollbackGuard(app),
        bank = HttpBank(address),
    ).guarded()

    /** A phone without a lock has nobody to ask: there the screen has asked for the wallet's PIN, if it has one. */
    private fun confirm(what: Confirmation) {
        if (asksHolder) sheet.confirm(what)
    }
}

private val Confirmation.amount: Amount
    get() = when (this) {
        is Confirmation.UpTo -> amount
        is Confirmation.Exactly -> amount
        is Confirmation.Request -> amount
    }
