package org.dcep.wallet.android

import android.app.Activity
import org.dcep.wallet.tap.ApduCard
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowCardEmulation
import kotlin.test.assertContentEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35])
class CardInFrontTest {
    private val activity: Activity = Robolectric.buildActivity(Activity::class.java).setup().get()
    private val outside = ReaderOutside()
    private val ping = byteArrayOf(1)

    init {
        Field.adapter()
    }

    @After
    fun disarm() = WalletApduService.desk.disarm()

    /** Answers everything with its number. */
    private class Numbered(private val number: Byte) : ApduCard {
        @Volatile
        var isAlone = false

        override fun process(command: ByteArray) = byteArrayOf(number)

        override fun deactivated() {
            isAlone = true
        }
    }

    @Test
    fun the_next_card_may_come_before_the_reader_of_the_last_is_gone() {
        val cards = listOf(Numbered(1), Numbered(2))
        val (first, second) = cards.map { CardInFront(activity, it) }
        first.start()
        assertContentEquals(byteArrayOf(1), outside.transmit(ping))
        first.stopAfterTap()
        assertContentEquals(byteArrayOf(1), outside.transmit(ping))

        second.start()
        until({ cards[0].isAlone }, outside::letWork)
        outside.letWork()
        assertContentEquals(byteArrayOf(2), outside.transmit(ping))
        assertNotNull(ShadowCardEmulation.getPreferredService())

        second.stop()
        assertNull(ShadowCardEmulation.getPreferredService())
    }
}
