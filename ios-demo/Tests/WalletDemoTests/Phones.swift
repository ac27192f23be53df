import DcepWallet
import Foundation

@testable import WalletDemo

/// A device of a test: a wallet in a folder of its own, keys in software, and a radio that meets whom the test says.
final class TestDevice: Device {
    let folder: URL
    let algorithm = Algorithm.p256
    let asksHolder: Bool
    let link = Link()
    var radio: any Radio { link }
    private let vault: any KeyVault
    private let journal = MemoryGuard()
    private let sandbox: Sandbox

    init(
        in sandbox: Sandbox, folder: URL? = nil, vault: (any KeyVault)? = nil, asksHolder: Bool = false
    ) throws {
        self.sandbox = sandbox
        self.asksHolder = asksHolder
        self.vault = try vault ?? SoftwareVault(master: Data(repeating: 7, count: 32))
        self.folder =
            folder ?? FileManager.default.temporaryDirectory.appendingPathComponent("dcep-demo-\(UUID().uuidString)")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Every address that is one leads to the sandbox's bank.
    func platform(bank: URL) throws -> Platform? {
        guard bank.scheme == "https" else { return nil }
        return Platform(vault: vault, guard: journal, bank: try sandbox.bank(), clock: try sandbox.clock())
    }
}

/// A radio over which the phones come apart after as many commands as the test says.
actor Link: Radio {
    private var partner: Handoff?
    private var breaksAfter = Int.max
    private var permitted: [Side] = [.reader, .card]
    private(set) var commands = 0

    /// Whoever is met from now on, and after how many commands the phones come apart.
    func meet(_ handoff: Handoff?, breaksAfter: Int = .max) {
        partner = handoff
        self.breaksAfter = breaksAfter
    }

    func permit(_ sides: [Side]) { permitted = sides }

    func sides() -> [Side] { permitted }

    func tap(_ handoff: Handoff, on side: Side, saying words: TapWords) async throws -> HandoffOutcome? {
        guard let partner else { throw TapFailure.timedOut }
        commands = 0
        switch side {
        case .reader:
            return try await handoff.tap { try await self.transmit($0, to: partner) }
        case .card:
            _ = try await partner.tap { try await self.transmit($0, to: handoff) }
            return try await handoff.outcome()
        }
    }

    private func transmit(_ command: Data, to card: Handoff) async throws -> Data {
        guard commands < breaksAfter else { throw TapFailure.lost }
        commands += 1
        return await card.respond(to: command)
    }
}

/// Alice with money, and Bob; each with the app.
@MainActor
struct People {
    let sandbox: Sandbox
    let device: TestDevice
    var alice: HomeModel
    var bob: HomeModel

    init(seed: UInt64 = 1, funds: String = "1000.00", asksHolder: Bool = false) async throws {
        sandbox = try Sandbox(seed: seed)
        device = try TestDevice(in: sandbox, asksHolder: asksHolder)
        alice = HomeModel(try sandbox.phone(name: "Alice"), device: device)
        bob = HomeModel(try sandbox.phone(name: "Bob"), device: device)
        try sandbox.fund(name: "Alice", amount: .parse(funds))
    }

    var link: Link { device.link }

    /// Bob asks, and holds out his phone.
    func bobAsks(_ amount: String, name: String? = nil, side: Side = .card) async throws -> Handoff {
        let request = try await bob.wallet.request(amount: .typedOrOpen(amount), name: name)
        let handoff = try await bob.wallet.receive(request: request.id, side: side)
        await link.meet(handoff)
        return handoff
    }

    /// A payment from Alice to Bob, without mishaps.
    @discardableResult
    func pay(_ amount: String) async throws -> PayModel {
        _ = try await bobAsks(amount)
        let pay = alice.pay()
        await pay.handoff.tap()
        return pay
    }

    /// Alice's app is killed and started again.
    mutating func restartAlice() throws {
        alice = HomeModel(try sandbox.restart(name: "Alice"), device: device)
    }
}

extension HandoffModel {
    var ending: Ending? {
        if case .over(let ending) = stage { ending } else { nil }
    }

    var isTorn: Bool {
        if case .torn = stage { true } else { false }
    }
}
