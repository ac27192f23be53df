package org.dcep.demo.alone

import org.dcep.wallet.Amount
import org.dcep.wallet.Consent
import org.dcep.wallet.Slip
import org.dcep.wallet.SlipKind
import org.dcep.wallet.SlipScanner
import org.dcep.wallet.payRequestAwait
import org.dcep.wallet.readRequestAwait
import org.dcep.wallet.requestAwait
import org.dcep.wallet.requestSlipAwait
import org.dcep.wallet.takeSlipAwait

/** A payment by codes alone: what is asked, the payment, the receipt, each shown by one phone and read by the other. */
class CodePayment private constructor(
    private val payer: SandboxPhone,
    private val payee: SandboxPhone,
    private val amount: Amount,
    request: Slip,
) {
    /** What is shown now; `null`: the payer has the receipt. */
    var shown: Slip? = request
        private set

    /** Who shows it. */
    val shownBy: SandboxPhone get() = if (shown?.kind() == SlipKind.PAYMENT) payer else payee

    /** Who has the receipt in the end. */
    val payerName: String get() = payer.name

    /** The other phone reads what is shown, and has the next thing to show. */
    suspend fun read() {
        val code = shown ?: return
        val read = scan(code)
        val reader = if (read.kind() == SlipKind.PAYMENT) payee.wallet() else payer.wallet()
        shown = when (read.kind()) {
            SlipKind.REQUEST -> reader.payRequestAwait(read, Consent.To(reader.readRequestAwait(read).id, amount)).slip
            SlipKind.PAYMENT, SlipKind.RECEIPT, SlipKind.REFUND -> reader.takeSlipAwait(read).answer
        }
    }

    private fun scan(slip: Slip): Slip = SlipScanner().use { scanner ->
        generateSequence(0u) { it + 1u }.firstNotNullOf { scanner.scan(slip.frame(it).text).slip }
    }

    companion object {
        suspend fun begin(payer: SandboxPhone, payee: SandboxPhone, amount: Amount): CodePayment {
            val request = payee.wallet().requestAwait(amount, payee.name)
            val slip = payee.wallet().requestSlipAwait(request.id)
            return CodePayment(payer, payee, amount, slip)
        }
    }
}
