package org.dcep.wallet.tap

import java.io.IOException

/** The longest command a message of the wallet can make: 40,000 bytes in an extended command of their own. */
private const val LONGEST_COMMAND = 40_000 + 9

/** A card in the field: another phone. */
public interface ApduChannel {
    /** Whether the reader, by its own account, can send extended commands at all. */
    public val isExtendedSupported: Boolean

    /** The most bytes that one command may have. */
    public val longestCommand: Int

    /**
     * Transmits a command and returns the response, with its two status bytes at the end.
     *
     * @throws IOException if the card is gone, or did not take the command.
     */
    @Throws(IOException::class)
    public fun transmit(command: ByteArray): ByteArray
}

/** The reader's side of a handoff: says which command comes next. */
public interface ReaderSteps {
    /** The command that begins a tap. */
    public fun begin(extended: Boolean): ByteArray

    /** What comes after this response; `null`: the handoff is over. */
    public fun next(response: ByteArray): ByteArray?
}

/** How a tap ended. */
public sealed class TapEnd {
    /** The handoff is over; its outcome says how. */
    public object Over : TapEnd()

    /** The phones were taken apart too early. Hold them together again: it goes on where it was. */
    public class Torn(public val cause: IOException) : TapEnd()

    /** The other device, or what it said, was refused. Another tap may begin. */
    public class Refused(public val cause: Exception) : TapEnd()
}

/**
 * Carries commands and responses for one handoff, tap after tap.
 *
 * Extended commands are used while reader and card are believed to take them. What a reader says of itself is not
 * enough, the card has to take them as well, and that shows only in trying: a tap that breaks at an extended command is
 * followed by one in short commands, which pass everywhere.
 *
 * One tap at a time; each call blocks until its tap is over.
 */
public class ReaderDesk(private val steps: ReaderSteps) {
    private var believesInExtended = true

    /** Whether the next tap will try extended commands with a reader that has them. */
    public val triesExtended: Boolean
        @Synchronized get() = believesInExtended

    /** A card is there. */
    @Synchronized
    public fun tap(channel: ApduChannel): TapEnd {
        val extended =
            believesInExtended && channel.isExtendedSupported && channel.longestCommand >= LONGEST_COMMAND
        var sent: ByteArray? = null
        return try {
            var command: ByteArray? = steps.begin(extended)
            while (command != null) {
                sent = command
                val response = channel.transmit(command)
                if (command.isExtended && response.isWrongLength) believesInExtended = false
                command = steps.next(response)
            }
            TapEnd.Over
        } catch (torn: IOException) {
            if (sent?.isExtended == true) believesInExtended = false
            TapEnd.Torn(torn)
        } catch (refused: Exception) {
            TapEnd.Refused(refused)
        }
    }

    private companion object {
        /** A fifth byte of zero, and more than that one: lengths of two bytes follow. */
        private val ByteArray.isExtended: Boolean
            get() = size > 5 && this[4] == 0.toByte()

        private val ByteArray.isWrongLength: Boolean
            get() = size == 2 && this[0] == 0x67.toByte() && this[1] == 0x00.toByte()
    }
}
