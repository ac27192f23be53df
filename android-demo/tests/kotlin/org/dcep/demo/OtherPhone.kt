package org.dcep.demo

import android.content.Intent
import android.content.pm.PackageManager
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.TagLostException
import android.nfc.cardemulation.HostApduService
import android.nfc.tech.IsoDep
import android.os.Bundle
import android.os.IMessenger
import android.os.Message
import android.os.Messenger
import org.dcep.wallet.FrameSize
import org.dcep.wallet.Handoff
import org.dcep.wallet.android.WalletApduService
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowIsoDep
import org.robolectric.shadows.ShadowNfcAdapter
import java.util.concurrent.LinkedBlockingQueue
import kotlin.concurrent.thread

/** Gives this phone a radio, and turns it on. */
fun turnOnNfc(): ShadowNfcAdapter {
    val features = shadowOf(app.packageManager)
    features.setSystemFeature(PackageManager.FEATURE_NFC, true)
    features.setSystemFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION, true)
    return shadowOf(NfcAdapter.getDefaultAdapter(app)).apply { setEnabled(true) }
}

/**
 * Another phone is held to this one, which reads. It answers as the core's own card side does, over Android's own way to a
 * card; it slips away before its answer to this command, counted from 1, has arrived.
 */
fun holdCard(card: Handoff, apartAt: Int = Int.MAX_VALUE) {
    var commands = 0
    CardInField.answer = { command ->
        val response = card.process(command)
        if (++commands >= apartAt) throw TagLostException()
        response
    }
    // Android tells of a card on a thread of its own.
    thread { turnOnNfc().dispatchTagDiscovered(ShadowNfcAdapter.createMockTag()) }.join()
}

@Implements(IsoDep::class)
class CardInField : ShadowIsoDep() {
    init {
        setExtendedLengthApduSupported(true)
    }

    @Implementation
    override fun transceive(command: ByteArray): ByteArray = answer(command)

    companion object {
        var answer: (ByteArray) -> ByteArray = { throw TagLostException() }

        @JvmStatic
        @Implementation
        fun get(@Suppress("UNUSED_PARAMETER") tag: Tag): IsoDep = newInstance()
    }
}

/** A reader that this phone is held to while it is a card: it speaks to the card's service as Android's NFC stack does. */
class ReaderOutside {
    private val responses = LinkedBlockingQueue<ByteArray>()
    private val radio = Messenger(
        object : IMessenger.Stub() {
            override fun send(message: Message) {
                message.data.getByteArray("data")?.let(responses::add)
            }
        },
    )
    private val service = Messenger(
        Robolectric.buildService(WalletApduService::class.java).create().get().onBind(Intent()),
    )

    /** Lets a handoff tap; the answer to this command, counted from 1, is lost. Returns whether it came to its end. */
    fun hold(reader: Handoff, apartAt: Int = Int.MAX_VALUE): Boolean {
        var command: ByteArray? = reader.beginTap(FrameSize.EXTENDED)
        var number = 0
        while (command != null) {
            val answer = transmit(command)
            if (++number >= apartAt) break
            command = reader.receive(answer)
        }
        tell(HostApduService.MSG_DEACTIVATED)
        return command == null
    }

    fun transmit(command: ByteArray): ByteArray {
        tell(HostApduService.MSG_COMMAND_APDU, command)
        until("the card answers") { responses.isNotEmpty() }
        return responses.remove()
    }

    private fun tell(what: Int, data: ByteArray? = null) {
        val message = Message.obtain(null, what)
        message.replyTo = radio
        message.data = Bundle().apply { data?.let { putByteArray("data", it) } }
        service.send(message)
    }
}
