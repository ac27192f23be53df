import DcepWallet
import Foundation

/// A line of the history.
public struct HistoryRow: Identifiable, Hashable, Sendable {
    /// Where it stands in the history.
    public let id: String
    public let title: Phrase
    public let amount: Phrase
    public let state: Phrase
    public let at: Date
    /// Whether it left this phone.
    public let isOutgoing: Bool
    /// Whether it is not settled yet.
    public let isInDoubt: Bool
    let entry: HistoryEntry

    init(_ entry: HistoryEntry) {
        id = entry.cursor
        title = .happened(entry)
        amount = .yuan(entry.amount)
        state = .state(of: entry)
        at = entry.at
        isOutgoing = entry.kind.isOutgoing
        isInDoubt = entry.state == .inDoubt
        self.entry = entry
    }
}

extension HistoryKind {
    fileprivate var isOutgoing: Bool {
        switch self {
        case .paid, .gaveBack, .gaveRefund, .deposited: true
        case .received, .gotRefund, .loaded, .refreshed, .closed: false
        }
    }
}

extension Phrase {
    fileprivate static func happened(_ entry: HistoryEntry) -> Phrase {
        switch entry.kind {
        case .paid: Phrase("Paid to %@", .payee(entry.name))
        case .received: Phrase("Received from %@", .payee(entry.name))
        case .gaveBack: Phrase("Given back to %@", .payee(entry.name))
        case .gaveRefund: Phrase("Refund to %@", .payee(entry.name))
        case .gotRefund: Phrase("Refund from %@", .payee(entry.name))
        case .loaded: Phrase("Loaded from the account")
        case .deposited: Phrase("Deposited on the account")
        case .refreshed: Phrase("Exchanged for fresh money")
        case .closed: Phrase("Credited to the account by the bank")
        }
    }

    fileprivate static func state(of entry: HistoryEntry) -> Phrase {
        switch entry.state {
        case .inDoubt: Phrase("In doubt")
        case .done where entry.refunded > .zero: Phrase("Refunded: %@", .yuan(entry.refunded))
        case .done: Phrase("Done")
        case .returned: Phrase("Given back in full")
        case .paidBack: Phrase("Paid back by the bank")
        }
    }

    /// What happened on an earlier phone, as its backup tells it.
    static func past(_ entry: PastEntry) -> Phrase {
        let name = entry.name.map { Phrase.verbatim($0) } ?? .payee(.unnamed)
        return switch entry.kind {
        case .paid: Phrase("Paid to %@", name)
        case .received: Phrase("Received from %@", name)
        case .loaded: Phrase("Loaded from the account")
        case .closed: Phrase("Credited to the account by the bank")
        case .other: Phrase("Given back, or sent to the bank")
        }
    }
}
