package org.dcep.wallet.android

import android.app.Activity
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.yield
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.FrameSize
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Sandbox
import org.dcep.wallet.Side
import org.dcep.wallet.platform.bytesOfHexadecimal
import org.dcep.wallet.tap.TapEnd
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowCardEmulation
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** This phone is paid as the card: through Android's service, by a reader that the core speaks for. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35])
class NfcPayeeTest {
    private val screen = Robolectric.buildActivity(Activity::class.java).setup()
    private val radio = Field.adapter()
    private val box = Sandbox(3uL)
    private val alice = box.phone("Alice").also { box.fund("Alice", Amount(100_00uL)) }
    private val bob = box.phone("Bob")
    private val payee = NfcPayee(screen.get(), bob)
    private val outside = ReaderOutside()
    private val missed = mutableListOf<TapEnd>()
    private val amount = Amount(37_45uL)
    private val nobody = byteArrayOf(0x6a, 0x82.toByte())

    @After
    fun disarm() = WalletApduService.desk.disarm()

    /** What a reader that selects the wallet is answered. */
    private fun answer() = outside.transmit("00a4040006f0444345500100".bytesOfHexadecimal()!!)

    /** What comes of a request while it is received, and the phones meet in this way. */
    private fun <T> receiving(meet: suspend (Deferred<HandoffOutcome>) -> T): T = untilDone {
        val receiving = async { payee.receive(bob.request(amount, null).id, missed::add) }
        until({ ShadowCardEmulation.getPreferredService() != null }) { yield() }
        meet(receiving)
    }

    private fun isPaid(frames: FrameSize) {
        assertEquals(NfcState.READY, payee.state)
        val paying = alice.pay(Consent.Exactly(amount), Side.READER)
        val outcome = receiving {
            assertTrue(outside.tap(paying, frames))
            it.await()
        }
        assertIs<HandoffOutcome.Paid>(paying.outcome())
        assertEquals(amount, assertIs<HandoffOutcome.Received>(outcome).amount)
        assertTrue(missed.isEmpty())
        // With the reader gone nobody answers any more.
        until({ ShadowCardEmulation.getPreferredService() == null }, outside::letWork)
        assertContentEquals(nobody, answer())
    }

    @Test
    fun a_payment_passes_in_extended_commands() = isPaid(FrameSize.EXTENDED)

    @Test
    fun a_payment_passes_in_short_commands() = isPaid(FrameSize.SHORT)

    @Test
    fun a_reader_that_goes_away_in_the_middle_pays_when_it_comes_back() {
        val paying = alice.pay(Consent.Exactly(amount), Side.READER)
        receiving { receiving ->
            assertFalse(outside.tap(paying, FrameSize.EXTENDED, apartAt = 3))
            until({ missed.isNotEmpty() }, outside::letWork)
            assertIs<TapEnd.Torn>(missed.single())
            assertTrue(outside.tap(paying, FrameSize.EXTENDED))
            assertIs<HandoffOutcome.Received>(receiving.await())
        }
        assertEquals(amount, bob.balance().spendable)
        assertTrue(alice.inDoubt().isEmpty())
    }

    @Test
    fun the_receipt_is_still_fetched_when_the_payment_is_told() {
        val paying = alice.pay(Consent.Exactly(amount), Side.READER)
        receiving { receiving ->
            var command: ByteArray? = paying.beginTap(FrameSize.SHORT)
            until({ receiving.isCompleted }) {
                command = command?.let { paying.receive(outside.transmit(it)) }
                yield()
            }
            assertNull(command, "the receipt is in the answer that the payment is told with")
            assertNotNull(ShadowCardEmulation.getPreferredService())
            outside.leave()
        }
        assertIs<HandoffOutcome.Paid>(paying.outcome())
    }

    @Test
    fun the_phone_is_a_card_only_while_the_screen_is_in_front() = receiving { receiving ->
        screen.pause()
        assertContentEquals(nobody, answer())
        assertNull(ShadowCardEmulation.getPreferredService())
        screen.resume()
        assertNotNull(ShadowCardEmulation.getPreferredService())
        assertFalse(nobody.contentEquals(answer()))

        receiving.cancelAndJoin()
        assertContentEquals(nobody, answer())
        screen.pause().resume()
        assertContentEquals(nobody, answer())
    }

    @Test
    fun who_was_paid_and_leaves_the_screen_is_no_card_when_it_comes_back() = receiving { receiving ->
        assertTrue(outside.talk(alice.pay(Consent.Exactly(amount), Side.READER), FrameSize.EXTENDED))
        receiving.await()
        assertNotNull(ShadowCardEmulation.getPreferredService())
        screen.pause().resume()
        assertNull(ShadowCardEmulation.getPreferredService())
        assertContentEquals(nobody, answer())
    }

    @Test
    fun a_payer_that_is_a_card_is_read() = untilDone {
        val reading = NfcPayee(screen.get(), bob, Side.READER)
        assertEquals(NfcState.READY, reading.state)
        val receiving = async { reading.receive(bob.request(amount, null).id, missed::add) }
        until({ radio.isInReaderMode }) { yield() }
        assertNull(ShadowCardEmulation.getPreferredService())
        receiving.cancelAndJoin()
        assertFalse(radio.isInReaderMode)
    }
}
