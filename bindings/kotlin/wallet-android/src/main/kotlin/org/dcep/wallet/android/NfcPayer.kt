package org.dcep.wallet.android

import android.app.Activity
import org.dcep.wallet.Consent
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Side
import org.dcep.wallet.Wallet
import org.dcep.wallet.WalletException
import org.dcep.wallet.payAwait
import org.dcep.wallet.resumeAwait
import org.dcep.wallet.tap.TapEnd

/**
 * Pays by holding the phones together.
 *
 * Call it on the main thread; it suspends, and never blocks. Taps that tear need nothing but another one: they are told to
 * `missed`, and the call goes on until the handoff has come to something. Cancelling (the screen goes) takes nothing back: what
 * was signed is in doubt, and [resume], or any later payment to the same payee, ends that.
 *
 * @param activity in front when the phones meet.
 * @param wallet whose money it is.
 * @param side the reader, unless the payee is a device that can only read.
 */
public class NfcPayer(
    private val activity: Activity,
    private val wallet: Wallet,
    private val side: Side = Side.READER,
) {
    /** Whether the phones can meet now. If not, [pay] waits until NFC is turned on. */
    public val state: NfcState get() = activity.nfcState(side)

    /**
     * Asks the holder, if the consent is to an amount, then pays whoever is held to the phone and asks within it.
     *
     * `HandoffOutcome.Declined` with `PayException.ConfirmOnDevice` means: show the request that it carries, call this again with
     * `Consent.To` that request, and hold the phones together once more.
     *
     * @param missed told of every tap that ended before the payment did: "hold the phones together again".
     * @throws WalletException if the holder declines, or the wallet cannot pay; nothing was signed.
     */
    @Throws(WalletException::class)
    public suspend fun pay(consent: Consent, missed: (TapEnd) -> Unit): HandoffOutcome =
        wallet.payAwait(consent, side).byTap(activity, missed)

    /**
     * Brings what is in doubt (a payment, a return, a refund) to whom it is for, and pays nothing new.
     *
     * @param missed as for [pay].
     * @throws WalletException if the wallet cannot.
     */
    @Throws(WalletException::class)
    public suspend fun resume(missed: (TapEnd) -> Unit): HandoffOutcome =
        wallet.resumeAwait(side).byTap(activity, missed)
}
