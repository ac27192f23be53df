package org.dcep.demo.phone

import java.io.File
import org.dcep.wallet.AccountWords
import org.dcep.wallet.LockedWallet
import org.dcep.wallet.OpenException
import org.dcep.wallet.Wallet
import org.dcep.wallet.createAwait
import org.dcep.wallet.enrolAwait
import org.dcep.wallet.openAwait
import org.dcep.wallet.restoreAwait

/** The phone that this app runs on. */
class OwnPhone(private val file: File, private val banks: BankBook, private val device: Device) : Phone() {
    override val isSimulated get() = false

    override suspend fun enter(): Door {
        val bank = banks.bank
        if (bank == null || !file.exists()) return Door.NoWallet
        val platform = device.platform(bank.address)
        return try {
            Door.Open(Wallet.openAwait(file.path, platform))
        } catch (_: OpenException.PinRequired) {
            Door.Locked(LockedWallet.openAwait(file.path, platform))
        }
    }

    /** Makes a wallet for the account of these words. Its bank is not asked yet. */
    suspend fun create(bank: BankEntry, words: AccountWords) = passed {
        banks.bank = bank
        val platform = device.platform(bank.address)
        Door.Open(Wallet.createAwait(file.path, platform, words, bank.root, device.algorithm))
    }

    /** Makes a wallet that takes the place of one on a phone that is lost. Its bank is not asked yet. */
    suspend fun restore(bank: BankEntry, words: AccountWords, backup: ByteArray?) = passed {
        banks.bank = bank
        val platform = device.platform(bank.address)
        Door.Open(Wallet.restoreAwait(file.path, platform, words, bank.root, device.algorithm, backup))
    }

    /** Opens the account, or finds it again. */
    suspend fun enrol() {
        val bank = banks.bank ?: return
        (door() as? Door.Open)?.wallet?.enrolAwait(bank.walletClass, bank.name)
    }
}
