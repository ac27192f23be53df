import DcepWallet
import Foundation

/// Counts callbacks, and leaves the one that it is set to by throwing.
final class Fuse: @unchecked Sendable {
    private let lock = NSLock()
    private var names: [String] = []
    private var at: Int?
    private var error: (any Error)?
    private var last: String?

    /// The callbacks since the last reset, in order.
    var calls: [String] { lock.withLock { names } }
    /// Which of them threw.
    var blown: String? { lock.withLock { last } }

    /// Counts from 0 again; `at` is the callback that throws.
    func reset(at: Int? = nil, throwing error: (any Error)? = nil) {
        lock.withLock { (names, self.at, self.error, last) = ([], at, error, nil) }
    }

    /// A callback begins.
    func burn(_ name: String) throws {
        let error: (any Error)? = lock.withLock {
            names.append(name)
            guard names.count - 1 == at else { return nil }
            last = name
            return self.error
        }
        if let error { throw error }
    }
}

/// A platform in Swift that passes everything on.
func lentPlatform(_ sandbox: Sandbox, _ fuse: Fuse) throws -> Platform {
    Platform(
        vault: LentVault(try SoftwareVault(master: Data(repeating: 5, count: 32)), fuse),
        guard: LentGuard(MemoryGuard(), fuse), bank: LentBank(try sandbox.bank(), fuse),
        clock: LentClock(try sandbox.clock(), fuse))
}

private final class LentVault: KeyVault {
    let (inner, fuse): (SoftwareVault, Fuse)
    init(_ inner: SoftwareVault, _ fuse: Fuse) { (self.inner, self.fuse) = (inner, fuse) }

    func createKey(wallet: Data, algorithm: Algorithm) throws -> VaultKey {
        try fuse.burn("createKey")
        return try inner.createKey(wallet: wallet, algorithm: algorithm)
    }
    func signAll(requests: [SignRequest]) throws -> [Data] {
        try fuse.burn("signAll")
        return try inner.signAll(requests: requests)
    }
    func listKeys(wallet: Data) throws -> [Data]? {
        try fuse.burn("listKeys")
        return try inner.listKeys(wallet: wallet)
    }
    func deleteKey(handle: Data) throws -> Data {
        try fuse.burn("deleteKey")
        return try inner.deleteKey(handle: handle)
    }
    func authorize(what: Confirmation) throws -> Amount {
        try fuse.burn("authorize")
        return try inner.authorize(what: what)
    }
    func wrap(dataKey: Data) throws -> Data {
        try fuse.burn("wrap")
        return try inner.wrap(dataKey: dataKey)
    }
    func unwrap(wrapped: Data) throws -> Data {
        try fuse.burn("unwrap")
        return try inner.unwrap(wrapped: wrapped)
    }
}

private final class LentGuard: RollbackGuard {
    let (inner, fuse): (MemoryGuard, Fuse)
    init(_ inner: MemoryGuard, _ fuse: Fuse) { (self.inner, self.fuse) = (inner, fuse) }

    func read(wallet: Data) throws -> Head? {
        try fuse.burn("read")
        return try inner.read(wallet: wallet)
    }
    func advance(known: Head?, head: Head) throws -> Head {
        try fuse.burn("advance")
        return try inner.advance(known: known, head: head)
    }
}

private final class LentBank: BankTransport {
    let (inner, fuse): (BankTransport, Fuse)
    init(_ inner: BankTransport, _ fuse: Fuse) { (self.inner, self.fuse) = (inner, fuse) }

    func call(call: Data) throws -> Data {
        try fuse.burn("call")
        return try inner.call(call: call)
    }
    func trust() throws -> Data {
        try fuse.burn("trust")
        return try inner.trust()
    }
}

private final class LentClock: Clock {
    let (inner, fuse): (Clock, Fuse)
    init(_ inner: Clock, _ fuse: Fuse) { (self.inner, self.fuse) = (inner, fuse) }

    func now() throws -> Date {
        try fuse.burn("now")
        return try inner.now()
    }
}
