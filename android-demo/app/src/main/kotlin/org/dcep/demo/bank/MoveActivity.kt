package org.dcep.demo.bank

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.view.View
import org.dcep.demo.R
import org.dcep.demo.ui.AmountPad
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.shownIf
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.balanceAwait
import org.dcep.wallet.depositAwait
import org.dcep.wallet.loadAwait

/** Moves money between the account and the phone. */
class MoveActivity : WalletScreen() {
    enum class Way(val title: Int, val button: Int) {
        LOAD(R.string.load, R.string.load_amount),
        DEPOSIT(R.string.deposit, R.string.deposit_amount),
    }

    private lateinit var pad: AmountPad
    private val way: Way get() = Way.entries.first { it.name == intent.getStringExtra(WAY) }

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.move)
        setTitle(way.title)
        pad = find(R.id.amount)
        pad.onChange = ::showAmount
        onTouch(R.id.proceed) { button -> pad.amount?.let { amount -> workOn(button) { move(amount) } } }
        find<View>(R.id.everything).shownIf(way == Way.DEPOSIT)
        onTouch(R.id.everything) { button -> workOn(button) { move(null) } }
        showAmount()
    }

    override suspend fun refresh() {
        text(R.id.on_phone).text = getString(R.string.on_phone_now, yuan(wallet.balanceAwait().spendable))
    }

    private fun showAmount() {
        text(R.id.proceed).isEnabled = pad.amount != null
        text(R.id.proceed).text = pad.amount?.let { getString(way.button, yuan(it)) } ?: getString(way.title)
    }

    private suspend fun move(amount: Amount?) {
        when (way) {
            Way.LOAD -> amount?.let { wallet.loadAwait(it) }
            Way.DEPOSIT -> wallet.depositAwait(amount)
        }
        finish()
    }

    companion object {
        private const val WAY = "way"

        fun start(from: Activity, way: Way) =
            from.startActivity(Intent(from, MoveActivity::class.java).putExtra(WAY, way.name))
    }
}
