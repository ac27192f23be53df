package org.dcep.demo.start

import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import org.dcep.demo.R
import org.dcep.demo.history.textOf
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.moment
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.rows
import org.dcep.demo.ui.sentence
import org.dcep.demo.ui.shownIf
import org.dcep.demo.ui.text
import org.dcep.demo.ui.yuan
import org.dcep.wallet.BankException
import org.dcep.wallet.Past
import org.dcep.wallet.accountBalanceAwait
import org.dcep.wallet.freezeOthersAwait
import org.dcep.wallet.pastAwait

/** What the words brought back, and what the bank pays out later. */
class RestoredActivity : WalletScreen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.restored)
        onTouch(R.id.freeze) { button ->
            ask(getString(R.string.freeze_question), R.string.freeze_yes) {
                workOn(button) {
                    wallet.freezeOthersAwait()
                    say(getString(R.string.frozen_others))
                }
            }
        }
        onTouch(R.id.proceed) { goForGood(HomeActivity::class) }
    }

    override suspend fun refresh() {
        text(R.id.restored_account).text = try {
            getString(R.string.restored_account, yuan(wallet.accountBalanceAwait()))
        } catch (unreachable: BankException) {
            sentence(unreachable)
        }
        showPast(wallet.pastAwait())
    }

    private fun showPast(past: Past?) {
        text(R.id.restored_past).orGone(past?.let { getString(R.string.restored_past, moment(it.madeAt)) })
        find<View>(R.id.past).shownIf(past != null)
        find<ViewGroup>(R.id.past).rows(past?.entries.orEmpty(), R.layout.line) { entry ->
            text(R.id.line_what).text = context.textOf(entry)
            text(R.id.line_when).text = context.moment(entry.at)
            text(R.id.line_amount).text = context.yuan(entry.amount)
        }
    }
}
