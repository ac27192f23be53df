package org.dcep.wallet

import org.dcep.wallet.platform.HttpBank
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectory

/**
 * Opens, pays and closes again and again against a bank in another process, and says how memory and open files went. For a
 * Java of its own, whose heap does not grow.
 *
 * Arguments: the bank's address, its root, how many rounds, how many of them before the first look. With `hoard` after them
 * it keeps what it ought to close, so that a test can see that this shows.
 */
object Soak {
    private val hoard = mutableListOf<AutoCloseable>()

    @JvmStatic
    fun main(arguments: Array<String>) {
        val (address, root) = arguments
        val (rounds, warmUp) = arguments.slice(2..3).map(String::toInt)
        val folder = Files.createTempDirectory("dcep-soak")
        try {
            run(folder, HttpBank(address), root, rounds, warmUp, keeps = "hoard" in arguments)
        } finally {
            folder.toFile().deleteRecursively()
        }
    }

    private fun run(folder: Path, bank: BankTransport, root: String, rounds: Int, warmUp: Int, keeps: Boolean) {
        var pair = emptyList<Shut>()
        var before = Measured()
        for (number in 0 until rounds) {
            // A fresh pair after every tenth payment, which is as many as may be made without the bank.
            if (number % 10 == 0) {
                pair.forEach(Shut::close)
                pair = listOf("payer" to fen(10_000), "payee" to null).map { (name, load) ->
                    Shut(folder.resolve("$number-$name").createDirectory(), bank, root, load)
                }
            }
            round(pair, keeps)
            if (number + 1 == warmUp) before = Measured()
        }
        val after = Measured()
        println("grown ${after.resident - before.resident} files ${before.files} ${after.files}")
    }

    private fun round(pair: List<Shut>, keeps: Boolean) {
        val (payer, payee) = pair.map(Shut::open)
        val before = payee.balance().spendable.fen
        val card = payee.receive(payee.request(fen(1), null).id, Side.CARD)
        val reader = payer.pay(Consent.Exactly(fen(1)), Side.READER)
        check(simulatedTap(reader, card, FrameSize.EXTENDED, null).completed)
        check(payee.balance().spendable.fen == before + 1uL)
        for (wallet in listOf(payer, payee)) {
            while (true) wallet.acknowledgeEvent((wallet.nextEvent() ?: break).id)
            wallet.shutDown()
        }
        val used = listOf(card, reader, payer, payee)
        if (keeps) hoard += used else used.forEach(AutoCloseable::close)
    }
}

/** A wallet that is closed, and can be opened. */
private class Shut(folder: Path, bank: BankTransport, root: String, load: Amount?) : AutoCloseable {
    private val path = folder.resolve("wallet.sqlite").toString()
    private val vault = SoftwareVault(ByteArray(32) { 7 })
    private val guard = MemoryGuard()
    private val platform = Platform(vault, guard, bank, null)

    init {
        AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH).use { words ->
            Wallet.create(path, platform, words, root, Algorithm.P256).use { wallet ->
                wallet.enrol(WalletClass.II, null)
                load?.let(wallet::load)
                wallet.shutDown()
            }
        }
    }

    fun open(): Wallet = Wallet.open(path, platform)

    override fun close() {
        vault.close()
        guard.close()
    }
}

/** Bytes of memory in use, and open files, with nothing left to collect. */
private class Measured {
    val resident: Long
    val files: Int

    init {
        System.gc()
        val line = File("/proc/self/status").readLines().single { it.startsWith("VmRSS:") }
        resident = line.split(Regex("\\s+"))[1].toLong() * 1024
        files = File("/proc/self/fd").list()!!.size
    }
}
