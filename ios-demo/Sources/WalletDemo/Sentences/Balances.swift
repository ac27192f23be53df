import DcepWallet
import Foundation

/// Money that is signed and confirmed by nobody: what it was for, and what ends the doubt.
public struct DoubtRow: Identifiable, Hashable, Sendable {
    /// The transfer.
    public let id: String
    public let amount: Phrase
    public let what: Phrase
    public let endsBy: Phrase
    public let since: Date
    /// Whether holding the phones together is one of its ends, or showing it again as a code.
    public let endsByTap: Bool

    init(_ doubt: InDoubt) {
        id = doubt.transfer
        amount = .yuan(doubt.amount)
        what = .doubtful(doubt.what, name: doubt.name)
        endsBy = .endsBy(doubt.endsBy)
        since = doubt.since
        endsByTap = doubt.endsBy == .tapOrSync
    }
}

/// Money that only the bank takes, and why.
public struct AtBankRow: Identifiable, Hashable, Sendable {
    public let id: OnlyAtBank
    public let amount: Phrase
    public let why: Phrase

    init(_ part: AtBank) {
        id = part.reason
        amount = .yuan(part.amount)
        why = .onlyAtBank(part.reason)
    }
}

extension Phrase {
    fileprivate static func doubtful(_ what: Doubtful, name: PayeeName) -> Phrase {
        switch what {
        case .payment: Phrase("Payment to %@", .payee(name))
        case .return: Phrase("Giving back to %@", .payee(name))
        case .refund: Phrase("Refund to %@", .payee(name))
        case .deposit: Phrase("Deposit with the bank")
        case .refresh: Phrase("Exchange for fresh money")
        }
    }

    fileprivate static func endsBy(_ end: EndsBy) -> Phrase {
        switch end {
        case .tapOrSync: Phrase("Hold the phones together again, or connect to the bank.")
        case .sync: Phrase("Connect to the bank.")
        case .bank: Phrase("Only the bank can tell: connect to it.")
        }
    }

    fileprivate static func onlyAtBank(_ reason: OnlyAtBank) -> Phrase {
        switch reason {
        case .keyRetired: Phrase("Its key is out of use. The bank pays it out in time.")
        case .keyFrozen: Phrase("This phone was declared lost. The bank takes it.")
        case .seriesExpired: Phrase("The last day to pay with it is over. Deposit it.")
        case .tooOld: Phrase("It was offline for too long. Connecting renews it.")
        case .tooManyHops: Phrase("It changed hands too often offline. Connecting renews it.")
        case .certificateExpired: Phrase("Its certificate has run out. Connecting renews it.")
        case .contested: Phrase("Somebody paid with it twice. The bank decides.")
        }
    }

    /// What hinders a single payment of everything that is there; `nil` if nothing does.
    static func largest(_ balance: Balance) -> Phrase? {
        switch balance.because {
        case .everything: nil
        case .limit(_, let lifts):
            Phrase("One payment can be up to %1$@ now. %2$@", .yuan(balance.largestPayment), .lift(lifts))
        case .tooFragmented:
            Phrase(
                "One payment can be up to %@ now: the rest is in small pieces, which connecting puts together.",
                .yuan(balance.largestPayment))
        }
    }

    /// How fresh the wallet's news of the bank are.
    static func freshness(_ freshness: Freshness) -> Phrase {
        guard freshness.asOf != nil else { return Phrase("This wallet has never heard of its bank: connect.") }
        return switch freshness.verdict {
        case .fresh: Phrase("Up to date.")
        case .ageing: Phrase("Days since you connected: %@. Now is a good moment.", .verbatim(freshness.ageDays))
        case .tooOld:
            Phrase("Days since you connected: %@. Connect before you pay or receive.", .verbatim(freshness.ageDays))
        }
    }
}
