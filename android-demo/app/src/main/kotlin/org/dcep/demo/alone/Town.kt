package org.dcep.demo.alone

import org.dcep.demo.phone.waiting
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.FrameSize
import org.dcep.wallet.Handoff
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Sandbox
import org.dcep.wallet.Side
import org.dcep.wallet.SimulatedTap
import org.dcep.wallet.payAwait
import org.dcep.wallet.receiveAwait
import org.dcep.wallet.requestAwait
import org.dcep.wallet.simulatedTap
import org.dcep.wallet.syncAwait

/** What each of the two has to begin with. */
private val FIRST_CASH = Amount(200_00uL)

/** A bank and two phones in this process, and a tap between them that tears where one wants it to. */
class Town(seed: ULong) {
    private val box = Sandbox(seed)
    val alice = SandboxPhone(box, "Alice")
    val bob = SandboxPhone(box, "Bob")

    var payer = alice
        private set
    val payee: SandboxPhone get() = if (payer === alice) bob else alice

    var isOffline = false
        private set

    /** The payment by codes that was begun last. */
    var codes: CodePayment? = null
        private set

    private var isFunded = false
    private var pair: Pair? = null

    /** Both sides of a payment; it lives through torn taps. */
    private class Pair(val paying: Handoff, val taking: Handoff, val amount: Amount, val payerSide: Side)

    /** The phones with cash in them. Later calls do nothing. */
    suspend fun open() {
        if (isFunded) return
        for (phone in listOf(alice, bob)) {
            phone.wallet()
            waiting { box.fund(phone.name, FIRST_CASH) }
        }
        isFunded = true
    }

    fun swap() {
        payer = payee
        pair = null
    }

    suspend fun setOffline(offline: Boolean) {
        waiting { box.setOffline(offline) }
        isOffline = offline
    }

    suspend fun restart(phone: SandboxPhone) {
        phone.restart()
        pair = null
    }

    suspend fun syncBoth() {
        alice.wallet().syncAwait()
        bob.wallet().syncAwait()
    }

    /** The phones are held together: for a new payment, or to go on where a torn tap left off. */
    suspend fun hold(amount: Amount, payerSide: Side, frames: FrameSize, tearAfter: ULong?): Held {
        val pair = pair?.takeIf { it.amount == amount && it.payerSide == payerSide } ?: arm(amount, payerSide)
        this.pair = pair
        val reader = if (payerSide == Side.READER) pair.paying else pair.taking
        val card = if (payerSide == Side.READER) pair.taking else pair.paying
        val tap = waiting { simulatedTap(reader, card, frames, tearAfter) }
        if (tap.completed) this.pair = null
        return Held(tap, pair.paying.outcome())
    }

    /** A payment by codes, shown from screen to screen. */
    suspend fun payByCodes(amount: Amount) {
        codes = CodePayment.begin(payer, payee, amount)
    }

    private suspend fun arm(amount: Amount, payerSide: Side): Pair {
        val request = payee.wallet().requestAwait(amount, payee.name)
        val payeeSide = if (payerSide == Side.READER) Side.CARD else Side.READER
        return Pair(
            paying = payer.wallet().payAwait(Consent.UpTo(amount), payerSide),
            taking = payee.wallet().receiveAwait(request.id, payeeSide),
            amount,
            payerSide,
        )
    }
}

/** What a simulated tap came to, as far as the payer knows. */
class Held(val tap: SimulatedTap, val outcome: HandoffOutcome?)
