package org.dcep.wallet.android

import android.app.Activity
import kotlinx.coroutines.CompletableDeferred
import org.dcep.wallet.Handoff
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.Side
import org.dcep.wallet.TapException
import org.dcep.wallet.tap.ReaderDesk
import org.dcep.wallet.tap.TapEnd
import org.dcep.wallet.tap.asReaderSteps

/**
 * Taps, as often as it takes, until this handoff has come to something; returns what. While the activity is in front the phone
 * is the reader or the card, as the handoff was made; it is neither any more when this returns or is cancelled.
 *
 * For a handoff that outlives its activity. [NfcPayer] and [NfcPayee] make one for each payment.
 *
 * Call it on the main thread. Cancelling takes nothing back: what was signed is in doubt, and the next tap ends that.
 *
 * @param activity in front when the phones meet.
 * @param missed told, on the main thread, of every tap that ended before the handoff did: "hold the phones together again".
 * @throws TapException if the handoff cannot go on, because its wallet was closed, say.
 */
@Throws(TapException::class)
public suspend fun Handoff.byTap(activity: Activity, missed: (TapEnd) -> Unit): HandoffOutcome {
    val come = CompletableDeferred<HandoffOutcome>()
    val told: (TapEnd) -> Unit = { end -> activity.runOnUiThread { if (come.isActive) missed(end) } }
    try {
        return when (side()) {
            Side.READER -> asReader(activity, come, told)
            Side.CARD -> asCard(activity, come, told)
        }
    } finally {
        come.cancel()
    }
}

private suspend fun Handoff.asReader(
    activity: Activity,
    come: CompletableDeferred<HandoffOutcome>,
    missed: (TapEnd) -> Unit,
): HandoffOutcome {
    val reader = NfcReader(activity, ReaderDesk(asReaderSteps())) { end ->
        try {
            outcome()?.let(come::complete) ?: missed(end)
        } catch (closed: TapException) {
            come.completeExceptionally(closed)
        }
    }
    reader.start()
    try {
        return come.await()
    } finally {
        reader.stop()
    }
}

private suspend fun Handoff.asCard(
    activity: Activity,
    come: CompletableDeferred<HandoffOutcome>,
    missed: (TapEnd) -> Unit,
): HandoffOutcome {
    val card = CardInFront(activity, TellingCard(this, come::complete, missed))
    card.start()
    try {
        return come.await()
    } finally {
        // The reader may still be fetching the last of the answer: that is when the card ends, and not before.
        if (come.isCompleted) card.stopAfterTap() else card.stop()
    }
}
