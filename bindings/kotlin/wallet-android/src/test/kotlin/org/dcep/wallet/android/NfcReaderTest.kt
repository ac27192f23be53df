package org.dcep.wallet.android

import android.app.Activity
import android.content.pm.PackageManager
import android.nfc.NfcAdapter
import org.dcep.wallet.tap.ReaderDesk
import org.dcep.wallet.tap.ReaderSteps
import org.dcep.wallet.tap.TapEnd
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowNfcAdapter
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35])
class NfcReaderTest {
    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()

    private object NoSteps : ReaderSteps {
        override fun begin(extended: Boolean) = byteArrayOf(0)
        override fun next(response: ByteArray): ByteArray? = null
    }

    @Test
    fun it_reads_while_it_is_started() {
        shadowOf(activity.packageManager).setSystemFeature(PackageManager.FEATURE_NFC, true)
        val adapter = shadowOf(NfcAdapter.getDefaultAdapter(activity))
        adapter.setEnabled(true)
        val ends = mutableListOf<TapEnd>()
        val reader = NfcReader(activity, ReaderDesk(NoSteps), ends::add)
        assertEquals(NfcState.READY, reader.state)
        reader.start()
        assertTrue(adapter.isInReaderMode)
        // A tag that is no card.
        adapter.dispatchTagDiscovered(ShadowNfcAdapter.createMockTag())
        assertTrue(ends.isEmpty())
        reader.stop()
        assertFalse(adapter.isInReaderMode)
        adapter.setEnabled(false)
        assertEquals(NfcState.TURNED_OFF, reader.state)
    }
}
