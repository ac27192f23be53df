package org.dcep.wallet

import java.nio.file.Path

/** So many fen. */
internal fun fen(number: Int) = Amount(number.toULong())

internal val Side.other: Side
    get() = if (this == Side.READER) Side.CARD else Side.READER

/** Two phones of a sandbox, of which Alice has 100.00. */
internal class AliceAndBob(seed: Int) {
    val box = Sandbox(seed.toULong())
    var alice = box.phone("Alice")
    var bob = box.phone("Bob")

    init {
        box.fund("Alice", fen(10_000))
    }

    /** The app of both is killed and started again. */
    fun restart() {
        alice = box.restart("Alice")
        bob = box.restart("Bob")
    }
}

/** Both sides of one payment. */
internal class Armed(payer: Wallet, payee: Wallet, request: String, amount: Amount, payerSide: Side) {
    private val taking = payee.receive(request, payerSide.other)
    val paying = payer.pay(Consent.Exactly(amount), payerSide)
    val reader = if (payerSide == Side.READER) paying else taking
    val card = if (payerSide == Side.READER) taking else paying

    fun tap(frames: FrameSize = FrameSize.EXTENDED, tearAfter: Int? = null): SimulatedTap =
        simulatedTap(reader, card, frames, tearAfter?.toULong())
}

/** Somebody with a wallet in a file, who can close and open it again. */
internal class Owner(folder: Path, private val platform: Platform, root: String) {
    private val path = folder.resolve("wallet.sqlite").toString()
    var wallet: Wallet = AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH).use { words ->
        Wallet.create(path, platform, words, root, Algorithm.P256)
    }

    init {
        wallet.enrol(WalletClass.II, null)
    }

    fun open() {
        wallet = Wallet.open(path, platform)
    }

    fun reopen() {
        wallet.shutDown()
        open()
    }
}
