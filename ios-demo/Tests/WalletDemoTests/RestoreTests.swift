import DcepWallet
import Foundation
import Testing

@testable import WalletDemo

@MainActor @Suite struct RestoreTests {
    @Test func aLostPhoneIsNotLostMoney() async throws {
        let sandbox = try Sandbox(seed: 1)
        let old = try TestDevice(in: sandbox)
        let (words, home) = try await account(on: old, sandbox)
        try sandbox.payIn(account: try await home.wallet.account(), amount: .parse("500.00"))
        try await home.wallet.load(amount: .parse("200.00"))
        let backup = try await home.wallet.backup()

        let restore = try await restoring(on: TestDevice(in: sandbox), sandbox)
        restore.model.words = "twelve words that are none"
        await restore.model.restore()
        #expect(restore.model.trouble == Phrase(WordsError.bad) && restore.model.result == nil)
        restore.model.words = words.joined(separator: "  ")
        restore.model.backup = backup
        await restore.model.restore()
        let result = try #require(restore.model.result)
        #expect(restore.model.trouble == nil && restore.model.words == "" && result.trouble == nil)
        #expect(result.account?.english == "300.00 yuan")
        #expect(result.cash.english.hasPrefix("The lost phone pays nobody any more."))
        #expect(result.cash.chinese.hasPrefix("丢失的手机不能再付款。"))
        #expect(result.backupFrom != nil)
        #expect(result.past.map(\.title.english) == ["Loaded from the account"])
        #expect(result.past.map(\.amount.chinese) == ["200.00 元"])
        restore.model.done()
        guard case .home(let found) = restore.app.screen else { throw Unexpected.screen }
        await found.refresh()
        #expect(found.spendable?.english == "0.00 yuan" && !found.needsAccount)

        // The old phone is frozen, and finds out when it connects.
        await home.bank().connect()
        await home.refresh()
        #expect(home.atBank.map(\.why.english) == ["This phone was declared lost. The bank takes it."])
    }

    /// Then nothing is frozen yet, and nobody says that it is; the next connection does it.
    @Test func withoutABackupAndWithoutANetwork() async throws {
        let sandbox = try Sandbox(seed: 1)
        let (words, home) = try await account(on: TestDevice(in: sandbox), sandbox)
        try sandbox.setOffline(offline: true)
        let restore = try await restoring(on: TestDevice(in: sandbox), sandbox)
        restore.model.words = words.joined(separator: "\n")
        await restore.model.restore()
        let result = try #require(restore.model.result)
        #expect(result.trouble == Phrase(TransportError.unreachable) && result.account == nil && result.past == [])
        #expect(result.cash.english.hasPrefix("The bank does not know yet that your old phone is lost"))
        #expect(result.backupFrom == nil)
        restore.model.done()
        guard case .home(let found) = restore.app.screen else { throw Unexpected.screen }
        await found.refresh()
        #expect(found.needsAccount)
        try sandbox.setOffline(offline: false)
        await found.bank().enrol()
        await found.settle()
        await found.refresh()
        #expect(!found.needsAccount)
        await home.settle()
        #expect(try await home.wallet.nextEvent()?.kind == .deviceFrozen(held: .zero))
    }

    @Test func aPhoneThatIsNotLostGoesOn() async throws {
        let sandbox = try Sandbox(seed: 1)
        let (words, home) = try await account(on: TestDevice(in: sandbox), sandbox)
        let restore = try await restoring(on: TestDevice(in: sandbox), sandbox)
        restore.model.words = words.joined(separator: " ")
        restore.model.isLost = false
        await restore.model.restore()
        #expect(restore.model.result?.cash.english == "The cash on your other phone stays there.")
        #expect(restore.model.result?.trouble == nil)
        try sandbox.payIn(account: try await home.wallet.account(), amount: .parse("500.00"))
        let bank = home.bank()
        bank.amount = "200"
        await bank.load()
        #expect(!bank.hasFailed)
    }

    @Test func anotherAccountsBackupIsRefused() async throws {
        let sandbox = try Sandbox(seed: 1)
        let (_, first) = try await account(on: TestDevice(in: sandbox), sandbox)
        let (words, _) = try await account(on: TestDevice(in: sandbox), sandbox)
        let restore = try await restoring(on: TestDevice(in: sandbox), sandbox)
        restore.model.words = words.joined(separator: " ")
        restore.model.backup = try await first.wallet.backup()
        await restore.model.restore()
        #expect(restore.model.trouble == Phrase(RestoreError.foreign))
        restore.model.backup = nil
        await restore.model.restore()
        #expect(restore.model.result != nil)
    }

    /// The other phones of an account are frozen from the bank's screen, too.
    @Test func theOthersAreFrozenFromTheBanksScreen() async throws {
        let people = try await People()
        let bank = people.alice.bank()
        await bank.freezeOthers()
        #expect(
            bank.result.map(\.english) == ["Your other phones are frozen. What they hold comes back to your account."])
    }

    private func account(on device: TestDevice, _ sandbox: Sandbox) async throws -> (words: [String], home: HomeModel) {
        let (app, welcome) = try await firstStart(on: device, in: sandbox)
        let written = try await writeDown(newWords(of: app, from: welcome))
        guard case .home(let home) = app.screen else { throw Unexpected.screen }
        return (written, home)
    }

    private func restoring(
        on device: TestDevice, _ sandbox: Sandbox
    ) async throws -> (app: AppModel, model: RestoreModel) {
        let (app, welcome) = try await firstStart(on: device, in: sandbox)
        app.restore(at: welcome)
        guard case .restore(let model) = app.screen else { throw Unexpected.screen }
        return (app, model)
    }
}
