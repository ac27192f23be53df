package org.dcep.wallet

import kotlinx.coroutines.CancellationException

/*
 * Paying and being paid, for coroutines: see WalletThreads.kt.
 */

/** As [Wallet.request]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.requestAwait(amount: Amount?, name: String?): PaymentRequest = act { request(amount, name) }

/** As [Wallet.withdraw]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.withdrawAwait(request: String): Unit = act { withdraw(request) }

/** As [Wallet.openRequests]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.openRequestsAwait(): List<PaymentRequest> = look { openRequests() }

/** As [Wallet.receive]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.receiveAwait(request: String, side: Side): Handoff = act { receive(request, side) }

/** As [Wallet.pay]: asks the holder, and may take as long as that does. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.payAwait(consent: Consent, side: Side): Handoff = act { pay(consent, side) }

/** As [Wallet.resume]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.resumeAwait(side: Side): Handoff = act { resume(side) }

/** As [Wallet.refundable]. */
@Throws(RefundException::class, CancellationException::class)
public suspend fun Wallet.refundableAwait(paid: String): Amount = look { refundable(paid) }

/** As [Wallet.refund]. */
@Throws(RefundException::class, CancellationException::class)
public suspend fun Wallet.refundAwait(paid: String, amount: Amount): String = act { refund(paid, amount) }

/** As [Wallet.awaitRefund]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.awaitRefundAwait(paid: String, side: Side): Handoff = act { awaitRefund(paid, side) }

/** As [Wallet.demandAssurance]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.demandAssuranceAwait(least: Assurance?): Unit = act { demandAssurance(least) }

/** As [Wallet.demandedAssurance]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.demandedAssuranceAwait(): Assurance? = look { demandedAssurance() }

/** As [Wallet.requestSlip]. */
@Throws(ReceiveException::class, CancellationException::class)
public suspend fun Wallet.requestSlipAwait(request: String): Slip = look { requestSlip(request) }

/** As [Wallet.readRequest]. */
@Throws(PayException::class, CancellationException::class)
public suspend fun Wallet.readRequestAwait(slip: Slip): PaymentRequest = look { readRequest(slip) }

/** As [Wallet.payRequest]: asks the holder, and may take as long as that does. */
@Throws(PayException::class, CancellationException::class)
public suspend fun Wallet.payRequestAwait(slip: Slip, consent: Consent): SlipPayment = act { payRequest(slip, consent) }

/** As [Wallet.paymentSlip]. */
@Throws(WalletException::class, CancellationException::class)
public suspend fun Wallet.paymentSlipAwait(transfer: String): Slip? = look { paymentSlip(transfer) }

/** As [Wallet.takeSlip]. */
@Throws(TapException::class, CancellationException::class)
public suspend fun Wallet.takeSlipAwait(slip: Slip): TakenSlip = act { takeSlip(slip) }
