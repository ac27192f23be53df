package org.dcep.wallet.android

import android.app.Activity
import android.content.ComponentName
import android.content.pm.PackageManager
import android.nfc.NfcAdapter
import android.os.Build
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowCardEmulation
import org.robolectric.shadows.ShadowNfcAdapter
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull

/** What Android was told to look for, and to be found as; `null`: as it likes. */
@Implements(NfcAdapter::class)
internal class ShadowDiscovery : ShadowNfcAdapter() {
    @Implementation(minSdk = Build.VERSION_CODES.VANILLA_ICE_CREAM)
    fun setDiscoveryTechnology(@Suppress("UNUSED_PARAMETER") activity: Activity, looks: Int, listens: Int) {
        told = looks to listens
    }

    @Implementation(minSdk = Build.VERSION_CODES.VANILLA_ICE_CREAM)
    fun resetDiscoveryTechnology(@Suppress("UNUSED_PARAMETER") activity: Activity) {
        told = null
    }

    companion object {
        var told: Pair<Int, Int>? = null
    }
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35], shadows = [ShadowDiscovery::class])
class CardModeTest {
    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()

    @Test
    fun without_nfc_nothing_happens() {
        val mode = CardMode(activity)
        assertFalse(mode.start())
        mode.stop()
    }

    @Test
    fun a_phone_that_can_only_read_is_no_card() {
        shadowOf(activity.packageManager).setSystemFeature(PackageManager.FEATURE_NFC, true)
        val mode = CardMode(activity)
        assertEquals(NfcState.ABSENT, mode.state)
        assertFalse(mode.start())
        assertNull(ShadowCardEmulation.getPreferredService())
    }

    @Test
    fun readers_find_this_app_while_it_is_in_front_and_it_looks_for_no_card() {
        Field.adapter()
        val mode = CardMode(activity)
        assertEquals(NfcState.READY, mode.state)
        val hasStoppedLooking = mode.start()
        assertEquals(ComponentName(activity, WalletApduService::class.java), ShadowCardEmulation.getPreferredService())
        assertEquals(Build.VERSION.SDK_INT >= 35, hasStoppedLooking)
        val muted = NfcAdapter.FLAG_READER_DISABLE to NfcAdapter.FLAG_LISTEN_KEEP
        assertEquals(muted.takeIf { hasStoppedLooking }, ShadowDiscovery.told)
        mode.stop()
        assertNull(ShadowCardEmulation.getPreferredService())
        assertNull(ShadowDiscovery.told)
    }
}
