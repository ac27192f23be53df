package org.dcep.wallet.android

import android.app.Activity
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.tech.IsoDep
import android.os.Bundle
import org.dcep.wallet.tap.ApduChannel
import org.dcep.wallet.tap.ReaderDesk
import org.dcep.wallet.tap.TapEnd
import java.io.IOException

/** How long the other phone may take over one command, in milliseconds: its chip signs within that. */
private const val ANSWER_MILLIS = 5_000

/** How often Android may look, between two commands, whether the card is still there: not during a handoff. */
private const val PRESENCE_CHECK_MILLIS = 2_000

/**
 * Makes the phone a reader while an activity is in front: for a handoff in which the other phone is the card.
 *
 * Call [start] in `onResume` and [stop] in `onPause`, on the main thread. Taps are told on a thread of Android's that is not
 * the main thread.
 *
 * @param activity in front while the phone is a reader.
 * @param desk carries the handoff, tap after tap.
 * @param ended told how each tap ended.
 */
public class NfcReader(
    private val activity: Activity,
    private val desk: ReaderDesk,
    private val ended: (TapEnd) -> Unit,
) {
    private val adapter: NfcAdapter? = radio(activity)

    /** Whether [start] would do anything. */
    public val state: NfcState get() = adapter.state

    /** Begins to look for a card. While it looks, this phone is no card itself. */
    public fun start() {
        val flags = NfcAdapter.FLAG_READER_NFC_A or NfcAdapter.FLAG_READER_NFC_B or
            NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK or NfcAdapter.FLAG_READER_NO_PLATFORM_SOUNDS
        val extras = Bundle().apply { putInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY, PRESENCE_CHECK_MILLIS) }
        adapter?.enableReaderMode(activity, ::discovered, flags, extras)
    }

    /** Looks no more. */
    public fun stop() {
        adapter?.disableReaderMode(activity)
    }

    private fun discovered(tag: Tag) {
        // What speaks no ISO-DEP is a ticket or a key ring, and no wallet.
        val card = IsoDep.get(tag) ?: return
        ended(tap(card))
    }

    private fun tap(card: IsoDep): TapEnd {
        try {
            return try {
                card.connect()
                card.timeout = ANSWER_MILLIS
                desk.tap(IsoDepChannel(card))
            } finally {
                card.close()
            }
        } catch (gone: IOException) {
            return TapEnd.Torn(gone)
        } catch (gone: SecurityException) {
            // Android says so of a tag that has left, from Android 12 on.
            return TapEnd.Torn(IOException(gone))
        }
    }
}

private class IsoDepChannel(private val card: IsoDep) : ApduChannel {
    override val isExtendedSupported: Boolean get() = card.isExtendedLengthApduSupported

    override val longestCommand: Int get() = card.maxTransceiveLength

    override fun transmit(command: ByteArray): ByteArray =
        try {
            card.transceive(command)
        } catch (gone: SecurityException) {
            throw IOException(gone)
        }
}
