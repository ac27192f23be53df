package org.dcep.wallet.android

import android.os.Build
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import org.dcep.wallet.VaultException
import java.security.UnrecoverableKeyException

/** Runs a piece of the vault; whatever the Keystore throws becomes a [VaultException]. */
internal inline fun <T> vaultErrors(work: () -> T): T =
    try {
        work()
    } catch (thrown: Throwable) {
        throw vaultException(thrown)
    }

/**
 * What the Keystore means by this. "The platform destroyed the key" is said only where it is certain: the wallet never asks
 * for such a key again.
 */
internal fun vaultException(thrown: Throwable): VaultException {
    val causes = generateSequence(thrown) { it.cause.takeIf { cause -> cause !== it } }.take(8).toList()
    causes.firstNotNullOfOrNull { it as? VaultException }?.let { return it }
    val meant = when {
        causes.any { it is KeyPermanentlyInvalidatedException } -> VaultException.KeyInvalidated()
        causes.any { it is UserNotAuthenticatedException } -> VaultException.Locked()
        thrown is UnrecoverableKeyException && thrown.saysInvalidated -> VaultException.KeyInvalidated()
        else -> VaultException.Unavailable()
    }
    // For whoever debugs on this side: the wallet gets the kind only.
    return meant.apply { initCause(thrown) }
}

/**
 * From Android 12 on the Keystore says so of a key that was destroyed when it is fetched, and drops the cause; every other
 * reason not to fetch a key has one.
 */
private val UnrecoverableKeyException.saysInvalidated: Boolean
    get() = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S && cause == null
