package org.dcep.wallet.android

import android.app.Activity
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.ReceiveException
import org.dcep.wallet.Side
import org.dcep.wallet.Wallet
import org.dcep.wallet.awaitRefundAwait
import org.dcep.wallet.receiveAwait
import org.dcep.wallet.tap.TapEnd

/**
 * Is paid by holding the phones together.
 *
 * Call it on the main thread; it suspends, and never blocks. Taps that tear need nothing but another one: they are told to
 * `missed`, and the call goes on until the handoff has come to something. When it is cancelled (the screen goes) the phone is no
 * card any more; the request stays open, and can be received again.
 *
 * @param activity in front when the phones meet.
 * @param wallet that is paid.
 * @param side the card, unless the payer is a device that can only be a card.
 */
public class NfcPayee(
    private val activity: Activity,
    private val wallet: Wallet,
    private val side: Side = Side.CARD,
) {
    /** Whether the phones can meet now. If not, [receive] waits until NFC is turned on. */
    public val state: NfcState get() = activity.nfcState(side)

    /**
     * Takes the payment of a request.
     *
     * @param request its id, from `Wallet.request`.
     * @param missed told of every tap that ended before the payment did: "hold the phones together again".
     * @throws ReceiveException if the wallet cannot take it; nothing has changed.
     */
    @Throws(ReceiveException::class)
    public suspend fun receive(request: String, missed: (TapEnd) -> Unit): HandoffOutcome =
        wallet.receiveAwait(request, side).byTap(activity, missed)

    /**
     * Takes back what a payee gives back of a payment, and asks for nothing.
     *
     * @param paid the payment that this wallet made.
     * @param missed as for [receive].
     * @throws ReceiveException if the wallet cannot take it; nothing has changed.
     */
    @Throws(ReceiveException::class)
    public suspend fun takeRefund(paid: String, missed: (TapEnd) -> Unit): HandoffOutcome =
        wallet.awaitRefundAwait(paid, side).byTap(activity, missed)
}
