import DcepWallet
import Observation

/// What happened to the money, newest first, a page at a time.
@MainActor @Observable
public final class HistoryModel {
    public enum Filter: CaseIterable, Hashable, Sendable {
        case everything, paid, received, refundsReceived, refundsGiven, loaded, deposited, inDoubt

        public var name: Phrase {
            switch self {
            case .everything: Phrase("Everything")
            case .paid: Phrase("Paid")
            case .received: Phrase("Received")
            case .refundsReceived: Phrase("Refunds received")
            case .refundsGiven: Phrase("Refunds given")
            case .loaded: Phrase("Loaded")
            case .deposited: Phrase("Deposited")
            case .inDoubt: Phrase("In doubt")
            }
        }
    }

    /// What is looked for.
    public struct Search: Hashable, Sendable {
        public var filter = Filter.everything
        /// A part of the other side's name.
        public var name = ""
    }

    public var search = Search()
    public private(set) var rows: [HistoryRow] = []
    /// Whether there is more to load.
    public var hasMore: Bool { next != nil }
    public private(set) var trouble: Phrase?

    private static let pageLength: UInt32 = 50
    private let wallet: Wallet
    private let radio: any Radio
    private let holder: HolderCheck
    private var next: String?

    init(_ wallet: Wallet, radio: any Radio, holder: HolderCheck) {
        self.wallet = wallet
        self.radio = radio
        self.holder = holder
    }

    /// Reads the first page.
    public func refresh() async {
        await read(after: nil)
    }

    /// Reads the next page, if there is one.
    public func more() async {
        guard let next else { return }
        await read(after: next)
    }

    /// One line in detail.
    public func detail(of row: HistoryRow) -> EntryModel {
        EntryModel(wallet, entry: row.entry, radio: radio, holder: holder)
    }

    private func read(after cursor: String?) async {
        do {
            let page = try await wallet.history(query: query(after: cursor))
            let found = page.entries.map(HistoryRow.init)
            rows = cursor == nil ? found : rows + found
            next = page.next
            trouble = nil
        } catch {
            trouble = Phrase(error)
        }
    }

    private func query(after cursor: String?) -> HistoryQuery {
        HistoryQuery(
            name: search.name.isEmpty ? nil : search.name, state: search.filter == .inDoubt ? .inDoubt : nil,
            kind: search.filter.kind,
            after: cursor, limit: Self.pageLength)
    }
}

extension HistoryModel.Filter {
    fileprivate var kind: HistoryKind? {
        switch self {
        case .everything, .inDoubt: nil
        case .paid: .paid
        case .received: .received
        case .refundsReceived: .gotRefund
        case .refundsGiven: .gaveRefund
        case .loaded: .loaded
        case .deposited: .deposited
        }
    }
}
