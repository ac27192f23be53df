package org.dcep.wallet.android

import android.content.Context
import android.os.Build
import org.dcep.wallet.Confirmation
import org.dcep.wallet.VaultException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException

/**
 * Asks with the system's own screen: a finger, a face, or the device's code. It also unlocks keys with
 * [KeyProtection.HolderPresent].
 *
 * From Android 10 on that is the sheet of `BiometricPrompt`. Before, it is the screen of the device's code, which takes a finger
 * as well: the sheet of Android 9 has no way to the code.
 *
 * The app has to be in front. A device without a lock cannot ask: `VaultException.Unavailable`.
 *
 * @param context any context of the app.
 * @param biometricsOnly as in [KeyProtection.HolderPresent]: the device's code is no proof, from Android 11 on.
 * @param title what the screen asks, in the holder's language: "Pay 37.45?"
 */
public class BiometricHolderPrompt(
    context: Context,
    private val biometricsOnly: Boolean = false,
    private val title: (Confirmation) -> CharSequence,
) : HolderPrompt {
    private val app = context.applicationContext

    /**
     * Returns when the holder has agreed.
     *
     * @throws VaultException `UserCancelled` if the holder does not; `Locked` after too many wrong tries; `Unavailable` if this
     * device cannot ask.
     */
    override fun confirm(what: Confirmation) {
        val answer = CompletableFuture<Unit>()
        val title = title(what)
        val withdraw = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) {
            SystemSheet.ask(app, title, biometricsOnly, answer)
        } else {
            DeviceCodeActivity.ask(app, title, answer)
        }
        try {
            answer.get()
        } catch (failed: ExecutionException) {
            throw failed.cause ?: failed
        } catch (interrupted: InterruptedException) {
            withdraw()
            Thread.currentThread().interrupt()
            throw VaultException.UserCancelled().apply { initCause(interrupted) }
        }
    }
}
