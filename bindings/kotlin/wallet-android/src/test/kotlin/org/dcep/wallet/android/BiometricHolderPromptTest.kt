package org.dcep.wallet.android

import android.app.Application
import android.hardware.biometrics.BiometricManager.Authenticators
import android.hardware.biometrics.BiometricPrompt
import android.os.CancellationSignal
import org.dcep.wallet.Amount
import org.dcep.wallet.Confirmation
import org.dcep.wallet.VaultException
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executor
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.reflect.KClass
import kotlin.test.assertEquals
import kotlin.test.assertFails
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue

/** Asks in a thread of the wallet's, and says what came of it. */
internal fun asking(prompt: HolderPrompt, what: Confirmation): CompletableFuture<Unit> =
    CompletableFuture.supplyAsync({ prompt.confirm(what) }, { work -> thread { work.run() } })

/** The answer, which comes within a minute or not at all. */
internal fun CompletableFuture<Unit>.heard() = get(1, TimeUnit.MINUTES)

internal fun CompletableFuture<Unit>.vaultException(): VaultException =
    assertIs(assertFailsWith<ExecutionException> { heard() }.cause)

/** The system's sheet, as far as an app sees it. */
@Implements(BiometricPrompt::class)
internal class ShadowSheet {
    @RealObject
    lateinit var sheet: BiometricPrompt
    lateinit var withdrawal: CancellationSignal
    lateinit var callback: BiometricPrompt.AuthenticationCallback

    @Implementation
    fun authenticate(
        withdrawal: CancellationSignal,
        @Suppress("UNUSED_PARAMETER") executor: Executor,
        callback: BiometricPrompt.AuthenticationCallback,
    ) {
        this.withdrawal = withdrawal
        this.callback = callback
        shown.put(this)
    }

    companion object {
        private val shown = LinkedBlockingQueue<ShadowSheet>()

        /** The sheet that is shown next. */
        fun next(): ShadowSheet = assertNotNull(shown.poll(1, TimeUnit.MINUTES), "no sheet is shown")
    }
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], shadows = [ShadowSheet::class])
class BiometricHolderPromptTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val what = Confirmation.Exactly(Amount(1255uL))
    private val code = BiometricHolderPrompt(app) { "Pay 12.55?" }

    private fun failing(number: Int): KClass<out VaultException> {
        val answer = asking(code, what)
        ShadowSheet.next().callback.onAuthenticationError(number, "of the system")
        return answer.vaultException()::class
    }

    @Test
    fun who_agrees_pays() {
        val heard = mutableListOf<Confirmation>()
        val prompt = BiometricHolderPrompt(app) { heard += it; "Pay 12.55?" }
        val answer = asking(prompt, what)
        val shown = ShadowSheet.next()
        assertEquals("Pay 12.55?", shown.sheet.title)
        assertEquals(Authenticators.BIOMETRIC_STRONG or Authenticators.DEVICE_CREDENTIAL, shown.sheet.allowedAuthenticators)
        // A wrong finger is no answer.
        shown.callback.onAuthenticationFailed()
        assertFalse(answer.isDone)
        shown.callback.onAuthenticationSucceeded(null)
        answer.heard()
        assertEquals(listOf<Confirmation>(what), heard)
    }

    @Test
    fun where_the_code_is_no_proof_it_is_not_asked_for() {
        val answer = asking(BiometricHolderPrompt(app, biometricsOnly = true) { "Pay 12.55?" }, what)
        val shown = ShadowSheet.next()
        assertEquals(Authenticators.BIOMETRIC_STRONG, shown.sheet.allowedAuthenticators)
        assertEquals("Cancel", shown.sheet.negativeButtonText)
        shown.callback.onAuthenticationSucceeded(null)
        answer.heard()
    }

    @Test
    fun every_answer_of_the_system_has_a_meaning() {
        assertEquals(VaultException.UserCancelled::class, failing(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED))
        assertEquals(VaultException.UserCancelled::class, failing(BiometricPrompt.BIOMETRIC_ERROR_CANCELED))
        assertEquals(VaultException.UserCancelled::class, failing(BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT))
        assertEquals(VaultException.Locked::class, failing(BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT))
        assertEquals(VaultException.Locked::class, failing(BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT))
        assertEquals(VaultException.Unavailable::class, failing(BiometricPrompt.BIOMETRIC_ERROR_NO_DEVICE_CREDENTIAL))
        assertEquals(VaultException.Unavailable::class, failing(BiometricPrompt.BIOMETRIC_ERROR_VENDOR))
    }

    @Test
    fun a_call_that_is_interrupted_takes_the_sheet_away() {
        var thrown: Throwable? = null
        val waiting = thread { thrown = assertFails { code.confirm(what) } }
        val shown = ShadowSheet.next()
        waiting.interrupt()
        waiting.join()
        assertIs<VaultException.UserCancelled>(thrown)
        assertTrue(shown.withdrawal.isCanceled)
    }

    @Test
    fun the_vault_asks_with_it_before_the_tap() {
        FakeKeystore().use {
            val vault = AndroidKeystoreVault(app, prompt = code)
            val declined = asking({ vault.authorize(it) }, what)
            ShadowSheet.next().callback.onAuthenticationError(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, "no")
            assertIs<VaultException.UserCancelled>(declined.vaultException())
        }
    }
}
