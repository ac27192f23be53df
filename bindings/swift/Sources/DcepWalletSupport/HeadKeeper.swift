import Foundation

/// The rollback guard over an item store: the head is an item's *mark*, so that comparing it and setting it is one
/// query of the store, which neither another thread nor another process of the app can come between.
package struct HeadKeeper: Sendable {
    private static let service = "dcep-wallet.head"

    private let store: any ItemStore

    package init(store: any ItemStore) {
        self.store = store
    }

    /// The head last stored for this wallet; `nil` if there is none.
    /// - Throws: ``HeadUnavailable``. What cannot be read is not nothing.
    package func read(wallet: Data) throws(HeadUnavailable) -> JournalHead? {
        do {
            guard let item = try store.read(Self.name(of: wallet)) else { return nil }
            guard let head = JournalHead(encoded: item.mark), head.wallet == wallet else {
                throw HeadUnavailable()
            }
            return head
        } catch {
            throw HeadUnavailable()
        }
    }

    /// Stores `head` if what is stored now is `known` (`nil`: nothing is).
    /// - Returns: what is stored now.
    /// - Throws: ``HeadUnavailable``; also if `known` is not `nil` and nothing is stored.
    package func advance(known: JournalHead?, to head: JournalHead) throws(HeadUnavailable) -> JournalHead {
        let name = Self.name(of: head.wallet)
        do {
            if let known {
                if try store.exchangeMark(of: name, known: known.encoded, new: head.encoded) {
                    return head
                }
            } else {
                try store.add(Item(name: name, mark: head.encoded), of: .neverCopied)
                return head
            }
        } catch ItemStoreFailure.duplicate {
            // Something is stored already: say what.
        } catch {
            throw HeadUnavailable()
        }
        guard let stored = try read(wallet: head.wallet) else { throw HeadUnavailable() }
        return stored
    }

    private static func name(of wallet: Data) -> ItemName {
        ItemName(service: service, account: wallet.hexadecimal)
    }
}

/// The place of the heads cannot be read or written.
package struct HeadUnavailable: Error, Equatable {}
