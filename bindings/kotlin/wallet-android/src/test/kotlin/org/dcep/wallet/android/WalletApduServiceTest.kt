package org.dcep.wallet.android

import android.nfc.cardemulation.HostApduService
import android.os.Looper
import org.dcep.wallet.tap.ApduCard
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.util.concurrent.CountDownLatch
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue

/** Speaks to the service as Android's NFC stack does: in messages, by the real code of [HostApduService]. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35])
class WalletApduServiceTest {
    private val reader = ReaderOutside()

    @After
    fun disarm() = WalletApduService.desk.disarm()

    @Test
    fun a_tap_that_starts_the_process_is_answered_at_once() {
        reader.tell(HostApduService.MSG_COMMAND_APDU, byteArrayOf(0, 0xa4.toByte(), 4, 0))
        assertContentEquals(byteArrayOf(0x6a, 0x82.toByte()), reader.responses.single())
    }

    @Test
    fun an_armed_card_answers_from_a_worker() {
        val gone = CountDownLatch(1)
        val threads = mutableListOf<Thread>()
        val answered = CountDownLatch(1)
        WalletApduService.desk.arm(object : ApduCard {
            override fun process(command: ByteArray): ByteArray {
                threads += Thread.currentThread()
                return command + byteArrayOf(0x90.toByte(), 0).also { answered.countDown() }
            }

            override fun deactivated() = gone.countDown()
        })
        reader.tell(HostApduService.MSG_COMMAND_APDU, byteArrayOf(1, 2))
        answered.await()
        // The worker is done with a command when it is done with the next thing it was given.
        reader.leave()
        gone.await()
        shadowOf(Looper.getMainLooper()).idle()
        assertNotEquals(Looper.getMainLooper().thread, threads.single())
        assertTrue(reader.responses.size <= 1)
        reader.responses.forEach { assertContentEquals(byteArrayOf(1, 2, 0x90.toByte(), 0), it) }
        assertEquals(1, threads.size)
    }
}
