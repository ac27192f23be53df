import Foundation
import Testing

@testable import DcepWalletSupport

private let wallet = Data(repeating: 1, count: 16)
private let other = Data(repeating: 2, count: 16)
private let dataKey = Data(UInt8(0)..<32)

@Suite struct ChipVaultTests {
    private let store = TableStore()
    private let chip = PaperChip()
    private var vault: ChipVault { ChipVault(chip: chip, store: store) }

    @Test func oneCallSignsAllInTheOrderOfTheJobs() throws {
        let (first, second) = (try vault.createKey(wallet: wallet), try vault.createKey(wallet: wallet))
        #expect(first.handle != second.handle)
        #expect(first.publicKey == Data("public 1".utf8))
        let message = Data("m".utf8)
        let signatures = try vault.signAll([(second.handle, message), (first.handle, message)])
        #expect(signatures == [Data("signed 2 m".utf8), Data("signed 1 m".utf8)])
        #expect(try vault.signAll([]) == [])
    }

    @Test func ifOneKeyIsGoneNothingIsSigned() throws {
        let (gone, here) = (try vault.createKey(wallet: wallet), try vault.createKey(wallet: wallet))
        try vault.delete(handle: gone.handle)
        for handle in [gone.handle, Data(), Data(repeating: 1, count: 33)] {
            #expect(throws: VaultFailure.keyInvalidated) {
                try vault.signAll([(here.handle, Data()), (handle, Data())])
            }
        }
        #expect(chip.signatures == 0)
        #expect(try vault.signAll([(here.handle, Data())]).count == 1)
    }

    @Test func keysAreListedByWallet() throws {
        let keys = [try vault.createKey(wallet: wallet), try vault.createKey(wallet: wallet)]
        #expect(Set(try vault.keys(wallet: wallet)) == Set(keys.map(\.handle)))
        #expect(try vault.keys(wallet: other) == [])
        try vault.delete(handle: keys[0].handle)
        try vault.delete(handle: keys[0].handle)
        try vault.delete(handle: Data())
        #expect(try vault.keys(wallet: wallet) == [keys[1].handle])
    }

    @Test func aLockedDeviceHidesKeysAndLosesNone() throws {
        let key = try vault.createKey(wallet: wallet)
        let wrapped = try vault.wrap(dataKey)
        store.hide(true)
        #expect(throws: VaultFailure.locked) { try vault.keys(wallet: wallet) }
        #expect(throws: VaultFailure.locked) { try vault.signAll([(key.handle, Data())]) }
        #expect(throws: VaultFailure.locked) { try vault.unwrap(wrapped) }
        #expect(throws: VaultFailure.locked) { try vault.wrap(dataKey) }
        store.hide(false)
        store.fail(with: .locked)
        #expect(throws: VaultFailure.locked) { try vault.keys(wallet: wallet) }
        store.fail(with: .unavailable(status: -4))
        #expect(throws: VaultFailure.unavailable) { try vault.signAll([(key.handle, Data())]) }
        store.fail(with: nil)
        #expect(try vault.keys(wallet: wallet) == [key.handle])
        #expect(try vault.unwrap(wrapped) == dataKey)
    }

    @Test func aPasscodeThatIsTakenAwayTakesTheKeysAlong() throws {
        let key = try vault.createKey(wallet: wallet)
        let wrapped = try vault.wrap(dataKey)
        store.removePasscode()
        #expect(try vault.keys(wallet: wallet) == [])
        #expect(throws: VaultFailure.keyInvalidated) { try vault.signAll([(key.handle, Data())]) }
        #expect(throws: VaultFailure.keyInvalidated) { try vault.unwrap(wrapped) }
        // A new key for what comes now; the old one stays gone.
        let again = try vault.wrap(dataKey)
        #expect(try vault.unwrap(again) == dataKey)
        #expect(throws: VaultFailure.keyInvalidated) { try vault.unwrap(wrapped) }
    }

    @Test func dataKeysComeBackOnThisDeviceOnly() throws {
        let wrapped = try vault.wrap(dataKey)
        #expect(wrapped.range(of: dataKey) == nil)
        #expect(try vault.unwrap(wrapped) == dataKey)
        #expect(try ChipVault(chip: chip, store: store).unwrap(wrapped) == dataKey)
        #expect(throws: VaultFailure.wrongKey) {
            try ChipVault(chip: PaperChip(), store: TableStore()).unwrap(wrapped)
        }
        // A slice whose first index is not 0.
        #expect(try vault.unwrap((Data([0]) + wrapped).dropFirst()) == dataKey)
    }

    @Test func otherBytesAreNotUnwrapped() throws {
        let wrapped = try vault.wrap(dataKey)
        for at in wrapped.indices {
            var changed = wrapped
            changed[at] ^= 1
            #expect(throws: VaultFailure.wrongKey) { try vault.unwrap(changed) }
            #expect(throws: VaultFailure.wrongKey) { try vault.unwrap(wrapped.prefix(at)) }
        }
    }

    @Test func whatTheChipSaysIsPassedOn() throws {
        let key = try vault.createKey(wallet: wallet)
        for failure in [VaultFailure.userCancelled, .keyInvalidated, .unavailable] {
            chip.fail(with: failure)
            #expect(throws: failure) { try vault.signAll([(key.handle, Data())]) }
            #expect(throws: failure) { try vault.createKey(wallet: wallet) }
        }
        chip.fail(with: nil)
        #expect(try vault.keys(wallet: wallet) == [key.handle])
    }

    @Test func ofManyAtOnceAllSealWithOneKey() async throws {
        let vault = vault
        try await withThrowingTaskGroup(of: Data.self) { group in
            for _ in 0..<40 { group.addTask { try vault.wrap(dataKey) } }
            for try await wrapped in group {
                #expect(try vault.unwrap(wrapped) == dataKey)
            }
        }
    }
}
