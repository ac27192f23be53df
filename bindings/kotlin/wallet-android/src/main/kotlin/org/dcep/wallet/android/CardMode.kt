package org.dcep.wallet.android

import android.app.Activity
import android.content.ComponentName
import android.nfc.NfcAdapter
import android.nfc.cardemulation.CardEmulation
import android.os.Build

/**
 * Makes this app the one that readers find while an activity is in front, and keeps the phone from looking for cards itself:
 * two phones that both look get in each other's way, and a phone that looks opens the payment sheet of an iPhone.
 *
 * Call [start] in `onResume` and [stop] in `onPause`, on the main thread. Before Android 15 a phone cannot stop looking
 * without ceasing to be a card; [start] then says `false`, and the iPhone is better the reader.
 */
public class CardMode(private val activity: Activity) {
    private val adapter: NfcAdapter? = cardRadio(activity)

    /** Whether [start] would do anything. */
    public val state: NfcState get() = adapter.state

    /** Begins. Returns whether the phone has stopped looking for cards. */
    public fun start(): Boolean {
        val adapter = adapter ?: return false
        val service = ComponentName(activity, WalletApduService::class.java)
        CardEmulation.getInstance(adapter).setPreferredService(activity, service)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.VANILLA_ICE_CREAM) return false
        adapter.setDiscoveryTechnology(activity, NfcAdapter.FLAG_READER_DISABLE, NfcAdapter.FLAG_LISTEN_KEEP)
        return true
    }

    /** Ends: all is as before. */
    public fun stop() {
        val adapter = adapter ?: return
        CardEmulation.getInstance(adapter).unsetPreferredService(activity)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM) adapter.resetDiscoveryTechnology(activity)
    }
}
