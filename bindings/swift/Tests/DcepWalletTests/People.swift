import DcepWallet
import Foundation

/// A folder that is gone when nobody uses it any more.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("dcep-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A platform without hardware.
func softwarePlatform(bank: BankTransport, clock: Clock? = nil) throws -> Platform {
    Platform(vault: try SoftwareVault(master: Data(repeating: 7, count: 32)), guard: MemoryGuard(), bank: bank, clock: clock)
}

/// Somebody with a wallet in a file, who can close and open it again.
struct Owner {
    let folder: Folder
    let path: String
    let platform: Platform
    var wallet: Wallet

    init(_ platform: Platform, root: String) throws {
        folder = try Folder()
        path = folder.path + "/wallet.sqlite"
        self.platform = platform
        let words = try AccountWords.generate(count: .twelve, list: .english)
        wallet = try Wallet.create(path: path, platform: platform, words: words, root: root, algorithm: .p256)
        try wallet.enrol(walletClass: .ii, name: nil)
    }

    /// The app is closed and opened again.
    mutating func reopen() throws {
        try wallet.shutDown()
        wallet = try Wallet.open(path: path, platform: platform)
    }
}

extension Side {
    var other: Side { self == .reader ? .card : .reader }
}

/// Both handoffs of a payment.
struct Armed {
    let paying: Handoff
    let taking: Handoff
    let reader: Handoff
    let card: Handoff

    init(_ payer: Wallet, _ payee: Wallet, _ amount: Amount, request: String? = nil, payerSide: Side = .reader) throws {
        let request = try request ?? payee.request(amount: amount, name: nil).id
        taking = try payee.receive(request: request, side: payerSide.other)
        paying = try payer.pay(consent: .exactly(amount: amount), side: payerSide)
        (reader, card) = payerSide == .reader ? (paying, taking) : (taking, paying)
    }

    func tap(_ frames: FrameSize = .extended, tearAfter: UInt64? = nil) throws -> SimulatedTap {
        try simulatedTap(reader: reader, card: card, frames: frames, tearAfter: tearAfter)
    }
}

/// A payment without mishaps: the payer's outcome.
@discardableResult
func pay(_ payer: Wallet, _ payee: Wallet, _ amount: Amount) throws -> HandoffOutcome? {
    let armed = try Armed(payer, payee, amount)
    _ = try armed.tap()
    return try armed.paying.outcome()
}

extension HandoffOutcome {
    var isPaid: Bool {
        if case .paid = self { true } else { false }
    }
}

/// Alice with 100.00, and Bob.
struct Funded {
    let sandbox: Sandbox
    var alice: Wallet
    var bob: Wallet

    init(seed: UInt64 = 1) throws {
        sandbox = try Sandbox(seed: seed)
        alice = try sandbox.phone(name: "Alice")
        bob = try sandbox.phone(name: "Bob")
        try sandbox.fund(name: "Alice", amount: .parse("100.00"))
    }
}

extension Wallet {
    /// Every event that waits, acknowledged.
    func heard() throws -> [EventKind] {
        var kinds: [EventKind] = []
        while let event = try nextEvent() {
            kinds.append(event.kind)
            try acknowledgeEvent(id: event.id)
        }
        return kinds
    }
}
