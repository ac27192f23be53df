package org.dcep.wallet

/**
 * What happened and what to do about it, in one sentence for whoever holds the phone: for anything that a call of the wallet
 * throws. What is none of the wallet's exceptions is told as an internal error; its own text is for developers.
 */
public fun sentenceOf(thrown: Throwable, language: Language): String =
    when (thrown) {
        is AmountException -> thrown.sentence(language)
        is BankException -> thrown.sentence(language)
        is ClockException -> thrown.sentence(language)
        is GuardException -> thrown.sentence(language)
        is ObserverException -> thrown.sentence(language)
        is OpenException -> thrown.sentence(language)
        is PayException -> thrown.sentence(language)
        is PinException -> thrown.sentence(language)
        is ReceiptException -> thrown.sentence(language)
        is ReceiveException -> thrown.sentence(language)
        is RefundException -> thrown.sentence(language)
        is RestoreException -> thrown.sentence(language)
        is SlipException -> thrown.sentence(language)
        is TapException -> thrown.sentence(language)
        is TransportException -> thrown.sentence(language)
        is VaultException -> thrown.sentence(language)
        is WalletException -> thrown.sentence(language)
        is WordsException -> thrown.sentence(language)
        else -> WalletException.Internal().sentence(language)
    }
