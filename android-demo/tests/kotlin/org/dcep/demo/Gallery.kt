package org.dcep.demo

import android.app.Activity
import android.content.Intent
import android.view.ViewGroup
import android.widget.SeekBar
import org.dcep.demo.alone.AloneActivity
import org.dcep.demo.alone.CodesActivity
import org.dcep.demo.alone.Town
import org.dcep.demo.bank.BankActivity
import org.dcep.demo.bank.MoveActivity
import org.dcep.demo.history.EntryActivity
import org.dcep.demo.history.HistoryActivity
import org.dcep.demo.history.RefundActivity
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.limits.LimitsActivity
import org.dcep.demo.pay.PayActivity
import org.dcep.demo.phone.Door
import org.dcep.demo.phone.Phone
import org.dcep.demo.phone.Setup
import org.dcep.demo.receive.ReceiveActivity
import org.dcep.demo.settings.LockActivity
import org.dcep.demo.settings.PinActivity
import org.dcep.demo.settings.SettingsActivity
import org.dcep.demo.slip.ScanActivity
import org.dcep.demo.slip.ShowSlipActivity
import org.dcep.demo.slip.SlipActivity
import org.dcep.demo.start.CheckWordsActivity
import org.dcep.demo.start.ConnectActivity
import org.dcep.demo.start.RestoreActivity
import org.dcep.demo.start.RestoredActivity
import org.dcep.demo.start.WelcomeActivity
import org.dcep.demo.start.WordsActivity
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.demo.ui.text
import org.dcep.wallet.AccountWords
import org.dcep.wallet.Consent
import org.dcep.wallet.FrameSize
import org.dcep.wallet.HistoryQuery
import org.dcep.wallet.Side
import org.dcep.wallet.Slip
import org.dcep.wallet.Wallet
import org.dcep.wallet.simulatedTap

/** Every screen of the app in a state worth looking at. All that is on them follows from one seed. */
class Scene(val name: String, val open: Play.() -> Shown<*>) {
    override fun toString() = name
}

/** The wallets that the scenes are played with: simulated ones, whose keys and codes are the same every time. */
class Play {
    private val box = app.device.box
    val ming: Wallet = box.phone("Ming").also { box.fund("Ming", fen(256_80)) }
    val shop: Wallet = box.phone("Shop").also { box.fund("Shop", yuan(300)) }

    init {
        app.visited = object : Phone() {
            override val isSimulated get() = false
            override suspend fun enter() = Door.Open(ming)
        }
        turnOnNfc()
    }

    /** From one to the other; returns the transfer. */
    fun pay(payer: Wallet, payee: Wallet, yuan: Int, name: String?, tearAfter: ULong? = null): String? {
        box.advance(3_600u)
        val taking = payee.receive(payee.request(yuan(yuan), name).id, Side.CARD)
        val paying = payer.pay(Consent.Exactly(yuan(yuan)), Side.READER)
        simulatedTap(paying, taking, FrameSize.EXTENDED, tearAfter)
        return payer.history(HistoryQuery()).entries.first().transfer
    }

    fun tap(errand: Errand): Shown<TapActivity> = open<TapActivity>(errand.into(Intent(app, TapActivity::class.java)))

    fun asked(yuan: Int, name: String) = shop.receive(shop.request(yuan(yuan), name).id, Side.CARD)

    inline fun <reified A : Activity> with(name: String, value: String): Shown<A> =
        open(Intent(app, A::class.java).putExtra(name, value))

    inline fun <reified A : Activity> with(slip: Slip): Shown<A> =
        open(Intent(app, A::class.java).putExtra("slip", slip.bytes()))
}

private val WORDS = "legal winner thank year wave sausage worth useful legal winner thank yellow"

private fun setup() = Setup(bank, AccountWords.parse(WORDS.toByteArray()), listOf(2, 6, 10)).also { app.setup = it }

val SCENES = listOf(
    Scene("welcome") { open<WelcomeActivity>() },
    Scene("connect") { open<ConnectActivity>() },
    Scene("words") { setup().let { open<WordsActivity>() } },
    Scene("check-words") { setup().let { open<CheckWordsActivity>() } },
    Scene("restore") { open<RestoreActivity>() },
    Scene("restored") { open<RestoredActivity>().apply { until("it is there") { text(R.id.restored_account).isNotEmpty() } } },
    Scene("home") {
        pay(shop, ming, 25, null)
        open<HomeActivity>().apply { untilShown(R.id.news_card) }
    },
    Scene("home-in-doubt") {
        pay(ming, shop, 12, "Noodle house", tearAfter = 660u)
        ming.hearEverything()
        open<HomeActivity>().apply { untilShown(R.id.doubt_card) }
    },
    Scene("pay") {
        open<PayActivity>().apply {
            until("it is there") { text(R.id.largest).isNotEmpty() }
            digits(R.id.amount, "2500")
        }
    },
    Scene("receive") { open<ReceiveActivity>().apply { digits(R.id.amount, "3745") } },
    Scene("tap-to-receive") {
        tap(Errand.Receive(ming.request(fen(37_45), "Ming").id)).apply { untilShown(R.id.tap_code) }
    },
    Scene("tap-torn") {
        tap(Errand.Pay(Consent.Unconfirmed)).apply {
            untilShown(R.id.swap)
            holdCard(asked(12, "Noodle house"), apartAt = 3)
            until("it is torn") { "¥12.00" in text(R.id.tap_detail) }
        }
    },
    Scene("tap-to-agree") {
        tap(Errand.Pay(Consent.Unconfirmed)).apply {
            untilShown(R.id.swap)
            holdCard(asked(240, "Noodle house"))
            untilShown(R.id.agree)
        }
    },
    Scene("tap-paid") {
        tap(Errand.Pay(Consent.Unconfirmed)).apply {
            untilShown(R.id.swap)
            holdCard(asked(12, "Noodle house"))
            untilShown(R.id.done)
        }
    },
    Scene("scan") { open<ScanActivity>() },
    Scene("code-to-pay") {
        val ask = shop.requestSlip(shop.request(yuan(18), "Noodle house").id)
        with<SlipActivity>(ask).apply { untilShown(R.id.agree) }
    },
    Scene("code-shown") {
        val ask = shop.requestSlip(shop.request(yuan(18), "Noodle house").id)
        with<ShowSlipActivity>(ming.payRequest(ask, Consent.To(ming.readRequest(ask).id, yuan(18))).slip)
    },
    Scene("limits") {
        pay(ming, shop, 120, "Noodle house")
        open<LimitsActivity>().apply { until("they are there") { (view(R.id.limits) as ViewGroup).childCount > 0 } }
    },
    Scene("history") {
        pay(ming, shop, 12, "Noodle house")
        pay(shop, ming, 25, null)
        pay(ming, shop, 8, "Noodle house", tearAfter = 660u)
        open<HistoryActivity>().apply { until("it is there") { (view(R.id.lines) as ViewGroup).childCount > 3 } }
    },
    Scene("entry") {
        with<EntryActivity>("transfer", pay(ming, shop, 12, "Noodle house")!!).apply { untilShown(R.id.save_receipt) }
    },
    Scene("refund") {
        with<RefundActivity>("paid", pay(shop, ming, 25, null)!!).apply {
            until("it is there") { text(R.id.at_most).isNotEmpty() }
            digits(R.id.amount, "500")
        }
    },
    Scene("bank") { open<BankActivity>().apply { until("it is there") { text(R.id.on_account).isNotEmpty() } } },
    Scene("load") {
        with<MoveActivity>("way", "LOAD").apply { until("it is there") { text(R.id.on_phone).isNotEmpty() } }
    },
    Scene("settings") { open<SettingsActivity>().apply { until("it is there") { text(R.id.pin_text).isNotEmpty() } } },
    Scene("pin") { with<PinActivity>("change", "CHANGE") },
    Scene("lock") { open<LockActivity>() },
    Scene("alone") {
        alone().apply {
            touch(R.id.hold)
            untilShown(R.id.alone_card)
            until("it is over") { view(R.id.hold).isEnabled }
        }
    },
    Scene("alone-torn") {
        alone().apply {
            (view(R.id.tear) as SeekBar).progress = 660
            touch(R.id.hold)
            untilShown(R.id.alone_card)
            until("it is over") { view(R.id.hold).isEnabled }
        }
    },
    Scene("alone-codes") {
        alone().apply {
            touch(R.id.codes)
            untilStarts<CodesActivity>()
        }
        open<CodesActivity>()
    },
)

private fun alone(): Shown<AloneActivity> {
    app.town = Town(7u)
    return open<AloneActivity>().apply { until("both are there") { view(R.id.bob).text(R.id.phone_balance).text.isNotEmpty() } }
}
