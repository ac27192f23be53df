package org.dcep.wallet.android

import android.app.Activity
import android.content.ComponentName
import android.content.pm.PackageManager
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowCardEmulation
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35])
class CardModeTest {
    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()

    @Test
    fun without_nfc_nothing_happens() {
        val mode = CardMode(activity)
        assertFalse(mode.start())
        mode.stop()
    }

    @Test
    fun readers_find_this_app_while_it_is_in_front() {
        shadowOf(activity.packageManager).setSystemFeature(PackageManager.FEATURE_NFC, true)
        shadowOf(activity.packageManager).setSystemFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION, true)
        val mode = CardMode(activity)
        mode.start()
        assertEquals(ComponentName(activity, WalletApduService::class.java), ShadowCardEmulation.getPreferredService())
        mode.stop()
        assertNull(ShadowCardEmulation.getPreferredService())
    }
}
