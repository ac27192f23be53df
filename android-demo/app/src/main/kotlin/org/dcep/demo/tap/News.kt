package org.dcep.demo.tap

import org.dcep.wallet.EventKind
import org.dcep.wallet.Wallet
import org.dcep.wallet.acknowledgeEventAwait
import org.dcep.wallet.nextEventAwait

/** A screen has told the holder what became of this transfer: the events that say the same are news no more. */
suspend fun Wallet.heardOf(transfer: String) {
    while (true) {
        val event = nextEventAwait()?.takeIf { it.kind.transferId == transfer } ?: return
        acknowledgeEventAwait(event.id)
    }
}

private val EventKind.transferId: String?
    get() = when (this) {
        is EventKind.Received -> transfer
        is EventKind.Paid -> transfer
        is EventKind.InDoubt -> transfer
        is EventKind.GaveBack -> transfer
        is EventKind.Returned -> transfer
        is EventKind.Refunded -> transfer
        else -> null
    }
