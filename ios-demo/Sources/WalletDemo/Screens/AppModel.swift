import DcepWallet
import Foundation
import Observation

/// The whole app: which screen it is on, and how it gets from one to the next.
@MainActor @Observable
public final class AppModel {
    public enum Screen {
        /// Before the wallet was looked for.
        case starting
        case welcome(WelcomeModel)
        case words(WordsModel)
        case restore(RestoreModel)
        case locked(LockModel)
        case home(HomeModel)
        /// Two phones on one screen, with a bank of their own.
        case alone(TwoPhonesModel)
        /// The wallet does not open: why, and what to do. Where it never will again, its account can be restored.
        case closed(Phrase, canRestore: Bool)
    }

    public private(set) var screen = Screen.starting

    private let device: any Device
    private let files: WalletFiles

    public init(device: any Device) {
        self.device = device
        files = WalletFiles(in: device.folder)
    }

    /// Opens the wallet that is there, or welcomes whoever has none.
    public func start() async {
        do {
            guard let (path, bank) = try files.current() else { return welcome() }
            guard let platform = try device.platform(bank: bank.address) else { throw Trouble.noBankAddress }
            try await open(path, platform)
        } catch {
            screen = .closed(Phrase(error), canRestore: (error as? OpenError)?.isForEver ?? false)
        }
    }

    private func open(_ path: String, _ platform: Platform) async throws {
        do {
            show(try await Wallet.open(path: path, platform: platform))
        } catch OpenError.pinRequired {
            show(locked: try await LockedWallet.open(path: path, platform: platform))
        }
    }

    /// To the first screen, from a wallet that never opens again: its account is restored, its file stays where it is.
    public func startOver() {
        guard case .closed(_, canRestore: true) = screen else { return }
        welcome()
    }

    /// With the bank that is known, if one is.
    private func welcome() {
        let known = try? files.current()
        screen = .welcome(WelcomeModel(known?.bank))
    }

    /// Back to the first screen, from one that leads to no wallet.
    public func back() {
        switch screen {
        case .words, .restore, .alone: welcome()
        case .starting, .welcome, .locked, .home, .closed: break
        }
    }

    private func show(_ wallet: Wallet) {
        screen = .home(HomeModel(wallet, device: device))
    }

    private func show(locked: LockedWallet) {
        screen = .locked(LockModel(locked) { [weak self] in self?.show($0) })
    }
}

/// What the welcome leads to.
extension AppModel {
    /// Two phones and a bank in this very app, for who has one phone and no bank.
    public func tryAlone() async {
        do {
            screen = .alone(try await TwoPhonesModel(device: device))
        } catch {
            screen = .closed(Phrase(error), canRestore: false)
        }
    }

    /// A new account: its words are shown first, and the wallet is made when they were written down.
    public func openAccount(at choice: WelcomeModel, in language: Language) {
        proceed(from: choice) { bank, platform in
            let words = try AccountWords.generate(
                count: .twelve, list: language == .simplifiedChinese ? .simplifiedChinese : .english)
            screen = .words(
                try WordsModel(words) { [weak self] in
                    try await self?.create(words, bank, platform, choice)
                })
        }
    }

    /// An account that there is already: its words are typed.
    public func restore(at choice: WelcomeModel) {
        proceed(from: choice) { bank, platform in
            let restore = RestoreModel(at: bank, platform: platform, device: device) { [weak self] in self?.show($0) }
            (restore.walletClass, restore.shopName) = (choice.walletClass, choice.shopName)
            screen = .restore(restore)
        }
    }

    private func proceed(from choice: WelcomeModel, _ next: (Bank, Platform) throws -> Void) {
        do {
            let bank = try choice.bank()
            guard let platform = try device.platform(bank: bank.address) else { throw Trouble.noBankAddress }
            try next(bank, platform)
        } catch {
            choice.trouble = Phrase(error)
        }
    }

    private func create(
        _ words: AccountWords, _ bank: Bank, _ platform: Platform, _ choice: WelcomeModel
    ) async throws {
        let wallet = try await files.add(at: bank) { path in
            try await Wallet.create(
                path: path, platform: platform, words: words, root: bank.root, algorithm: device.algorithm)
        }
        // Should the bank not be there now, the first screen of the wallet says so, and asks again.
        let account = BankModel(wallet)
        (account.walletClass, account.shopName) = (choice.walletClass, choice.shopName)
        await account.enrol()
        show(wallet)
    }
}

/// Leaving the screen, and coming back.
extension AppModel {
    /// Connects in passing, when the app comes back to the screen.
    public func settle() async {
        if case .home(let home) = screen { await home.settle() }
    }

    /// Locks the wallet, if it has a PIN; also when the app leaves the screen. A wallet that is just waiting for somebody
    /// stays open until the next time.
    public func lock() async {
        guard case .home(let home) = screen, (try? await home.wallet.hasPin()) == true else { return }
        guard let locked = try? await home.wallet.lock() else { return }
        show(locked: locked)
    }
}

extension OpenError {
    /// Whether this wallet will never open again, whatever anybody does: then its words restore the account, and the bank
    /// pays out what it held.
    fileprivate var isForEver: Bool {
        switch self {
        case .superseded, .wrongKey, .dataKeyDestroyed, .damaged, .noWallet: true
        case .alreadyOpen, .pinRequired, .noPin, .walletExists, .tooNew, .unavailable, .vault, .guard, .entropy, .clock,
            .invalidRoot, .internal:
            false
        }
    }
}
