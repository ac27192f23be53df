package org.dcep.demo.alone

import android.content.Context
import android.view.View
import org.dcep.demo.R
import org.dcep.demo.home.textOf
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.text
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.ZERO
import org.dcep.wallet.balanceAwait
import org.dcep.wallet.compareTo

/** One of the two phones: what it has, what it is in doubt about, and what it heard last. */
class PhoneCard(
    private val context: Context,
    private val view: View,
    val phone: SandboxPhone,
    lookInside: () -> Unit,
    restart: (View) -> Unit,
) {
    init {
        view.text(R.id.phone_name).text = phone.name
        view.text(R.id.look_inside).apply {
            contentDescription = context.getString(R.string.look_inside_of, phone.name)
            setOnClickListener { lookInside() }
        }
        view.text(R.id.restart).apply {
            contentDescription = context.getString(R.string.restart_of, phone.name)
            setOnClickListener(restart)
        }
    }

    suspend fun refresh(isPayer: Boolean) {
        val balance = phone.wallet().balanceAwait()
        view.text(R.id.phone_role).setText(if (isPayer) R.string.role_pays else R.string.role_is_paid)
        view.text(R.id.phone_balance).text = context.yuan(balance.spendable)
        view.text(R.id.phone_doubt).orGone(
            context.getString(R.string.phone_in_doubt, context.yuan(balance.inDoubt)).takeIf { balance.inDoubt > Amount.ZERO },
        )
        phone.hear()
        view.text(R.id.phone_news).text = phone.heard?.let { context.textOf(it) }
    }
}
