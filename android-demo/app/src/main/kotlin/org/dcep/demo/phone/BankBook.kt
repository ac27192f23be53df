package org.dcep.demo.phone

import android.content.Context
import org.dcep.wallet.WalletClass

/** With which bank this phone's wallet was set up. */
data class BankEntry(
    /** Where it is reached, `https://…`. */
    val address: String,
    /** The issuer's root key, `ed25519:…`. */
    val root: String,
    val walletClass: WalletClass,
    /** A merchant's registered name. */
    val name: String?,
)

/** Remembers the bank. None of this is secret, and no money hangs on it. */
class BankBook(context: Context) {
    private val kept = context.getSharedPreferences("bank", Context.MODE_PRIVATE)

    var bank: BankEntry?
        get() {
            val address = kept.getString("address", null) ?: return null
            val root = kept.getString("root", null) ?: return null
            val walletClass = WalletClass.entries.find { it.name == kept.getString("class", null) } ?: return null
            return BankEntry(address, root, walletClass, kept.getString("name", null))
        }
        set(bank) {
            kept.edit()
                .putString("address", bank?.address)
                .putString("root", bank?.root)
                .putString("class", bank?.walletClass?.name)
                .putString("name", bank?.name)
                .apply()
        }
}
