package org.dcep.wallet.android

import android.content.Context
import android.hardware.biometrics.BiometricManager.Authenticators
import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.os.CancellationSignal
import org.dcep.wallet.VaultException
import java.util.concurrent.CompletableFuture

/** The system's sheet for biometrics and the device's code. Knows classes that Android has from 10 on: not to be touched before. */
internal object SystemSheet {
    /** Shows the sheet, and completes [answer] with what the holder does. Returns what takes the sheet away. */
    fun ask(context: Context, title: CharSequence, biometricsOnly: Boolean, answer: CompletableFuture<Unit>): () -> Unit {
        val sheet = BiometricPrompt.Builder(context).setTitle(title)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) {
            @Suppress("DEPRECATION")
            sheet.setDeviceCredentialAllowed(true)
        } else if (biometricsOnly) {
            sheet.setAllowedAuthenticators(Authenticators.BIOMETRIC_STRONG)
            // Without the way to the code Android demands a button for "no"; pressing it is told here.
            sheet.setNegativeButton(context.getText(android.R.string.cancel), Runnable::run) { _, _ ->
                answer.completeExceptionally(VaultException.UserCancelled())
            }
        } else {
            sheet.setAllowedAuthenticators(Authenticators.BIOMETRIC_STRONG or Authenticators.DEVICE_CREDENTIAL)
        }
        val withdrawal = CancellationSignal()
        sheet.build().authenticate(withdrawal, Runnable::run, Answering(answer))
        return withdrawal::cancel
    }

    private class Answering(private val answer: CompletableFuture<Unit>) : BiometricPrompt.AuthenticationCallback() {
        override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult?) {
            answer.complete(Unit)
        }

        override fun onAuthenticationError(code: Int, text: CharSequence?) {
            answer.completeExceptionally(meaning(code))
        }
    }

    /** What the system means by its number. A wrong finger is not told so: the sheet stays. */
    private fun meaning(code: Int): VaultException =
        when (code) {
            BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED,
            BiometricPrompt.BIOMETRIC_ERROR_CANCELED,
            BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT,
            -> VaultException.UserCancelled()
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT,
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT,
            -> VaultException.Locked()
            else -> VaultException.Unavailable()
        }
}
