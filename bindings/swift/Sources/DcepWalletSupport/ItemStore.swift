import Foundation

/// The little that the vault and the guard need of the Keychain. On a phone it is the Keychain; in a test, a table.
///
/// Every call is one transaction of the store: no other process comes between its looking and its writing.
package protocol ItemStore: Sendable {
    /// Puts a new item there.
    /// - Throws: ``ItemStoreFailure/duplicate`` if there is one of this name; then nothing changed.
    func add(_ item: Item, of kind: ItemKind) throws(ItemStoreFailure)

    /// The item of this name; `nil` if there is none.
    func read(_ name: ItemName) throws(ItemStoreFailure) -> Item?

    /// Sets the mark of an item if its mark is `known` at that moment.
    /// - Returns: whether it did. If not, there is no such item, or it bears another mark.
    func exchangeMark(of name: ItemName, known: Data, new: Data) throws(ItemStoreFailure) -> Bool

    /// The accounts of all items of a service.
    func accounts(of service: String) throws(ItemStoreFailure) -> [String]

    /// Removes an item. One that is not there is removed already.
    func delete(_ name: ItemName) throws(ItemStoreFailure)
}

/// How an item is named: as the Keychain names generic passwords, whose primary key these two are.
package struct ItemName: Hashable, Sendable {
    package var service: String
    package var account: String

    package init(service: String, account: String) {
        self.service = service
        self.account = account
    }
}

/// What is kept under a name.
package struct Item: Equatable, Sendable {
    package var name: ItemName
    /// A short value that a query can ask for.
    package var mark: Data
    /// What is kept: at least one byte.
    package var secret: Data

    package init(name: ItemName, mark: Data = Data(), secret: Data = Data([0])) {
        self.name = name
        self.mark = mark
        self.secret = secret
    }
}

/// How long an item lasts, and who can read it when.
package enum ItemKind: Sendable {
    /// Only while the device is unlocked and has a passcode, and in no backup: not even in one that is restored to this
    /// very device. Gone when the passcode is taken away.
    case neverCopied
    /// From the first unlocking after a start on, and only on this device. In its backups.
    case thisDevice
}

/// Why the store did not do it.
package enum ItemStoreFailure: Error, Equatable, Sendable {
    /// There is an item of this name.
    case duplicate
    /// The device is locked.
    case locked
    /// Anything else, with the system's number for it.
    case unavailable(status: Int32)
}
