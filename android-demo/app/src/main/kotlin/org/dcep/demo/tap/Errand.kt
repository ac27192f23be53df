package org.dcep.demo.tap

import android.content.Intent
import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.Handoff
import org.dcep.wallet.Side
import org.dcep.wallet.Wallet
import org.dcep.wallet.awaitRefundAwait
import org.dcep.wallet.payAwait
import org.dcep.wallet.receiveAwait
import org.dcep.wallet.resumeAwait

/** What two phones are held together for. It travels in the intent of the screen that does it. */
sealed class Errand {
    /** To pay what the other phone asks, as far as the holder agrees. */
    data class Pay(val consent: Consent) : Errand()

    /** To be paid what this request asks. */
    data class Receive(val request: String) : Errand()

    /** To bring what is in doubt to whom it is for; nothing new is paid. */
    object Resume : Errand()

    /** To take what is given back of a payment. */
    data class TakeRefund(val paid: String) : Errand()

    /** Which side of the link this phone is, unless its holder swaps: who pays reads. */
    val usualSide: Side
        get() = if (this is Receive || this is TakeRefund) Side.CARD else Side.READER

    val isPaying: Boolean get() = usualSide == Side.READER

    /** The wallet's side of it. Asks the holder first, if it is a consent to an amount. */
    suspend fun handoff(wallet: Wallet, side: Side): Handoff = when (this) {
        is Pay -> wallet.payAwait(consent, side)
        is Receive -> wallet.receiveAwait(request, side)
        Resume -> wallet.resumeAwait(side)
        is TakeRefund -> wallet.awaitRefundAwait(paid, side)
    }

    /**
     * What may go on by itself when Android has ended the app in the middle: a new payment never does. If one was signed,
     * it is in doubt, and to resume is all it takes.
     */
    val afterInterruption: Errand get() = if (this is Pay) Resume else this

    fun into(intent: Intent): Intent = when (this) {
        is Pay -> when (val to = consent) {
            Consent.Unconfirmed -> intent.putExtra(KIND, PAY)
            is Consent.UpTo -> intent.putExtra(KIND, PAY_UP_TO).putExtra(FEN, to.amount.fen.toLong())
            is Consent.Exactly -> intent.putExtra(KIND, PAY_EXACTLY).putExtra(FEN, to.amount.fen.toLong())
            is Consent.To -> intent.putExtra(KIND, PAY_TO).putExtra(FEN, to.amount.fen.toLong()).putExtra(ID, to.request)
        }
        is Receive -> intent.putExtra(KIND, RECEIVE).putExtra(ID, request)
        Resume -> intent.putExtra(KIND, RESUME)
        is TakeRefund -> intent.putExtra(KIND, TAKE_REFUND).putExtra(ID, paid)
    }

    companion object {
        private const val KIND = "errand"
        private const val FEN = "fen"
        private const val ID = "id"
        private const val PAY = "pay"
        private const val PAY_UP_TO = "pay up to"
        private const val PAY_EXACTLY = "pay exactly"
        private const val PAY_TO = "pay to"
        private const val RECEIVE = "receive"
        private const val RESUME = "resume"
        private const val TAKE_REFUND = "take refund"

        fun of(intent: Intent): Errand {
            val amount = Amount(intent.getLongExtra(FEN, 0).toULong())
            val id = intent.getStringExtra(ID).orEmpty()
            return when (intent.getStringExtra(KIND)) {
                PAY -> Pay(Consent.Unconfirmed)
                PAY_UP_TO -> Pay(Consent.UpTo(amount))
                PAY_EXACTLY -> Pay(Consent.Exactly(amount))
                PAY_TO -> Pay(Consent.To(id, amount))
                RECEIVE -> Receive(id)
                TAKE_REFUND -> TakeRefund(id)
                else -> Resume
            }
        }
    }
}
