import DcepWallet

/// Something that the holder should hear of.
public struct Banner: Identifiable, Hashable, Sendable {
    /// How it looks.
    public enum Tone: Sendable { case good, plain, warning }

    public let id: UInt64
    public let tone: Tone
    public let text: Phrase

    init(_ event: Event) {
        id = event.id
        (tone, text) = said(of: event.kind)
    }
}

private func said(of kind: EventKind) -> (Banner.Tone, Phrase) {
    switch kind {
    case .received(_, _, let amount, let payer?):
        (.good, Phrase("You received %1$@ from %2$@.", .yuan(amount), .verbatim(payer)))
    case .received(_, _, let amount, nil):
        (.good, Phrase("You received %@.", .yuan(amount)))
    case .paid(_, let amount, let payee, mended: false):
        (.good, Phrase("You paid %1$@ to %2$@.", .yuan(amount), .payee(payee)))
    case .paid(_, let amount, let payee, mended: true):
        (.good, Phrase("The torn payment of %1$@ to %2$@ is mended. Nothing was paid twice.", .yuan(amount), .payee(payee)))
    case .inDoubt(_, let amount, let payee):
        (.warning, Phrase("The payment of %1$@ to %2$@ is in doubt: hold the phones together again, or connect.", .yuan(amount), .payee(payee)))
    case .recorded(_, let amount):
        (.good, Phrase("The bank has your payment of %@ on record, and delivers it.", .yuan(amount)))
    case .gaveBack(_, let amount, let reason):
        (.plain, Phrase("%1$@ was given back at once: %2$@", .yuan(amount), .returnReason(reason)))
    case .returned(_, let amount, let payee):
        (.plain, Phrase("Your %1$@ came back from %2$@.", .yuan(amount), .payee(payee)))
    case .refunded(_, let amount, let payee):
        (.good, Phrase("You got a refund of %1$@ from %2$@.", .yuan(amount), .payee(payee)))
    case .limitReached(let balance):
        (.warning, Phrase("Your wallet is full: it may hold %@, and more would be given back.", .yuan(balance)))
    case .seriesExpiring(let spendUntil, let amount):
        (.warning, Phrase("%1$@ can be paid offline only until %2$@: connect before.", .yuan(amount), .verbatim(spendUntil)))
    case .rolledBack(let held):
        (.warning, Phrase("This wallet was copied or restored. Its keys are out of use, and the bank pays out the %@ they held.", .yuan(held)))
    case .forkFound:
        (.warning, Phrase("Somebody paid with money that was spent already. The bank gets the proof when you connect."))
    case .keysDestroyed(_, let held):
        (.warning, Phrase("The phone destroyed keys. The bank pays out the %@ they held.", .yuan(held)))
    case .keysRanOut:
        (.plain, Phrase("No unused key is left: connect, so that nobody can link your payments."))
    case .windowClosed(_, let amount):
        (.good, Phrase("The bank put %@ on your account.", .yuan(amount)))
    case .notRefreshed(let amount):
        (.plain, Phrase("%@ could not be exchanged for fresh money, and is on your account.", .yuan(amount)))
    case .clockWrong(ahead: true, _):
        (.warning, Phrase("The phone's clock is ahead: set it right."))
    case .clockWrong(ahead: false, _):
        (.warning, Phrase("The phone's clock is behind: set it right."))
    case .deviceFrozen(let held):
        (.warning, Phrase("This phone was declared lost. Deposit the %@ it holds.", .yuan(held)))
    case .othersFrozen:
        (.good, Phrase("Your other phones are frozen. What they hold comes back to your account."))
    }
}

extension Phrase {
    fileprivate static func returnReason(_ reason: ReturnReason) -> Phrase {
        switch reason {
        case .paidTwice: Phrase("somebody else had paid it already.")
        case .withdrawn: Phrase("you had withdrawn the request.")
        case .balanceLimit: Phrase("your wallet may not hold so much.")
        case .assuranceTooLow: Phrase("the payer's keys are not kept well enough.")
        }
    }
}
