package org.dcep.demo

import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.view.View
import org.dcep.demo.slip.CodeReader
import org.dcep.demo.slip.ScanActivity
import org.dcep.demo.slip.ShowSlipActivity
import org.dcep.demo.slip.SlipActivity
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.Slip
import org.dcep.wallet.SlipKind
import org.dcep.wallet.SlipScanner
import org.dcep.wallet.Wallet
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowLooper
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue

/** Paying by codes alone: what one screen shows is drawn, read as a camera's picture would be, and taken. Nobody is online. */
@RunWith(RobolectricTestRunner::class)
class SlipTest {
    private lateinit var bob: Wallet

    @Before
    fun begin() {
        turnOnNfc()
        setUp(yuan(200))
        bob = other("Bob")
        app.device.box.setOffline(true)
    }

    /** What a camera at this distance over the view reads, if it can: no reader reads every picture. */
    private fun seen(code: View, scale: Float, turned: Float): String? {
        val side = (code.width * scale).toInt()
        val picture = Bitmap.createBitmap(side, side, Bitmap.Config.ARGB_8888)
        val canvas = Canvas(picture)
        canvas.drawColor(Color.WHITE)
        canvas.rotate(turned, side / 2f, side / 2f)
        canvas.scale(scale, scale)
        code.draw(canvas)
        val pixels = IntArray(picture.width * picture.height)
        picture.getPixels(pixels, 0, picture.width, 0, 0, picture.width, picture.height)
        val luminance = ByteArray(pixels.size) { Color.green(pixels[it]).toByte() }
        return CodeReader().read(luminance, picture.width, picture.height)
    }

    /** Everything that a screen shows until it is a whole slip, read frame by frame. */
    private fun readFrom(shown: Shown<*>, id: Int = R.id.code): Slip {
        val scanner = SlipScanner()
        repeat(200) { attempt ->
            // No hand is still.
            val scale = 0.9f + 0.07f * (attempt % 8)
            val turned = attempt % 5 - 2f
            seen(shown.view(id), scale, turned)?.let { scanner.scan(it).slip }?.let { return it }
            ShadowLooper.idleMainLooper(200, TimeUnit.MILLISECONDS)
        }
        error("no slip came together")
    }

    private fun handle(slip: Slip): Shown<SlipActivity> =
        open<SlipActivity>(Intent().setClass(app, SlipActivity::class.java).putExtra("slip", slip.bytes()))

    private fun request(amount: Amount?): Slip = bob.requestSlip(bob.request(amount, "Bob").id)

    @Test
    fun this_phone_pays_and_takes_the_receipt() {
        val pay = handle(request(fen(37_45)))
        pay.untilText(R.id.tap_headline, "“Bob” (name not checked)")
        assertEquals("¥37.45", pay.text(R.id.tap_amount))
        pay.touch(R.id.agree)
        val show = open<ShowSlipActivity>(pay.untilStarts<ShowSlipActivity>())
        assertEquals("Show this to the payee", show.text(R.id.slip_headline))
        assertEquals(fen(37_45), own.balance().inDoubt)

        val taken = bob.takeSlip(readFrom(show))
        assertEquals(fen(37_45), bob.balance().spendable)
        val receipt = handle(taken.answer!!)
        receipt.untilText(R.id.tap_headline, "Paid")
        assertTrue(own.inDoubt().isEmpty())
        receipt.rotate()
        receipt.untilText(R.id.tap_headline, "Paid")
    }

    @Test
    fun this_phone_is_paid_and_shows_the_receipt() {
        app.device.box.setOffline(false)
        val alice = other("Alice", yuan(50))
        app.device.box.setOffline(true)
        val ask = own.request(yuan(9), "Carol")
        val tap = open<TapActivity>(Errand.Receive(ask.id).into(Intent(app, TapActivity::class.java)))
        tap.untilShown(R.id.tap_code)
        val read = readFrom(tap, R.id.tap_code)
        assertEquals(SlipKind.REQUEST, read.kind())
        val payment = alice.payRequest(read, Consent.To(ask.id, yuan(9)))
        val taken = handle(payment.slip)
        taken.untilText(R.id.tap_headline, "Received")
        taken.rotate()
        taken.untilText(R.id.tap_detail, "It is yours, and you can pay it on at once.")
        val again = handle(payment.slip)
        again.untilText(R.id.tap_detail, "It came in before, and nothing more came in now. The other phone can have its receipt again.")
        taken.touch(R.id.show_code)
        val show = open<ShowSlipActivity>(taken.untilStarts<ShowSlipActivity>())
        alice.takeSlip(readFrom(show))
        assertTrue(alice.inDoubt().isEmpty())
        assertEquals(yuan(209), own.balance().spendable)
    }

    @Test
    fun an_open_request_lets_the_payer_choose() {
        val pay = handle(request(null))
        pay.untilShown(R.id.tap_pad)
        pay.digits(R.id.tap_pad, "500")
        pay.touch(R.id.agree)
        pay.untilStarts<ShowSlipActivity>()
        assertEquals(yuan(5), own.balance().inDoubt)
    }

    @Test
    fun the_same_request_twice_is_paid_once() {
        val slip = request(yuan(5))
        val texts = List(2) {
            val pay = handle(slip)
            pay.touch(R.id.agree)
            open<ShowSlipActivity>(pay.untilStarts<ShowSlipActivity>()).text(R.id.slip_text)
        }
        assertEquals("This request had been paid before. It is the same payment, and nothing more was paid now.", texts.last())
        assertTrue(texts.first() != texts.last())
        assertEquals(yuan(5), own.balance().inDoubt)
        assertEquals(yuan(195), own.balance().spendable)
    }

    @Test
    fun a_long_slip_moves_and_is_read_with_progress() {
        // A chain of many hands is longer than one code.
        app.device.box.setOffline(false)
        val hands = listOf(other("Alice", yuan(40)), other("Dora"), other("Emil"))
        var payer = hands.first()
        for (payee in hands.drop(1) + own) {
            pass(payer, payee)
            payer = payee
        }
        // All that there is: the chain is among it.
        val ask = request(yuan(240))
        val slip = own.payRequest(ask, Consent.To(own.readRequest(ask).id, yuan(240))).slip
        val show = open<ShowSlipActivity>(Intent().setClass(app, ShowSlipActivity::class.java).putExtra("slip", slip.bytes()))
        assertEquals(slip.bytes().toList(), readFrom(show).bytes().toList())
        assertTrue(slip.frameCount() > 1u, "it is long enough to move")
    }

    private fun pass(payer: Wallet, payee: Wallet) {
        val slip = payee.requestSlip(payee.request(yuan(40), null).id)
        val paid = payer.payRequest(slip, Consent.To(payer.readRequest(slip).id, yuan(40)))
        payer.takeSlip(payee.takeSlip(paid.slip).answer!!)
    }

    @Test
    fun the_scanner_takes_what_the_camera_reads_and_says_what_is_foreign() {
        val scan = open<ScanActivity>()
        scan.activity.seen("https://elsewhere.example")
        assertFalse(scan.activity.isFinishing)
        assertTrue(scan.text(R.id.scan_text).isNotEmpty())
        scan.activity.seen(request(yuan(5)).frame(0u).text)
        scan.untilStarts<SlipActivity>()
        assertTrue(scan.activity.isFinishing)
    }

    @Test
    fun a_picture_without_a_code_is_none() {
        assertNull(CodeReader().read(ByteArray(64 * 64) { 127 }, 64, 64))
    }
}
