package org.dcep.wallet.android

import android.app.Activity
import android.app.KeyguardManager
import android.content.Context
import android.content.Intent
import android.os.Bundle
import org.dcep.wallet.VaultException
import java.util.concurrent.CompletableFuture

/**
 * Android before 10: shows the system's screen for the device's code, and passes on what comes of it. Shows nothing itself.
 *
 * The package's manifest declares it; an app uses [BiometricHolderPrompt].
 */
public class DeviceCodeActivity : Activity() {
    /** Android: it begins. When it begins once more, the system's screen is there already. */
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        @Suppress("DEPRECATION")
        if (state == null) startActivityForResult(intent.getParcelableExtra(SCREEN), 0)
    }

    /** Android: the holder is done with the system's screen. */
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        tell { if (result == RESULT_OK) complete(Unit) else completeExceptionally(VaultException.UserCancelled()) }
        finish()
    }

    /** Android: it ends. If it is for good, and nothing came of it, nothing will. */
    override fun onDestroy() {
        super.onDestroy()
        if (isFinishing) tell { completeExceptionally(VaultException.UserCancelled()) }
    }

    internal companion object {
        private const val SCREEN = "screen"

        /** Who waits. One for the process, as the device has one screen. */
        private var waiting: CompletableFuture<Unit>? = null

        /** Shows the screen, and completes [answer] with what the holder does. Returns what stops waiting. */
        fun ask(context: Context, title: CharSequence, answer: CompletableFuture<Unit>): () -> Unit {
            val keyguard = context.getSystemService(Context.KEYGUARD_SERVICE) as KeyguardManager
            @Suppress("DEPRECATION")
            val screen = keyguard.createConfirmDeviceCredentialIntent(title, null) ?: throw VaultException.Unavailable()
            synchronized(this) {
                waiting?.completeExceptionally(VaultException.UserCancelled())
                waiting = answer
            }
            context.startActivity(
                Intent(context, DeviceCodeActivity::class.java).putExtra(SCREEN, screen).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK),
            )
            return { tell { completeExceptionally(VaultException.UserCancelled()) } }
        }

        private fun tell(what: CompletableFuture<Unit>.() -> Unit) {
            val told = synchronized(this) { waiting.also { waiting = null } }
            told?.what()
        }
    }
}
