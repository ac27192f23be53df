package org.dcep.wallet.android

import android.app.Activity
import android.app.Application
import android.app.KeyguardManager
import android.content.Intent
import org.dcep.wallet.Amount
import org.dcep.wallet.Confirmation
import org.dcep.wallet.VaultException
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** What [BiometricHolderPrompt] does where there is no sheet that takes the device's code. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26])
class DeviceCodeActivityTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val what = Confirmation.UpTo(Amount(1255uL))
    private val prompt = BiometricHolderPrompt(app) { "Pay 12.55?" }

    private fun secured() = shadowOf(app.getSystemService(KeyguardManager::class.java)).setIsDeviceSecure(true)

    /** The activity that the prompt starts, and Android's screen that it starts in turn. */
    private fun started(): Pair<ActivityController<DeviceCodeActivity>, Intent> {
        until({ shadowOf(app).peekNextStartedActivity() != null }, Thread::yield)
        val intent = shadowOf(app).nextStartedActivity
        assertEquals(DeviceCodeActivity::class.java.name, intent.component!!.className)
        val activity = Robolectric.buildActivity(DeviceCodeActivity::class.java, intent).setup()
        return activity to shadowOf(activity.get()).nextStartedActivityForResult.intent
    }

    @Test
    fun who_knows_the_code_pays() {
        secured()
        val answer = asking(prompt, what)
        val (activity, screen) = started()
        assertEquals("Pay 12.55?", screen.getCharSequenceExtra("android.app.extra.TITLE"))
        // Rotated meanwhile.
        activity.recreate()
        @Suppress("DEPRECATION")
        shadowOf(activity.get()).callOnActivityResult(0, Activity.RESULT_OK, null)
        answer.heard()
        assertTrue(activity.get().isFinishing)
    }

    @Test
    fun who_does_not_does_not() {
        secured()
        val answer = asking(prompt, what)
        val (activity, screen) = started()
        shadowOf(activity.get()).receiveResult(screen, Activity.RESULT_CANCELED, null)
        assertIs<VaultException.UserCancelled>(answer.vaultException())
    }

    @Test
    fun a_screen_that_is_swiped_away_is_a_no() {
        secured()
        val answer = asking(prompt, what)
        val (activity, _) = started()
        activity.get().finish()
        activity.destroy()
        assertIs<VaultException.UserCancelled>(answer.vaultException())
    }

    @Test
    fun a_device_without_a_lock_cannot_ask() {
        assertIs<VaultException.Unavailable>(asking(prompt, what).vaultException())
    }
}
