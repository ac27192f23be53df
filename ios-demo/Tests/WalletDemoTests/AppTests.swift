import DcepWallet
import Foundation
import Testing

@testable import WalletDemo

/// Opens an account as a person does: welcome, words, words checked back.
@MainActor
func openAccount(on device: TestDevice, in sandbox: Sandbox) async throws -> HomeModel {
    try await openAccount(on: device, address: "https://bank.example", root: sandbox.root())
}

@MainActor
func openAccount(on device: any Device, address: String, root: String, shop: String = "") async throws -> HomeModel {
    let (app, welcome) = try await firstStart(on: device)
    (welcome.address, welcome.root, welcome.shopName) = (address, root, shop)
    try await writeDown(newWords(of: app, from: welcome))
    guard case .home(let home) = app.screen else { throw Unexpected.screen }
    await home.refresh()
    return home
}

enum Unexpected: Error { case screen }

/// The app on a phone that has no wallet yet.
@MainActor
func firstStart(on device: any Device) async throws -> (AppModel, WelcomeModel) {
    let app = AppModel(device: device)
    await app.start()
    guard case .welcome(let welcome) = app.screen else { throw Unexpected.screen }
    return (app, welcome)
}

/// The same, with a bank that is typed in.
@MainActor
func firstStart(on device: any Device, in sandbox: Sandbox) async throws -> (AppModel, WelcomeModel) {
    let (app, welcome) = try await firstStart(on: device)
    (welcome.address, welcome.root) = ("https://bank.example", try sandbox.root())
    return (app, welcome)
}

/// The new words that are shown after that.
@MainActor
func newWords(of app: AppModel, from welcome: WelcomeModel, in language: Language = .english) throws -> WordsModel {
    app.openAccount(at: welcome, in: language)
    guard case .words(let words) = app.screen else { throw Unexpected.screen }
    return words
}

/// Writes the words down, and puts them into their order again.
@MainActor @discardableResult
func writeDown(_ words: WordsModel) async throws -> [String] {
    let written = words.shown
    words.checkBack()
    for word in written { words.choose(at: try #require(words.choices.firstIndex(of: word))) }
    await words.check()
    return written
}

@MainActor @Suite struct AppTests {
    @Test func anAccountIsOpenedAndFoundAgainAfterARestart() async throws {
        let sandbox = try Sandbox(seed: 1)
        let device = try TestDevice(in: sandbox)
        let home = try await openAccount(on: device, in: sandbox)
        #expect(home.spendable?.english == "0.00 yuan" && !home.needsAccount && home.trouble == nil)
        try await home.wallet.shutDown()

        let again = AppModel(device: device)
        await again.start()
        guard case .home(let found) = again.screen else { throw Unexpected.screen }
        await found.refresh()
        #expect(found.spendable?.chinese == "0.00 元" && found.freshness?.english == "Up to date.")
    }

    /// A bank in another process, over HTTP; and a shop, whose registered name the payer is shown.
    @Test func aBankAtItsAddress() async throws {
        let bank = try LoopbackBank()
        let person = try await openAccount(on: OnlineDevice(), address: bank.address, root: bank.root)
        let shop = try await openAccount(on: OnlineDevice(), address: bank.address, root: bank.root, shop: "Tea House")
        let desk = person.bank()
        desk.amount = "400"
        await desk.load()
        #expect(desk.account?.english == "600.00 yuan")
        let receive = shop.receive()
        receive.amount = "300"
        await receive.ask()
        let payer = person.scan()
        let codes = TwoCodesModel(payer: payer, payee: receive.code())
        await codes.start()
        await codes.look()
        #expect(payer.asked?.english == "Pay 300.00 yuan to Tea House?")
        await payer.confirm()
        await codes.look()
        await codes.look()
        guard case .over(let ending) = payer.step else { throw Unexpected.screen }
        #expect(ending.title.chinese == "已向Tea House付款 300.00 元")
        await person.settle()
        await shop.settle()
        #expect(shop.spendable?.english == "300.00 yuan" && person.spendable?.english == "100.00 yuan")
        for home in [person, shop] { try await home.wallet.shutDown() }
    }

    @Test func whatIsNoBankIsSaid() async throws {
        let sandbox = try Sandbox(seed: 1)
        let (app, welcome) = try await firstStart(on: TestDevice(in: sandbox))
        for address in ["", "bank", "http://bank.example"] {
            welcome.address = address
            app.openAccount(at: welcome, in: .english)
            #expect(welcome.trouble?.english == "Enter the bank's address, such as https://bank.example.")
        }
        welcome.address = "https://bank.example"
        welcome.root = "no key"
        let words = try newWords(of: app, from: welcome, in: .simplifiedChinese)
        try await writeDown(words)
        #expect(words.trouble == Phrase(OpenError.invalidRoot))
        app.back()
        guard case .welcome = app.screen else { throw Unexpected.screen }
    }

    @Test func theWordsAreShownOnceAndCheckedBack() async throws {
        let sandbox = try Sandbox(seed: 1)
        let (app, welcome) = try await firstStart(on: TestDevice(in: sandbox), in: sandbox)
        let words = try newWords(of: app, from: welcome)
        let written = words.shown
        #expect(written.count == 12)
        words.checkBack()
        #expect(words.shown == [] && words.choices == written.sorted() && !words.isComplete)
        // The last two the wrong way round.
        for word in written.dropLast(2) + written.suffix(2).reversed() {
            words.choose(at: try #require(words.choices.firstIndex(of: word)))
        }
        #expect(words.isComplete)
        await words.check()
        #expect(
            words.trouble?.english
                == "That is another order than you were shown: look at what you wrote down, and try again.")
        #expect(words.chosen == [] && words.choices == written.sorted())
        words.choose(at: 0)
        words.takeBack()
        #expect(words.choices == written.sorted())
        for word in written { words.choose(at: try #require(words.choices.firstIndex(of: word))) }
        await words.check()
        guard case .home = app.screen else { throw Unexpected.screen }
    }

    @Test func chineseWordsForWhoReadsChinese() async throws {
        let sandbox = try Sandbox(seed: 1)
        let (app, welcome) = try await firstStart(on: TestDevice(in: sandbox), in: sandbox)
        let words = try newWords(of: app, from: welcome, in: .simplifiedChinese)
        #expect(words.shown.allSatisfy { $0.count == 1 && !$0.utf8.allSatisfy { $0 < 128 } })
    }

    @Test func withoutANetworkTheAccountIsOpenedLater() async throws {
        let sandbox = try Sandbox(seed: 1)
        try sandbox.setOffline(offline: true)
        let home = try await openAccount(on: TestDevice(in: sandbox), in: sandbox)
        #expect(home.needsAccount)
        let bank = home.bank()
        await bank.refresh()
        #expect(bank.needsAccount)
        await bank.enrol()
        #expect(bank.hasFailed && bank.result == [Phrase(TransportError.unreachable)])
        try sandbox.setOffline(offline: false)
        await bank.enrol()
        #expect(!bank.hasFailed && !bank.needsAccount && bank.result.map(\.english) == ["Your account is open."])
        await home.refresh()
        #expect(!home.needsAccount)
    }

    @Test func aWalletWithAPinOpensLocked() async throws {
        let sandbox = try Sandbox(seed: 1)
        let device = try TestDevice(in: sandbox)
        let home = try await openAccount(on: device, in: sandbox)
        try await home.wallet.setPin(pin: Pin(typing: "1234"))
        try await home.wallet.shutDown()

        let app = AppModel(device: device)
        await app.start()
        guard case .locked(let lock) = app.screen else { throw Unexpected.screen }
        lock.pin = "1234"
        await lock.unlock()
        guard case .home = app.screen else { throw Unexpected.screen }
        // Leaving the screen locks it again.
        await app.lock()
        guard case .locked = app.screen else { throw Unexpected.screen }
    }

    @Test func leavingTheScreenLocksNothingWithoutAPin() async throws {
        let sandbox = try Sandbox(seed: 1)
        let device = try TestDevice(in: sandbox)
        try await openAccount(on: device, in: sandbox).wallet.shutDown()
        let app = AppModel(device: device)
        await app.start()
        await app.lock()
        guard case .home = app.screen else { throw Unexpected.screen }
    }

    /// Another vault has other keys: the wallet never opens again, its account comes back, its file stays.
    @Test func aWalletThatNeverOpensAgainIsRestoredFromItsWords() async throws {
        let sandbox = try Sandbox(seed: 1)
        let device = try TestDevice(in: sandbox)
        let (app, welcome) = try await firstStart(on: device, in: sandbox)
        let written = try await writeDown(newWords(of: app, from: welcome))
        guard case .home(let home) = app.screen else { throw Unexpected.screen }
        try sandbox.payIn(account: try await home.wallet.account(), amount: .parse("500.00"))
        try await home.wallet.shutDown()

        let other = try TestDevice(
            in: sandbox, folder: device.folder, vault: SoftwareVault(master: Data(repeating: 8, count: 32)))
        let later = AppModel(device: other)
        await later.start()
        guard case .closed(let why, canRestore: true) = later.screen else { throw Unexpected.screen }
        #expect(why == Phrase(OpenError.wrongKey))
        later.startOver()
        guard case .welcome(let again) = later.screen else { throw Unexpected.screen }
        #expect(again.address == "https://bank.example" && again.root == welcome.root)
        later.restore(at: again)
        guard case .restore(let restore) = later.screen else { throw Unexpected.screen }
        restore.words = written.joined(separator: " ")
        await restore.restore()
        #expect(restore.result?.account?.english == "500.00 yuan")
        restore.done()
        guard case .home(let found) = later.screen else { throw Unexpected.screen }
        try await found.wallet.shutDown()

        // From now on it is the new one that opens; and the old one is still there.
        await later.start()
        guard case .home(let opened) = later.screen else { throw Unexpected.screen }
        try await opened.wallet.shutDown()
        let files = try FileManager.default.contentsOfDirectory(atPath: device.folder.path)
        #expect(files.contains("wallet-1.sqlite") && files.contains("wallet-2.sqlite"))
    }

    @Test func filesThatCannotBeReadAreNotOverwritten() async throws {
        let device = try TestDevice(in: Sandbox(seed: 1))
        try FileManager.default.createDirectory(at: device.folder, withIntermediateDirectories: true)
        try Data("nonsense".utf8).write(to: device.folder.appendingPathComponent("bank.json"))
        let app = AppModel(device: device)
        await app.start()
        guard case .closed(let why, canRestore: false) = app.screen else { throw Unexpected.screen }
        #expect(why.english.hasPrefix("The wallet's storage cannot be used now"))
    }

    @Test func aWalletThatIsOpenElsewhereIsSaidToBe() async throws {
        let sandbox = try Sandbox(seed: 1)
        let device = try TestDevice(in: sandbox)
        let home = try await openAccount(on: device, in: sandbox)
        let app = AppModel(device: device)
        await app.start()
        guard case .closed(let why, canRestore: false) = app.screen else { throw Unexpected.screen }
        #expect(why == Phrase(OpenError.alreadyOpen))
        app.startOver()
        guard case .closed = app.screen else { throw Unexpected.screen }
        try await home.wallet.shutDown()
    }
}
