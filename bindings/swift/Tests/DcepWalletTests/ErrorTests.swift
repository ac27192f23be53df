import Foundation
import Testing

@testable import DcepWallet

@Suite struct ErrorTests {
    private static let pinned = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("errors.txt")

    /// What every error looks like to a program, to a log and to a person. `DCEP_PIN=1` writes it anew.
    @Test func whatErrorsLookLikeIsPinned() throws {
        let text = EveryError.cases.map { name, error in
            """
            \(name)
              \(error.code) \(error.name), \(error.isRetryable ? "may be asked again" : "not to be asked again")
              \(error)
              \(error.sentence(.english))
              \(error.sentence(.simplifiedChinese))
            """
        }.joined(separator: "\n\n") + "\n"
        if ProcessInfo.processInfo.environment["DCEP_PIN"] != nil {
            try text.write(to: Self.pinned, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.pinned, encoding: .utf8) == text)
    }

    /// The list is whole: it has every case that was generated.
    @Test func noErrorIsMissing() throws {
        let lines = try generatedSource().split(separator: "\n", omittingEmptySubsequences: false)
        var (family, found) = ("", [String]())
        for line in lines {
            if line.hasPrefix("enum "), line.contains(": Swift.Error") {
                family = String(line.dropFirst(5).prefix { $0 != ":" })
            } else if line.hasPrefix("public var code") || line.hasPrefix("}") {
                family = ""
            } else if !family.isEmpty, line.hasPrefix("    case ") {
                let name = line.dropFirst(9).filter { $0 != "`" }.prefix { $0.isLetter || $0.isNumber }
                found.append("\(family).\(name)")
            }
        }
        #expect(found.sorted() == EveryError.cases.map(\.name).filter { $0 != "InternalError" }.sorted())
        #expect(found.count > 100)
    }

    @Test func aPersonReadsTheSentence() {
        for (_, error) in EveryError.cases {
            let plain: any Error = error
            #expect(plain.localizedDescription == error.sentence(.preferred))
            #expect("\(plain)".hasPrefix("\(error.name): ") || error is InternalError)
        }
    }

    @Test func aPanicIsAnErrorOfTheCallsFamily() {
        func thrown<E: Error>(_ family: E.Type) -> String { "\(type(of: panicked(in: family, saying: "x")))" }
        for (name, given) in [
            ("WalletError", thrown(WalletError.self)), ("OpenError", thrown(OpenError.self)),
            ("PinError", thrown(PinError.self)), ("RestoreError", thrown(RestoreError.self)),
            ("PayError", thrown(PayError.self)), ("ReceiveError", thrown(ReceiveError.self)),
            ("RefundError", thrown(RefundError.self)), ("BankError", thrown(BankError.self)),
            ("ReceiptError", thrown(ReceiptError.self)), ("TapError", thrown(TapError.self)),
            ("InternalError", thrown(AmountError.self)), ("InternalError", thrown(VaultError.self)),
        ] { #expect(given == name) }
        func named<E: DcepError>(_ error: E) -> String? { (panicked(in: E.self, saying: "x") as? any DcepError)?.name }
        for (_, error) in EveryError.cases { #expect(named(error) == "internal") }
    }

    @Test func aPanicOnPurposeArrivesAndTheProcessLives() throws {
        let people = try Funded()
        for _ in 0..<3 {
            #expect(throws: WalletError.internal) { try panicOnPurpose() }
        }
        #expect(try pay(people.alice, people.bob, .fen(100))?.isPaid == true)
    }

    @Test func everyFamilyIsReachedByARealCall() throws {
        let people = try Funded()
        let (alice, bob) = (people.alice, people.bob)
        let none = String(repeating: "00", count: 16)
        #expect(throws: ReceiveError.zero) { try alice.request(amount: .zero, name: nil) }
        #expect(throws: ReceiveError.unknownRequest) { try alice.receive(request: none, side: .card) }
        #expect(throws: ReceiveError.wallet(error: .invalidName)) { try alice.request(amount: nil, name: "a\u{202e}b") }
        #expect(throws: WalletError.invalidIdentifier) { try alice.history(query: HistoryQuery(after: "nowhere")) }
        #expect(throws: RefundError.unknownPayment) { try bob.refund(paid: none + none, amount: .fen(1)) }
        #expect(throws: ReceiptError.noReceipt) { try alice.exportReceipt(transfer: none + none) }
        #expect(throws: ReceiptError.self) { try verifyReceipt(file: Data([1]), root: people.sandbox.root()) }
        #expect(throws: WordsError.bad) { try AccountWords.parse(typed: Data("abandon abandon".utf8)) }
        #expect(throws: VaultError.wrongKey) { try SoftwareVault(master: Data([1])) }
        #expect(throws: GuardError.unavailable) { try MemoryGuard().read(wallet: Data([1])) }
        #expect(throws: PinError.badPin) { try Pin(typed: Data("123".utf8)) }
        #expect(throws: SandboxError.self) { try people.sandbox.fund(name: "nobody", amount: .fen(1)) }
        #expect(throws: TapError.noTap) {
            try alice.pay(consent: .unconfirmed, side: .reader).receive(response: Data([0x90, 0]))
        }
        #expect(try declined(people, asked: .fen(10_001), .exactly(amount: .fen(10_001)))
            == .notEnough(asked: .fen(10_001), spendable: .fen(10_000), inDoubt: .zero, onlyAtBank: .zero))
        #expect(try declined(people, asked: nil, .unconfirmed) == .amountOpen)
        #expect(try declined(people, asked: .fen(200), .upTo(amount: .fen(100))) == .confirmOnDevice(amount: .fen(200)))
        #expect(throws: BankError.self) { try alice.load(amount: .fen(100)) }
        try people.sandbox.setOffline(offline: true)
        #expect(throws: BankError.transport(error: .unreachable)) { try alice.sync() }
        try alice.shutDown()
        #expect(throws: WalletError.closed) { try alice.balance() }
    }

    private func declined(_ people: Funded, asked: Amount?, _ consent: Consent) throws -> PayError? {
        let request = try people.bob.request(amount: asked, name: nil)
        let card = try people.bob.receive(request: request.id, side: .card)
        let reader = try people.alice.pay(consent: consent, side: .reader)
        _ = try simulatedTap(reader: reader, card: card, frames: .extended, tearAfter: nil)
        guard case .declined(let error, _) = try reader.outcome() else { return nil }
        return error
    }

    @Test func openingAndPins() throws {
        let sandbox = try Sandbox(seed: 1)
        let owner = try Owner(softwarePlatform(bank: sandbox.bank(), clock: sandbox.clock()), root: sandbox.root())
        let pin = try Pin.atCost(typed: Data("271828".utf8), memoryKib: 8, passes: 1)
        let wrong = try Pin.atCost(typed: Data("314159".utf8), memoryKib: 8, passes: 1)
        #expect(throws: PinError.notSet) { try owner.wallet.changePin(old: pin, new: wrong) }
        try owner.wallet.setPin(pin: pin)
        try owner.wallet.shutDown()
        #expect(throws: OpenError.pinRequired) { try Wallet.open(path: owner.path, platform: owner.platform) }
        let locked = try LockedWallet.open(path: owner.path, platform: owner.platform)
        #expect(throws: PinError.wrong(failed: 1, wait: 0)) { try locked.unlock(pin: wrong) }
        #expect(throws: OpenError.alreadyOpen) { try Wallet.open(path: owner.path, platform: owner.platform) }
        try locked.unlock(pin: pin).removePin(pin: pin)
        try locked.shutDown()
        #expect(throws: OpenError.noPin) { try LockedWallet.open(path: owner.path, platform: owner.platform) }
        #expect(throws: OpenError.noWallet) { try Wallet.open(path: owner.path + "x", platform: owner.platform) }
        let words = try AccountWords.generate(count: .twelve, list: .english)
        #expect(throws: OpenError.invalidRoot) {
            try Wallet.create(
                path: owner.path + "x", platform: owner.platform, words: words, root: "", algorithm: .p256)
        }
        #expect(throws: RestoreError.self) {
            try Wallet.restore(
                path: owner.path + "x", platform: owner.platform, words: words, root: sandbox.root(),
                algorithm: .p256, backup: Data([1]))
        }
    }

    /// Records are checked again on every entry.
    @Test(arguments: [UInt64(1) << 53, 1 << 60, .max]) func anAmountOutOfRangeIsRefused(fen: UInt64) throws {
        let people = try Funded()
        let (wallet, amount) = (people.alice, Amount(fen: fen))
        let id = try people.bob.request(amount: .fen(1), name: nil).id
        for consent in [Consent.upTo(amount: amount), .exactly(amount: amount), .to(request: id, amount: amount)] {
            #expect(throws: WalletError.invalidAmount) { try wallet.pay(consent: consent, side: .reader) }
        }
        #expect(throws: ReceiveError.wallet(error: .invalidAmount)) { try wallet.request(amount: amount, name: nil) }
        #expect(throws: BankError.wallet(error: .invalidAmount)) { try wallet.load(amount: amount) }
        #expect(throws: BankError.wallet(error: .invalidAmount)) { try wallet.deposit(amount: amount) }
        #expect(throws: RefundError.wallet(error: .invalidAmount)) {
            try wallet.refund(paid: String(repeating: "00", count: 32), amount: amount)
        }
        for query in [HistoryQuery(atLeast: amount), HistoryQuery(atMost: amount)] {
            #expect(throws: WalletError.invalidAmount) { try wallet.history(query: query) }
        }
        #expect(try wallet.balance().spendable == .parse("100.00"))
    }
}

/// The generated half of the module.
func generatedSource() throws -> String {
    try String(
        contentsOf: repository.appendingPathComponent("bindings/swift/Sources/DcepWallet/Generated/DcepWallet.swift"),
        encoding: .utf8)
}
