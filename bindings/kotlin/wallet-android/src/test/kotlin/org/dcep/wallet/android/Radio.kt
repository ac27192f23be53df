package org.dcep.wallet.android

import android.content.Intent
import android.content.pm.PackageManager
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.TagLostException
import android.nfc.cardemulation.HostApduService
import android.nfc.tech.IsoDep
import android.os.Bundle
import android.os.IMessenger
import android.os.Looper
import android.os.Message
import android.os.Messenger
import org.dcep.wallet.FrameSize
import org.dcep.wallet.Handoff
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowIsoDep
import org.robolectric.shadows.ShadowNfcAdapter

/** What is in the field of this phone while it is a reader: another phone, as the core's own card side answers. */
internal class Field(private val card: Handoff, private val isExtended: Boolean = true) {
    val lengths = mutableListOf<Int>()

    /** Holds the phones together; they slip apart before this command, counted from 1, has arrived. */
    fun tap(apartAt: Int = Int.MAX_VALUE) {
        lengths.clear()
        ShadowCardInField.isExtended = isExtended
        ShadowCardInField.answer = { command ->
            lengths += command.size
            if (lengths.size >= apartAt) throw TagLostException()
            card.process(command)
        }
        adapter().dispatchTagDiscovered(ShadowNfcAdapter.createMockTag())
        ShadowCardInField.answer = null
    }

    companion object {
        /** The radio of this phone, turned on. */
        fun adapter(): ShadowNfcAdapter {
            val app = RuntimeEnvironment.getApplication()
            val features = shadowOf(app.packageManager)
            features.setSystemFeature(PackageManager.FEATURE_NFC, true)
            features.setSystemFeature(PackageManager.FEATURE_NFC_HOST_CARD_EMULATION, true)
            return shadowOf(NfcAdapter.getDefaultAdapter(app)).apply { setEnabled(true) }
        }
    }
}

/** Android's access to a card, with an answer to each command of its own. */
@Implements(IsoDep::class)
internal class ShadowCardInField : ShadowIsoDep() {
    init {
        setExtendedLengthApduSupported(isExtended)
    }

    @Implementation
    override fun transceive(command: ByteArray): ByteArray {
        check(timeout > 1_000) { "the other phone would have too little time" }
        return checkNotNull(answer)(command)
    }

    companion object {
        var answer: ((ByteArray) -> ByteArray)? = null
        var isExtended = true

        @JvmStatic
        @Implementation
        fun get(@Suppress("UNUSED_PARAMETER") tag: Tag): IsoDep? = if (answer == null) null else newInstance()
    }
}

/** What is in the field of this phone while it is a card: a reader, which speaks to the service as Android's NFC stack does. */
internal class ReaderOutside {
    /** What the service has answered, and nobody has taken yet. */
    val responses = ArrayDeque<ByteArray>()
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

    /** A message of the stack, such as [HostApduService.MSG_COMMAND_APDU]. */
    fun tell(what: Int, data: ByteArray? = null) {
        val message = Message.obtain(null, what)
        message.replyTo = radio
        message.data = Bundle().apply { data?.let { putByteArray("data", it) } }
        service.send(message)
        shadowOf(Looper.getMainLooper()).idle()
    }

    fun transmit(command: ByteArray): ByteArray {
        tell(HostApduService.MSG_COMMAND_APDU, command)
        // The answer comes from the worker, and is passed on by the main thread.
        until({ responses.isNotEmpty() }, ::letWork)
        return responses.removeFirst()
    }

    /** Lets the worker work, and the main thread do what it was given. */
    fun letWork() {
        Thread.yield()
        shadowOf(Looper.getMainLooper()).idle()
    }

    /** The phones are taken apart. */
    fun leave() = tell(HostApduService.MSG_DEACTIVATED)

    /** Lets a handoff tap; the phones are taken apart before this command, counted from 1. Returns whether it came to its end. */
    fun tap(handoff: Handoff, frames: FrameSize, apartAt: Int = Int.MAX_VALUE): Boolean =
        talk(handoff, frames, apartAt).also { leave() }

    /** The same, and the phones stay together. */
    fun talk(handoff: Handoff, frames: FrameSize, commands: Int = Int.MAX_VALUE): Boolean {
        var command: ByteArray? = handoff.beginTap(frames)
        var number = 0
        while (command != null && ++number < commands) command = handoff.receive(transmit(command))
        return command == null
    }
}
