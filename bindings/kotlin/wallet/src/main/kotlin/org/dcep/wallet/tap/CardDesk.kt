package org.dcep.wallet.tap

import java.util.concurrent.Executor

private val NOT_FOUND = byteArrayOf(0x6a, 0x82.toByte())
private val NO_DIAGNOSIS = byteArrayOf(0x6f, 0x00)

/** The card's side of a handoff: answers one command at a time, and may take its time. */
public interface ApduCard {
    /** The response to a command, with its two status bytes at the end. */
    public fun process(command: ByteArray): ByteArray

    /** The reader is gone. */
    public fun deactivated()
}

/**
 * Stands between the radio, which must never wait, and a card, which may: commands are answered on a worker, one after the
 * other, in their order.
 *
 * While no card is [armed][arm] every command is answered at once, as a phone without a wallet would: also when a tap
 * has just started the process, and nothing is open yet.
 *
 * May be called from any thread.
 *
 * @param worker runs what it is given one after the other, in order, and not on the thread that gives it.
 */
public class CardDesk(private val worker: Executor) {
    private var card: ApduCard? = null

    /** The tap under way. A reply that comes after its tap is nobody's. */
    private var tap = 0

    /** From now on this card answers. The tap under way, if there is one, goes on with the card it began with, which refuses. */
    @Synchronized
    public fun arm(card: ApduCard) {
        disarm()
        this.card = card
    }

    /** From now on nobody answers; a reply that is still in the making is dropped. */
    @Synchronized
    public fun disarm() {
        val before = card ?: return
        card = null
        tap++
        worker.execute { before.tellGone() }
    }

    /** The same, unless another card has been armed meanwhile. Returns whether this one was. */
    @Synchronized
    public fun disarm(card: ApduCard): Boolean = (this.card === card).also { if (it) disarm() }

    /**
     * A command arrives. Returns at once: the response, or `null` if [reply] will be called with it, on the worker.
     */
    public fun command(command: ByteArray, reply: (ByteArray) -> Unit): ByteArray? {
        val (card, tap) = synchronized(this) { card to tap }
        if (card == null) return NOT_FOUND.copyOf()
        worker.execute {
            val response = try {
                card.process(command)
            } catch (_: Throwable) {
                NO_DIAGNOSIS.copyOf()
            }
            // Under the lock, so that no reply is given after `deactivated` has returned.
            synchronized(this) { if (tap == this.tap) reply(response) }
        }
        return null
    }

    /** The reader is gone, or talks to another app. */
    @Synchronized
    public fun deactivated() {
        tap++
        val card = card ?: return
        worker.execute { card.tellGone() }
    }

    private fun ApduCard.tellGone() {
        try {
            deactivated()
        } catch (_: Throwable) {
            // Nobody is there to be told.
        }
    }
}
