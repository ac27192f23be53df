package org.dcep.demo.home

import android.os.Bundle
import android.view.Menu
import android.view.MenuItem
import android.view.View
import android.view.ViewGroup
import org.dcep.demo.R
import org.dcep.demo.bank.BankActivity
import org.dcep.demo.history.HistoryActivity
import org.dcep.demo.limits.LimitsActivity
import org.dcep.demo.pay.PayActivity
import org.dcep.demo.receive.ReceiveActivity
import org.dcep.demo.settings.SettingsActivity
import org.dcep.demo.tap.Errand
import org.dcep.demo.tap.TapActivity
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.rows
import org.dcep.demo.ui.shownIf
import org.dcep.demo.ui.text
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.AtBank
import org.dcep.wallet.Balance
import org.dcep.wallet.EndsBy
import org.dcep.wallet.Event
import org.dcep.wallet.Freshness
import org.dcep.wallet.InDoubt
import org.dcep.wallet.LargestBecause
import org.dcep.wallet.WalletException
import org.dcep.wallet.ZERO
import org.dcep.wallet.acknowledgeEventAwait
import org.dcep.wallet.balanceAwait
import org.dcep.wallet.compareTo
import org.dcep.wallet.freshnessAwait
import org.dcep.wallet.inDoubtAwait
import org.dcep.wallet.limitsAwait
import org.dcep.wallet.nextEventAwait

/** The balance at a glance, what is in doubt, what is new, and the ways from here. */
class HomeActivity : WalletScreen() {
    private var event: Event? = null

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.home)
        actionBar?.setDisplayHomeAsUpEnabled(app.phone.isSimulated)
        actionBar?.subtitle = getString(R.string.simulated_phone).takeIf { app.phone.isSimulated }
        onTouch(R.id.pay) { go(PayActivity::class) }
        onTouch(R.id.receive) { go(ReceiveActivity::class) }
        onTouch(R.id.history) { go(HistoryActivity::class) }
        onTouch(R.id.limits) { go(LimitsActivity::class) }
        onTouch(R.id.bank) { go(BankActivity::class) }
        onTouch(R.id.mend) { TapActivity.start(this, Errand.Resume) }
        onTouch(R.id.mend_by_bank) { go(BankActivity::class) }
        onTouch(R.id.heard) { work { acknowledge() } }
        onTouch(R.id.finish_setup) { button ->
            workOn(button) {
                app.own.enrol()
                refresh()
            }
        }
    }

    override fun onCreateOptionsMenu(menu: Menu): Boolean {
        menuInflater.inflate(R.menu.home, menu)
        return true
    }

    override fun onOptionsItemSelected(item: MenuItem): Boolean {
        if (item.itemId != R.id.settings) return super.onOptionsItemSelected(item)
        go(SettingsActivity::class)
        return true
    }

    override suspend fun refresh() {
        show(wallet.balanceAwait())
        showDoubts(wallet.inDoubtAwait())
        showNews(wallet.nextEventAwait())
        find<View>(R.id.setup_card).shownIf(!isEnrolled())
        showAge(wallet.freshnessAwait())
    }

    private suspend fun isEnrolled(): Boolean = try {
        wallet.limitsAwait()
        true
    } catch (_: WalletException.NotEnrolled) {
        false
    }

    private fun show(balance: Balance) {
        text(R.id.spendable).text = yuan(balance.spendable)
        text(R.id.largest).orGone(
            getString(R.string.largest_payment, yuan(balance.largestPayment))
                .takeIf { balance.because !is LargestBecause.Everything },
        )
        text(R.id.unsettled).orGone(
            getString(R.string.unsettled, yuan(balance.unsettled)).takeIf { balance.unsettled > Amount.ZERO },
        )
        find<View>(R.id.bank_only_card).shownIf(balance.reasons.isNotEmpty())
        text(R.id.bank_only).text = getString(R.string.bank_only, yuan(balance.onlyAtBank))
        text(R.id.bank_only_why).text = balance.reasons.joinToString("\n", transform = ::whyOnlyAtBank)
    }

    private fun whyOnlyAtBank(part: AtBank): String =
        getString(R.string.part_because, yuan(part.amount), textOf(part.reason))

    private fun showDoubts(doubts: List<InDoubt>) {
        find<View>(R.id.doubt_card).shownIf(doubts.isNotEmpty())
        find<ViewGroup>(R.id.doubts).rows(doubts, R.layout.doubt) { doubt ->
            text(R.id.doubt_what).text = context.textOf(doubt)
            text(R.id.doubt_end).text = context.textOf(doubt.endsBy)
        }
        find<View>(R.id.mend).shownIf(doubts.any { it.endsBy == EndsBy.TAP_OR_SYNC })
    }

    private fun showNews(next: Event?) {
        event = next
        find<View>(R.id.news_card).shownIf(next != null)
        text(R.id.news).text = next?.let { textOf(it.kind) }
    }

    /** The holder has read it: the wallet may tell the next thing. */
    private suspend fun acknowledge() {
        event?.let { wallet.acknowledgeEventAwait(it.id) }
        refresh()
    }

    private fun showAge(freshness: Freshness) =
        text(R.id.age).orGone(adviceOf(freshness))
}
