import DcepWalletSupport
import Foundation
import Testing

@testable import DcepWallet

/// A phone's vault and guard, with a chip of software and a table for a Keychain.
@Suite struct DeviceTests {
    /// Signs and seals as a chip does, with the software vault's keys.
    private final class SoftChip: Chip {
        private let keys: SoftwareVault
        init() throws { keys = try SoftwareVault(master: Data(repeating: 9, count: 32)) }

        func makeSigningKey() throws(VaultFailure) -> (blob: Data, publicKey: Data) {
            try ask {
                let key = try keys.createKey(wallet: Data(count: 16), algorithm: .p256)
                return (key.handle, key.publicKey)
            }
        }
        func sign(_ message: Data, with blob: Data) throws(VaultFailure) -> Data {
            try ask { try keys.signAll(requests: [SignRequest(key: blob, message: message)])[0] }
        }
        func makeSealingKey() throws(VaultFailure) -> Data { Data([1]) }
        func seal(_ secret: Data, context: Data, with blob: Data) throws(VaultFailure) -> Data {
            try ask { try keys.wrap(dataKey: secret) }
        }
        func open(_ sealed: Data, context: Data, with blob: Data) throws(VaultFailure) -> Data {
            try ask { try keys.unwrap(wrapped: sealed) }
        }
        private func ask<T>(_ work: () throws -> T) throws(VaultFailure) -> T {
            do { return try work() } catch { throw .unavailable }
        }
    }

    private func platform(
        _ sandbox: Sandbox, _ store: TableStore,
        confirm: @escaping @Sendable (DcepWallet.Confirmation) throws(VaultFailure) -> Void = { _ throws(VaultFailure) in }
    ) throws -> Platform {
        Platform(
            vault: DeviceVault(chip: try SoftChip(), store: store, confirm: confirm),
            guard: DeviceGuard(store: store), bank: try sandbox.bank(), clock: try sandbox.clock())
    }

    @Test func aWalletLivesInIt() throws {
        let sandbox = try Sandbox(seed: 5)
        var alice = try Owner(platform(sandbox, TableStore()), root: sandbox.root())
        let bob = try Owner(platform(sandbox, TableStore()), root: sandbox.root())
        try sandbox.payIn(account: alice.wallet.account(), amount: .fen(10_000))
        try alice.wallet.load(amount: .fen(10_000))
        #expect(try pay(alice.wallet, bob.wallet, .fen(100))?.isPaid == true)
        try alice.reopen()
        #expect(try alice.wallet.balance().spendable == .fen(9_900))
        #expect(try !alice.wallet.openReport().rolledBack)
    }

    @Test func aFileFromYesterdayIsFoundOut() throws {
        let (sandbox, store) = (try Sandbox(seed: 5), TableStore())
        var alice = try Owner(platform(sandbox, store), root: sandbox.root())
        let bob = try Owner(platform(sandbox, TableStore()), root: sandbox.root())
        try sandbox.payIn(account: alice.wallet.account(), amount: .fen(100))
        try alice.wallet.load(amount: .fen(100))
        let copy = alice.path + ".copy"
        try alice.wallet.shutDown()
        try FileManager.default.copyItem(atPath: alice.path, toPath: copy)
        alice.wallet = try Wallet.open(path: alice.path, platform: alice.platform)
        #expect(try pay(alice.wallet, bob.wallet, .fen(100))?.isPaid == true)
        try alice.wallet.shutDown()
        let old = try Wallet.open(path: copy, platform: alice.platform)
        #expect(try old.openReport().rolledBack)
    }

    @Test func theHolderIsAskedAndMaySayNo() throws {
        let sandbox = try Sandbox(seed: 5)
        let lent = try platform(sandbox, TableStore()) { what throws(VaultFailure) in
            if what.amount == .fen(200) { throw .userCancelled }
        }
        let alice = try Owner(lent, root: sandbox.root())
        _ = try alice.wallet.pay(consent: .exactly(amount: .fen(100)), side: .reader)
        #expect(throws: WalletError.vault(error: .userCancelled)) {
            try alice.wallet.pay(consent: .upTo(amount: .fen(200)), side: .reader)
        }
        #expect(DcepWallet.Confirmation.upTo(amount: .fen(200)).sentence(.english) == "Pay up to 2.00 yuan")
        #expect(DcepWallet.Confirmation.exactly(amount: .fen(200)).sentence(.simplifiedChinese) == "支付 2.00 元")
    }

    /// What the store and the chip say becomes what the wallet understands.
    @Test func everyFailureIsADeclaredOne() throws {
        let store = TableStore()
        let vault = DeviceVault(chip: PaperChip(), store: store, confirm: { _ throws(VaultFailure) in throw .locked })
        let heads = DeviceGuard(store: store)
        let head = Head(wallet: Data(count: 16), number: 1, digest: Data(count: 32))
        #expect(throws: VaultError.unavailable) { try vault.createKey(wallet: Data(count: 16), algorithm: .ed25519) }
        #expect(throws: VaultError.locked) { try vault.authorize(what: .exactly(amount: .fen(1))) }
        #expect(throws: VaultError.wrongKey) { try vault.unwrap(wrapped: Data(count: 40)) }
        let key = try vault.createKey(wallet: Data(count: 16), algorithm: .p256)
        #expect(key.assurance == .secureElement)
        #expect(try vault.listKeys(wallet: Data(count: 16)) == [key.handle])
        #expect(try vault.deleteKey(handle: key.handle) == key.handle)
        #expect(throws: VaultError.keyInvalidated) {
            try vault.signAll(requests: [SignRequest(key: key.handle, message: Data())])
        }
        #expect(try heads.advance(known: nil, head: head) == head)
        #expect(try heads.read(wallet: head.wallet) == head)
        let odd = Head(wallet: Data(count: 3), number: 1, digest: Data())
        #expect(throws: GuardError.unavailable) { try heads.advance(known: nil, head: odd) }
        store.fail(with: .locked)
        #expect(throws: VaultError.locked) { try vault.listKeys(wallet: Data(count: 16)) }
        #expect(throws: GuardError.unavailable) { try heads.read(wallet: head.wallet) }
    }
}
