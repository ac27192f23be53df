import Foundation

/// A key vault over a chip and an item store.
///
/// The blob of each key is an item; the service says whose wallet's it is, and the account is the rest of the key's handle.
package struct ChipVault: Sendable {
    private static let walletLength = 16
    private static let nameLength = 16
    private static let wrappedVersion: UInt8 = 1
    private static let sealingKey = ItemName(service: "dcep-wallet.sealing-key", account: "")
    private static let everSealed = "dcep-wallet.sealing-keys"
    private static let census = ItemName(service: "dcep-wallet.census", account: "")

    private let chip: any Chip
    private let store: any ItemStore
    private let random: @Sendable (_ count: Int) -> Data

    /// - Parameter random: bytes for names, which need only be unlike one another.
    package init(
        chip: any Chip,
        store: any ItemStore,
        random: @escaping @Sendable (_ count: Int) -> Data = { count in
            var generator = SystemRandomNumberGenerator()
            return Data((0..<count).map { _ in generator.next() })
        }
    ) {
        self.chip = chip
        self.store = store
        self.random = random
    }

    /// Makes a signing key.
    /// - Parameter wallet: the wallet's id, 16 bytes.
    package func createKey(wallet: Data) throws(VaultFailure) -> (handle: Data, publicKey: Data) {
        guard wallet.count == Self.walletLength else { throw .unavailable }
        let key = try chip.makeSigningKey()
        let handle = wallet + random(Self.nameLength)
        guard let name = Self.name(of: handle) else { throw .unavailable }
        try reach { () throws(ItemStoreFailure) in
            try store.add(Item(name: name, secret: key.blob), of: .neverCopied)
        }
        return (handle, key.publicKey)
    }

    /// Signs all of the messages, each with the key of the handle beside it, or none.
    package func signAll(_ jobs: [(handle: Data, message: Data)]) throws(VaultFailure) -> [Data] {
        if jobs.isEmpty { return [] }
        // A store that hides items says so here, before any of them is called destroyed.
        try countOn()
        var work: [(message: Data, blob: Data)] = []
        for job in jobs {
            guard let name = Self.name(of: job.handle), let item = try read(name) else { throw .keyInvalidated }
            work.append((job.message, item.secret))
        }
        var signatures: [Data] = []
        for (message, blob) in work {
            signatures.append(try chip.sign(message, with: blob))
        }
        return signatures
    }

    /// The handles of all keys of this wallet.
    package func keys(wallet: Data) throws(VaultFailure) -> [Data] {
        try countOn()
        let accounts = try reach { () throws(ItemStoreFailure) in
            try store.accounts(of: Self.service(of: wallet))
        }
        return accounts.compactMap { account in
            guard let name = Data(hexadecimal: account), name.count == Self.nameLength else { return nil }
            return wallet + name
        }
    }

    /// Forgets a key.
    package func delete(handle: Data) throws(VaultFailure) {
        guard let name = Self.name(of: handle) else { return }
        try reach { () throws(ItemStoreFailure) in try store.delete(name) }
    }

    /// Wraps a data key: a version byte, the name of the key that seals, and what it sealed.
    package func wrap(_ dataKey: Data) throws(VaultFailure) -> Data {
        let key = try currentSealingKey()
        let context = Data([Self.wrappedVersion]) + key.mark
        return context + (try chip.seal(dataKey, context: context, with: key.secret))
    }

    /// The inverse of ``wrap(_:)``.
    package func unwrap(_ wrapped: Data) throws(VaultFailure) -> Data {
        let context = Data(wrapped.prefix(1 + Self.nameLength))
        let name = context.dropFirst()
        guard context.first == Self.wrappedVersion, name.count == Self.nameLength else { throw .wrongKey }
        try countOn()
        if let key = try read(Self.sealingKey), key.mark == name {
            return try chip.open(Data(wrapped.dropFirst(context.count)), context: context, with: key.secret)
        }
        // It is another key's. Was that one ever here?
        let mark = ItemName(service: Self.everSealed, account: Data(name).hexadecimal)
        let wasHere = try reach { () throws(ItemStoreFailure) in try store.read(mark) }
        throw wasHere == nil ? .wrongKey : .keyInvalidated
    }

    /// The key that seals now, made if there is none.
    private func currentSealingKey() throws(VaultFailure) -> Item {
        try countOn()
        if let key = try read(Self.sealingKey) { return key }
        let name = random(Self.nameLength)
        let key = Item(name: Self.sealingKey, mark: name, secret: try chip.makeSealingKey())
        do {
            // The mark that outlives the key comes first: else a key could be lost without a trace.
            try store.add(Item(name: ItemName(service: Self.everSealed, account: name.hexadecimal)), of: .thisDevice)
            try store.add(key, of: .neverCopied)
            return key
        } catch .duplicate {
            // Another thread was quicker: its key is the one.
            guard let key = try read(Self.sealingKey) else { throw .unavailable }
            return key
        } catch {
            throw Self.failure(error)
        }
    }

    /// Makes sure that the store shows what it has: a locked device may hide items, and then they are not missing. An
    /// item of the same kind, which is always there, has to be readable.
    private func countOn() throws(VaultFailure) {
        if try read(Self.census) != nil { return }
        do {
            try store.add(Item(name: Self.census), of: .neverCopied)
        } catch .duplicate {
            // It is there and was not shown, or another thread was quicker. Asking again costs less than a wrong answer.
            if try read(Self.census) == nil { throw .locked }
        } catch {
            throw Self.failure(error)
        }
    }

    private func read(_ name: ItemName) throws(VaultFailure) -> Item? {
        try reach { () throws(ItemStoreFailure) in try store.read(name) }
    }

    private func reach<T>(_ work: () throws(ItemStoreFailure) -> T) throws(VaultFailure) -> T {
        do {
            return try work()
        } catch {
            throw Self.failure(error)
        }
    }

    private static func failure(_ failure: ItemStoreFailure) -> VaultFailure {
        failure == .locked ? .locked : .unavailable
    }

    private static func service(of wallet: Data) -> String {
        "dcep-wallet.key.\(Data(wallet).hexadecimal)"
    }

    /// Where the blob of this key is; `nil` for bytes that are no handle of this vault's.
    private static func name(of handle: Data) -> ItemName? {
        guard handle.count == walletLength + nameLength else { return nil }
        return ItemName(
            service: service(of: handle.prefix(walletLength)),
            account: Data(handle.suffix(nameLength)).hexadecimal)
    }
}
