package org.dcep.demo

import kotlinx.coroutines.runBlocking
import org.dcep.demo.phone.BankEntry
import org.dcep.demo.phone.Door
import org.dcep.wallet.AccountWords
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.FrameSize
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Side
import org.dcep.wallet.Wallet
import org.dcep.wallet.WalletClass
import org.dcep.wallet.WordCount
import org.dcep.wallet.WordList
import org.dcep.wallet.simulatedTap

fun yuan(amount: Int) = Amount(amount.toULong() * 100u)

fun fen(amount: Int) = Amount(amount.toULong())

/** The bank that the tests' own wallets are with. */
val bank: BankEntry get() = BankEntry("https://bank.example", app.device.box.root(), WalletClass.II, null)

/** The wallet of this phone, as it is open now. */
val own: Wallet get() = runBlocking { (app.own.door() as Door.Open).wallet }

/** Sets this phone up without its screens, with this much cash on it. */
fun setUp(cash: Amount? = yuan(200), words: AccountWords? = null): Wallet = runBlocking {
    app.own.create(bank, words ?: AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH))
    app.own.enrol()
    cash?.let {
        app.device.box.payIn(own.account(), it)
        own.load(it)
    }
    own
}

/** Somebody else's phone, with this much cash on it. */
fun other(name: String, cash: Amount? = null): Wallet {
    val wallet = app.device.box.phone(name)
    cash?.let { app.device.box.fund(name, it) }
    return wallet
}

/** A shop whose name the bank has registered. */
fun merchant(name: String): Wallet {
    val file = app.noBackupFilesDir.resolve("merchant").path
    val words = AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH)
    val platform = app.device.platform("https://bank.example")
    return Wallet.create(file, platform, words, app.device.box.root(), app.device.algorithm)
        .also { it.enrol(WalletClass.II, name) }
}

/** Time passes, so that what happens next is newer. */
private fun aMinutePasses() = app.device.box.advance(60u)

/** This phone is paid by that of somebody else. Returns the transfer. */
fun paidBy(payer: Wallet, amount: Amount): String {
    aMinutePasses()
    val request = own.request(amount, null)
    val taking = own.receive(request.id, Side.CARD)
    val paying = payer.pay(Consent.Exactly(amount), Side.READER)
    check(simulatedTap(paying, taking, FrameSize.EXTENDED, null).completed)
    return (taking.outcome() as HandoffOutcome.Received).transfer
}

/** This phone pays that of somebody else; after so many bytes the phones slip apart. Returns whether it came to its end. */
fun pay(payee: Wallet, amount: Amount, tearAfter: ULong? = null): Boolean {
    aMinutePasses()
    val taking = payee.receive(payee.request(amount, "Bob").id, Side.CARD)
    val paying = own.pay(Consent.Exactly(amount), Side.READER)
    return simulatedTap(paying, taking, FrameSize.EXTENDED, tearAfter).completed
}

/** What happened so far is news no more. */
fun Wallet.hearEverything() {
    while (true) acknowledgeEvent((nextEvent() ?: return).id)
}
