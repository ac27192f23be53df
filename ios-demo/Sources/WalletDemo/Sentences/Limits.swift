import DcepWallet

/// One limit, as a sentence and as a bar.
public struct LimitRow: Identifiable, Hashable, Sendable {
    public let id: Limit
    /// How much is left.
    public let left: Phrase
    /// Of how much.
    public let used: Phrase
    /// What gives more.
    public let lifts: Phrase
    /// How much of the bar is filled, from 0 to 1. `nil` where the limit is not used up: it holds for each payment anew.
    public let filled: Double?

    /// - Returns: `nil` for a limit that nobody can reach, which a policy writes as the largest number.
    init?(_ allowance: Allowance) {
        if case .payments(.max) = allowance.most { return nil }
        id = allowance.limit
        left = .left(of: allowance)
        used = Phrase("%1$@ of %2$@ used", .quantity(allowance.used), .quantity(allowance.most))
        lifts = .lift(allowance.lifts)
        let most = allowance.most.number
        filled = allowance.limit.isUsedUp && most > 0 ? Double(allowance.used.number) / Double(most) : nil
    }
}

extension Limit {
    /// Whether paying, or receiving, uses it up.
    fileprivate var isUsedUp: Bool {
        switch self {
        case .balance, .perDay, .perYear, .offlineTotal, .offlinePayments, .unconfirmedTotal: true
        case .perPayment, .hops, .age, .unconfirmedEach, .payeeBalance: false
        }
    }
}

extension Quantity {
    /// For the length of a bar, and for nothing else.
    fileprivate var number: UInt64 {
        switch self {
        case .money(let amount): amount.fen
        case .payments(let count), .hops(let count), .days(let count): UInt64(count)
        }
    }
}

extension Phrase {
    fileprivate static func left(of allowance: Allowance) -> Phrase {
        let left = quantity(allowance.left)
        return switch allowance.limit {
        case .balance: Phrase("You can receive %@ more.", left)
        case .perPayment: Phrase("One payment can be up to %@.", left)
        case .perDay: Phrase("You can pay %@ more today.", left)
        case .perYear: Phrase("You can pay %@ more this year.", left)
        case .offlineTotal: Phrase("You can pay %@ more offline before you connect.", left)
        case .offlinePayments: Phrase("Payments left before you connect: %@.", left)
        case .hops: Phrase("Handovers before money has to pass the bank: %@.", left)
        case .age: Phrase("Days before money has to pass the bank: %@.", left)
        case .unconfirmedEach: Phrase("Without confirmation, one payment can be up to %@.", left)
        case .unconfirmedTotal: Phrase("You can pay %@ more before you have to confirm once.", left)
        case .payeeBalance: Phrase("The payee can receive %@ more.", left)
        }
    }

    static func quantity(_ quantity: Quantity) -> Phrase {
        switch quantity {
        case .money(let amount): .yuan(amount)
        case .payments(let count), .hops(let count), .days(let count): .verbatim(count)
        }
    }

    static func lift(_ lift: Lift) -> Phrase {
        switch lift {
        case .smallerAmount: Phrase("A smaller amount is possible.")
        case .waiting(let until): Phrase("More is possible from %@ on.", .verbatim(until))
        case .sync: Phrase("Connecting to the bank gives more.")
        case .confirmation: Phrase("Your confirmation gives more.")
        case .spending: Phrase("Paying or depositing makes room.")
        case .renewal: Phrase("Depositing the money and loading it again gives more.")
        case .payeeSpending: Phrase("The payee has to make room.")
        }
    }
}
