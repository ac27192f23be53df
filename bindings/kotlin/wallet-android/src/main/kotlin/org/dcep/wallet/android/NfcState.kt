package org.dcep.wallet.android

import android.content.Context
import android.content.pm.PackageManager
import android.nfc.NfcAdapter
import org.dcep.wallet.Side

/** Whether a phone can be held to another one now. */
public enum class NfcState {
    /** It can. */
    READY,

    /** The user has turned NFC off; the system's settings turn it on. */
    TURNED_OFF,

    /** This phone has no NFC, or cannot take the side that was asked for. */
    ABSENT,
}

/** This phone's radio, if it has one. */
internal fun radio(context: Context): NfcAdapter? = NfcAdapter.getDefaultAdapter(context)

/** The same, if it can also be a card. */
internal fun cardRadio(context: Context): NfcAdapter? =
    radio(context).takeIf { context.packageManager.hasSystemFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION) }

/** How ready this radio is. */
internal val NfcAdapter?.state: NfcState
    get() = when {
        this == null -> NfcState.ABSENT
        !isEnabled -> NfcState.TURNED_OFF
        else -> NfcState.READY
    }

/** How ready this phone is for one side of a tap. */
internal fun Context.nfcState(side: Side): NfcState =
    when (side) {
        Side.READER -> radio(this)
        Side.CARD -> cardRadio(this)
    }.state
