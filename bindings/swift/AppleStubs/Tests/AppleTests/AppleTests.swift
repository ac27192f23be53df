import Foundation
import LocalAuthentication
import Security
import Testing

@testable import DcepWalletSupport

/// The table and the prompt belong to the whole process: one test at a time.
@Suite(.serialized) struct AppleTests {
    private let keychain = SystemKeychain()
    private let name = ItemName(service: "s", account: "a")

    init() {
        Table.clear()
        Table.answer(nil)
    }

    @Test func itemsComeBack() throws {
        #expect(try keychain.read(name) == nil)
        let item = Item(name: name, mark: Data([1]), secret: Data([2]))
        try keychain.add(item, of: .neverCopied)
        #expect(try keychain.read(name) == item)
        #expect(throws: ItemStoreFailure.duplicate) { try keychain.add(item, of: .thisDevice) }
        #expect(try keychain.accounts(of: "s") == ["a"])
        #expect(try keychain.accounts(of: "t") == [])
        try keychain.delete(name)
        try keychain.delete(name)
        #expect(try keychain.read(name) == nil)
    }

    @Test func aMarkIsExchangedIfItIsTheKnownOne() throws {
        #expect(try !keychain.exchangeMark(of: name, known: Data([1]), new: Data([2])))
        try keychain.add(Item(name: name, mark: Data([1])), of: .neverCopied)
        #expect(try keychain.exchangeMark(of: name, known: Data([1]), new: Data([2])))
        #expect(try !keychain.exchangeMark(of: name, known: Data([1]), new: Data([3])))
        #expect(try keychain.read(name)?.mark == Data([2]))
    }

    @Test func whatNeverLeavesIsInNoBackup() throws {
        let keeper = HeadKeeper(store: keychain)
        let head = try #require(JournalHead(wallet: Data(count: 16), number: 1, digest: Data(count: 32)))
        #expect(try keeper.advance(known: nil, to: head) == head)
        #expect(try keeper.read(wallet: head.wallet) == head)
        #expect(Table.values(of: kSecAttrAccessible) == [kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly])
    }

    @Test func theSystemsAnswersAreSorted() throws {
        for (status, failure) in [
            (errSecInteractionNotAllowed, ItemStoreFailure.locked), (-34018, .unavailable(status: -34018)),
        ] {
            Table.answer(status)
            #expect(throws: failure) { try keychain.read(name) }
            #expect(throws: failure) { try keychain.accounts(of: "s") }
            #expect(throws: failure) { try keychain.add(Item(name: name), of: .thisDevice) }
            #expect(throws: failure) { try keychain.exchangeMark(of: name, known: Data(), new: Data()) }
            #expect(throws: failure) { try keychain.delete(name) }
        }
    }

    @Test func groupsAreApart() throws {
        let shared = SystemKeychain(accessGroup: "group")
        try shared.add(Item(name: name), of: .thisDevice)
        #expect(Table.values(of: kSecAttrAccessGroup) == ["group"])
        #expect(try SystemKeychain(accessGroup: "other").read(name) == nil)
    }

    @Test func theHoldersAnswerIsSorted() throws {
        LAContext.refusal = nil
        try HolderPrompt().confirm(reason: "12.50")
        #expect(LAContext.asked == "12.50")
        for (code, failure) in [
            (LAError.Code.userCancel, VaultFailure.userCancelled), (.authenticationFailed, .userCancelled),
            (.notInteractive, .locked), (.passcodeNotSet, .unavailable),
        ] {
            LAContext.refusal = LAError(code)
            #expect(throws: failure) { try HolderPrompt().confirm(reason: "") }
        }
    }

    @Test func withoutTheHardwareThereIsNone() async {
        #expect(SecureEnclaveChip() == nil)
        await #expect(throws: TapFailure.notSupported) {
            try await NfcReader.withCard(invitation: "", success: "", failure: "") { _ in }
        }
        await #expect(throws: TapFailure.notSupported) {
            try await NfcCardEmulator.run(invitation: "", answer: { $0 }, isOver: { true })
        }
    }
}
