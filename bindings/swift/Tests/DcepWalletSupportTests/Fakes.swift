import Foundation

@testable import DcepWalletSupport

/// A store that is a table, and can be locked, hidden, emptied and made to fail.
final class TableStore: ItemStore, @unchecked Sendable {
    private let lock = NSLock()
    private var items: [ItemName: (item: Item, kind: ItemKind)] = [:]
    private var failure: ItemStoreFailure?
    private var hidden = false

    /// What every call says from now on.
    func fail(with failure: ItemStoreFailure?) {
        lock.withLock { self.failure = failure }
    }

    /// As a locked device may: what never leaves it is not shown, although it is there.
    func hide(_ hidden: Bool) {
        lock.withLock { self.hidden = hidden }
    }

    /// As the system does when the passcode is taken away.
    func removePasscode() {
        lock.withLock { items = items.filter { $0.value.kind != .neverCopied } }
    }

    /// Overwrites a mark, whatever it was.
    func spoil(_ mark: Data) {
        lock.withLock { for name in items.keys { items[name]?.item.mark = mark } }
    }

    private func shown(_ name: ItemName) -> Item? {
        guard let entry = items[name], !(hidden && entry.kind == .neverCopied) else { return nil }
        return entry.item
    }

    func add(_ item: Item, of kind: ItemKind) throws(ItemStoreFailure) {
        lock.lock()
        defer { lock.unlock() }
        if let failure { throw failure }
        if items[item.name] != nil { throw .duplicate }
        items[item.name] = (item, kind)
    }

    func read(_ name: ItemName) throws(ItemStoreFailure) -> Item? {
        lock.lock()
        defer { lock.unlock() }
        if let failure { throw failure }
        return shown(name)
    }

    func exchangeMark(of name: ItemName, known: Data, new: Data) throws(ItemStoreFailure) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        if let failure { throw failure }
        guard shown(name)?.mark == known else { return false }
        items[name]?.item.mark = new
        return true
    }

    func accounts(of service: String) throws(ItemStoreFailure) -> [String] {
        lock.lock()
        defer { lock.unlock() }
        if let failure { throw failure }
        return items.keys.filter { $0.service == service && shown($0) != nil }.map(\.account).sorted()
    }

    func delete(_ name: ItemName) throws(ItemStoreFailure) {
        lock.lock()
        defer { lock.unlock() }
        if let failure { throw failure }
        items[name] = nil
    }
}

/// A chip whose blobs are numbers, and whose signatures say who signed what. It protects nothing.
final class PaperChip: Chip, @unchecked Sendable {
    private let lock = NSLock()
    private var made = 0
    private var broken: VaultFailure?
    private var signed = 0

    /// What every call says from now on.
    func fail(with failure: VaultFailure?) {
        lock.withLock { broken = failure }
    }

    /// How many signatures it made.
    var signatures: Int { lock.withLock { signed } }

    private func next() throws(VaultFailure) -> Data {
        lock.lock()
        defer { lock.unlock() }
        if let broken { throw broken }
        made += 1
        return Data("\(made) ".utf8)
    }

    func makeSigningKey() throws(VaultFailure) -> (blob: Data, publicKey: Data) {
        let blob = try next()
        return (blob, Data("public ".utf8) + blob.dropLast())
    }

    func sign(_ message: Data, with blob: Data) throws(VaultFailure) -> Data {
        lock.lock()
        defer { lock.unlock() }
        if let broken { throw broken }
        signed += 1
        return Data("signed ".utf8) + blob + message
    }

    func makeSealingKey() throws(VaultFailure) -> Data { try next() }

    func seal(_ secret: Data, context: Data, with blob: Data) throws(VaultFailure) -> Data {
        let mask = Data(secret.map { $0 ^ 0x5a })
        return check(of: mask, context, blob) + mask
    }

    func open(_ sealed: Data, context: Data, with blob: Data) throws(VaultFailure) -> Data {
        let mask = Data(sealed.dropFirst(8))
        guard sealed.prefix(8) == check(of: mask, context, blob) else { throw .wrongKey }
        return Data(mask.map { $0 ^ 0x5a })
    }

    private func check(of parts: Data...) -> Data {
        let sum = parts.joined().reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return withUnsafeBytes(of: sum.bigEndian) { Data($0) }
    }
}
