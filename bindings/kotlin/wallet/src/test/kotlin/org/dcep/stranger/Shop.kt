package org.dcep.stranger

import org.dcep.wallet.AccountWords
import org.dcep.wallet.Algorithm
import org.dcep.wallet.Amount
import org.dcep.wallet.Clock
import org.dcep.wallet.Consent
import org.dcep.wallet.FrameSize
import org.dcep.wallet.HandoffOutcome
import org.dcep.wallet.KeyVault
import org.dcep.wallet.MemoryGuard
import org.dcep.wallet.Platform
import org.dcep.wallet.RollbackGuard
import org.dcep.wallet.Sandbox
import org.dcep.wallet.Side
import org.dcep.wallet.SoftwareVault
import org.dcep.wallet.Wallet
import org.dcep.wallet.WalletClass
import org.dcep.wallet.WordCount
import org.dcep.wallet.WordList
import org.dcep.wallet.platform.guarded
import org.dcep.wallet.tap.ReaderDesk
import org.dcep.wallet.tap.asReaderSteps
import org.dcep.wallet.tap.ApduChannel
import java.time.Instant

/*
 * An app of somebody else's, to be shrunk together with the package. Its parts of the platform are its own, so that the library
 * calls back into code that has been shrunk.
 */

private class OwnVault(private val inner: KeyVault) : KeyVault by inner

private class OwnGuard(private val inner: RollbackGuard) : RollbackGuard by inner

private class OwnClock(private val inner: Clock) : Clock {
    override fun now(): Instant = inner.now()
}

/** Pays once, and says so. The argument is a path for the wallet's file. */
fun main(arguments: Array<String>) {
    val box = Sandbox(7uL)
    val platform = Platform(
        OwnVault(SoftwareVault(ByteArray(32))), OwnGuard(MemoryGuard()), box.bank(), OwnClock(box.clock()),
    ).guarded()
    val payer = AccountWords.generate(WordCount.TWELVE, WordList.ENGLISH).use { words ->
        Wallet.create(arguments.single(), platform, words, box.root(), Algorithm.P256)
    }
    payer.enrol(WalletClass.II, null)
    box.payIn(payer.account(), Amount(100_00uL))
    payer.load(Amount(100_00uL))

    val payee = box.phone("Bob")
    val card = payee.receive(payee.request(Amount(37_45uL), null).id, Side.CARD)
    val handoff = payer.pay(Consent.Exactly(Amount(37_45uL)), Side.READER)
    val air = object : ApduChannel {
        override val isExtendedSupported = true
        override val longestCommand = 65_544
        override fun transmit(command: ByteArray): ByteArray = card.process(command)
    }
    ReaderDesk(handoff.asReaderSteps()).tap(air)
    val paid = handoff.outcome() as HandoffOutcome.Paid
    println("paid ${paid.amount}, left ${payer.balance().spendable}")
}
