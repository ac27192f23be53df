package org.dcep.demo.bank

import android.os.Bundle
import org.dcep.demo.R
import org.dcep.demo.home.adviceOf
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.moment
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.sentence
import org.dcep.demo.ui.yuan
import org.dcep.wallet.BankException
import org.dcep.wallet.Freshness
import org.dcep.wallet.accountBalanceAwait
import org.dcep.wallet.balanceAwait
import org.dcep.wallet.freezeOthersAwait
import org.dcep.wallet.freshnessAwait
import org.dcep.wallet.syncAwait

/** What needs the bank: settling, moving money between account and phone, and declaring a phone lost. */
class BankActivity : WalletScreen() {
    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.bank)
        onTouch(R.id.sync) { button -> workOn(button) { sync() } }
        onTouch(R.id.load) { MoveActivity.start(this, MoveActivity.Way.LOAD) }
        onTouch(R.id.deposit) { MoveActivity.start(this, MoveActivity.Way.DEPOSIT) }
        onTouch(R.id.freeze) { button ->
            ask(getString(R.string.freeze_question), R.string.freeze_yes) {
                workOn(button) {
                    wallet.freezeOthersAwait()
                    say(getString(R.string.frozen_others))
                }
            }
        }
    }

    override suspend fun refresh() {
        text(R.id.on_phone).text = yuan(wallet.balanceAwait().spendable)
        show(wallet.freshnessAwait())
        showAccount()
    }

    private fun show(freshness: Freshness) {
        text(R.id.freshness).text =
            freshness.asOf?.let { getString(R.string.fresh_as_of, moment(it)) } ?: getString(R.string.never_fresh)
        text(R.id.freshness_advice).orGone(adviceOf(freshness))
    }

    /** The account is the bank's to tell: without a line there is only a sentence. */
    private suspend fun showAccount() {
        text(R.id.on_account).text = try {
            yuan(wallet.accountBalanceAwait())
        } catch (_: BankException.Transport) {
            getString(R.string.not_known_offline)
        } catch (refused: BankException) {
            sentence(refused)
        }
    }

    private suspend fun sync() {
        val report = wallet.syncAwait()
        text(R.id.sync_report).text = textOf(report)
        refresh()
    }
}
