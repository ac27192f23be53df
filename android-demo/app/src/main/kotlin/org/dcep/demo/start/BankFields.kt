package org.dcep.demo.start

import android.widget.EditText
import android.widget.Spinner
import android.widget.TextView
import org.dcep.demo.R
import org.dcep.demo.phone.BankEntry
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.offer
import org.dcep.wallet.WalletClass

/** The fields in which a bank is entered, on two screens. */
class BankFields(private val screen: Screen) {
    private val address: EditText = screen.find(R.id.bank_address)
    private val root: EditText = screen.find(R.id.bank_root)
    private val knows: Spinner = screen.find(R.id.bank_class)
    private val name: EditText = screen.find(R.id.bank_name)

    init {
        // What each asks is said by the text above it.
        screen.find<TextView>(R.id.bank_address_label).labelFor = R.id.bank_address
        screen.find<TextView>(R.id.bank_root_label).labelFor = R.id.bank_root
        screen.find<TextView>(R.id.bank_name_label).labelFor = R.id.bank_name
        knows.offer(CLASSES.map { screen.getString(it.second) })
    }

    /** What is entered; `null`, and a hint at the field, while something is missing. */
    fun read(): BankEntry? {
        val address = address.text.trim().toString()
        if (!address.startsWith("https://") && !address.startsWith("http://")) {
            this.address.error = screen.getString(R.string.bank_address_bad)
            return null
        }
        val root = root.text.trim().toString()
        if (root.isEmpty()) {
            this.root.error = screen.getString(R.string.bank_root_bad)
            return null
        }
        val walletClass = CLASSES[knows.selectedItemPosition].first
        return BankEntry(address, root, walletClass, name.text.trim().toString().ifEmpty { null })
    }

    private companion object {
        val CLASSES = listOf(
            WalletClass.II to R.string.class_two,
            WalletClass.III to R.string.class_three,
            WalletClass.IV to R.string.class_four,
            WalletClass.I to R.string.class_one,
        )
    }
}
