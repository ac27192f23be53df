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
        tone = Tone(event.kind)
        text = .happened(event.kind)
    }
}

extension Banner.Tone {
    fileprivate init(_ kind: EventKind) {
        self =
            switch kind {
            case .received, .paid, .recorded, .refunded, .windowClosed, .othersFrozen: .good
            case .gaveBack, .returned, .keysRanOut, .notRefreshed: .plain
            case .inDoubt, .limitReached, .seriesExpiring, .rolledBack, .forkFound, .keysDestroyed, .clockWrong,
                .deviceFrozen:
                .warning
            }
    }
}

extension Phrase {
    fileprivate static func happened(_ kind: EventKind) -> Phrase {
        switch kind {
        case .received(_, _, let amount, let payer?):
            Phrase("You received %1$@ from %2$@.", .yuan(amount), .verbatim(payer))
        case .received(_, _, let amount, nil):
            Phrase("You received %@.", .yuan(amount))
        case .paid(_, let amount, let payee, mended: false):
            Phrase("You paid %1$@ to %2$@.", .yuan(amount), .payee(payee))
        case .paid(_, let amount, let payee, mended: true):
            Phrase("The torn payment of %1$@ to %2$@ is mended. Nothing was paid twice.", .yuan(amount), .payee(payee))
        case .inDoubt(_, let amount, let payee):
            Phrase(
                "The payment of %1$@ to %2$@ is in doubt: hold the phones together again, or connect.",
                .yuan(amount), .payee(payee))
        case .recorded(_, let amount):
            Phrase("The bank has your payment of %@ on record, and delivers it.", .yuan(amount))
        case .gaveBack(_, let amount, let reason):
            Phrase("%1$@ was given back at once: %2$@", .yuan(amount), .returnReason(reason))
        case .returned(_, let amount, let payee):
            Phrase("Your %1$@ came back from %2$@.", .yuan(amount), .payee(payee))
        case .refunded(_, let amount, let payee):
            Phrase("You got a refund of %1$@ from %2$@.", .yuan(amount), .payee(payee))
        case .limitReached(let balance):
            Phrase("Your wallet is full: it may hold %@, and more would be given back.", .yuan(balance))
        case .seriesExpiring(let spendUntil, let amount):
            Phrase("%1$@ can be paid offline only until %2$@: connect before.", .yuan(amount), .verbatim(spendUntil))
        case .rolledBack(let held):
            Phrase(
                "This wallet was copied or restored. Its keys are out of use, and the bank pays out the %@ they held.",
                .yuan(held))
        case .forkFound:
            Phrase(
                "Somebody paid with money that was spent already. The bank gets the proof when you connect.")
        case .keysDestroyed(_, let held):
            Phrase("The phone destroyed keys. The bank pays out the %@ they held.", .yuan(held))
        case .keysRanOut:
            Phrase("No unused key is left: connect, so that nobody can link your payments.")
        case .windowClosed(_, let amount):
            Phrase("The bank put %@ on your account.", .yuan(amount))
        case .notRefreshed(let amount):
            Phrase("%@ could not be exchanged for fresh money, and is on your account.", .yuan(amount))
        case .clockWrong(ahead: true, _):
            Phrase("The phone's clock is ahead: set it right.")
        case .clockWrong(ahead: false, _):
            Phrase("The phone's clock is behind: set it right.")
        case .deviceFrozen(let held):
            Phrase("This phone was declared lost. Deposit the %@ it holds.", .yuan(held))
        case .othersFrozen:
            Phrase("Your other phones are frozen. What they hold comes back to your account.")
        }
    }

    private static func returnReason(_ reason: ReturnReason) -> Phrase {
        switch reason {
        case .paidTwice: Phrase("somebody else had paid it already.")
        case .withdrawn: Phrase("you had withdrawn the request.")
        case .balanceLimit: Phrase("your wallet may not hold so much.")
        case .assuranceTooLow: Phrase("the payer's keys are not kept well enough.")
        }
    }
}
