package org.dcep.demo.limits

import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.widget.ProgressBar
import org.dcep.demo.R
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.rows
import org.dcep.demo.ui.shownIf
import org.dcep.demo.ui.text
import org.dcep.wallet.Allowance
import org.dcep.wallet.limitsAwait

/** Every limit as a sentence; with a bar where it is used up. */
class LimitsActivity : WalletScreen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.limits)
    }

    override suspend fun refresh() {
        val all = wallet.limitsAwait()
        text(R.id.limits_of).text = getString(R.string.limits_of, textOf(all.walletClass), all.profile)
        val bounds = all.limits.filter { it.isBounded }.sortedBy { it.limit.place }
        find<ViewGroup>(R.id.limits).rows(bounds, R.layout.limit) { show(it) }
    }
}

private fun View.show(limit: Allowance) {
    text(R.id.limit_left).text = context.sentenceOf(limit)
    val bar = findViewById<ProgressBar>(R.id.limit_bar)!!
    val isUsedUp = limit.limit.isUsedUp
    bar.shownIf(isUsedUp)
    bar.max = FULL
    bar.progress = (FULL * limit.used.number / limit.most.number.coerceAtLeast(1.0)).toInt()
    text(R.id.limit_used).orGone(if (isUsedUp) context.usedOf(limit) else null)
    text(R.id.limit_lift).orGone(context.adviceOf(limit.lifts))
}

/** The steps of a bar. */
private const val FULL = 1_000
