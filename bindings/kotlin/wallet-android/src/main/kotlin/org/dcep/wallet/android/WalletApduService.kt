package org.dcep.wallet.android

import android.nfc.cardemulation.HostApduService
import android.os.Bundle
import org.dcep.wallet.tap.ApduCard
import org.dcep.wallet.tap.CardDesk
import java.util.concurrent.Executors

/**
 * Makes the phone a card: Android hands it every command of a reader that has selected the wallet.
 *
 * The package's manifest declares it; all that an app does is to say what answers, for as long as it is to answer:
 *
 * ```kotlin
 * WalletApduService.desk.arm(card)
 * ```
 *
 * A tap that starts the process finds nothing armed, and is answered at once, as by a phone without a wallet; when the app has
 * opened the wallet and armed a card, the next tap is answered by that. Commands are answered from a worker thread of
 * its own, never from the main thread.
 */
public class WalletApduService : HostApduService() {
    /** Android: a command has arrived, on the main thread. */
    override fun processCommandApdu(command: ByteArray, extras: Bundle?): ByteArray? =
        desk.command(command, ::sendResponseApdu)

    /** Android: the reader is gone, or has selected something else. */
    override fun onDeactivated(reason: Int) {
        desk.deactivated()
    }

    public companion object {
        /** Who answers. One for the process, as the phone has one radio. */
        @JvmStatic
        public val desk: CardDesk = CardDesk(
            Executors.newSingleThreadExecutor { work -> Thread(work, "wallet-card").apply { isDaemon = true } },
        )
    }
}

/** Arms [card] for as long as [work] takes. */
public inline fun <T> CardDesk.armed(card: ApduCard, work: () -> T): T {
    arm(card)
    try {
        return work()
    } finally {
        disarm()
    }
}
