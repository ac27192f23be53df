package org.dcep.demo.history

import org.dcep.demo.R
import org.dcep.wallet.HistoryKind
import org.dcep.wallet.HistoryState

/** What of the history is shown. */
enum class Shown(val label: Int, val kind: HistoryKind? = null, val state: HistoryState? = null) {
    ALL(R.string.shown_all),
    PAID(R.string.shown_paid, HistoryKind.PAID),
    RECEIVED(R.string.shown_received, HistoryKind.RECEIVED),
    IN_DOUBT(R.string.shown_in_doubt, state = HistoryState.IN_DOUBT),
    GIVEN_BACK(R.string.shown_given_back, HistoryKind.GAVE_REFUND),
    GOT_BACK(R.string.shown_got_back, HistoryKind.GOT_REFUND),
    LOADED(R.string.shown_loaded, HistoryKind.LOADED),
    DEPOSITED(R.string.shown_deposited, HistoryKind.DEPOSITED),
}
