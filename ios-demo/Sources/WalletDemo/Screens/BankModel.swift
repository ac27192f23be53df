import DcepWallet
import Observation

/// Everything that the bank is asked.
@MainActor @Observable
public final class BankModel {
    /// How much is on the account, as the bank last said.
    public private(set) var account: Phrase?
    public private(set) var freshness: Phrase?
    /// What the last call came to.
    public private(set) var result: [Phrase] = []
    /// Whether that went wrong.
    public private(set) var hasFailed = false
    public private(set) var isBusy = false
    /// What is to be loaded or deposited.
    public var amount = ""
    /// Whether the account has still to be opened.
    public private(set) var needsAccount = false
    /// With which class it is opened.
    public var walletClass = WalletClass.ii
    /// The registered name of a shop; empty for a person.
    public var shopName = ""

    private let wallet: Wallet

    init(_ wallet: Wallet) {
        self.wallet = wallet
    }

    /// What the wallet knows by itself.
    public func refresh() async {
        freshness = (try? await wallet.freshness()).map(Phrase.freshness)
        needsAccount = await wallet.needsAccount()
    }

    /// Opens the account, or finds it again.
    public func enrol() async {
        let (walletClass, name) = (walletClass, shopName.isEmpty ? nil : shopName)
        await ask { wallet in
            try await wallet.enrol(walletClass: walletClass, name: name)
            return [Phrase("Your account is open.")]
        }
    }

    /// Connects: everything is settled that can be, and what was torn is mended.
    public func connect() async {
        await ask { wallet in Phrase.sentences(of: try await wallet.sync()) }
    }

    /// Account money becomes cash on this phone.
    public func load() async {
        let typed = amount
        await ask { wallet in
            let amount = try Amount.typed(typed)
            try await wallet.load(amount: amount)
            return [Phrase("Loaded %@.", .yuan(amount))]
        }
    }

    /// Cash becomes account money: the amount, or everything if none was typed.
    public func deposit() async {
        let typed = amount
        await ask { wallet in
            let credited = try await wallet.deposit(amount: .typedOrOpen(typed))
            return [Phrase("Deposited %@.", .yuan(credited))]
        }
    }

    /// Declares every other phone of the account lost.
    public func freezeOthers() async {
        await ask { wallet in
            try await wallet.freezeOthers()
            return [Phrase("Your other phones are frozen. What they hold comes back to your account.")]
        }
    }

    private func ask(_ call: (Wallet) async throws -> [Phrase]) async {
        guard !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        do {
            result = try await call(wallet)
            hasFailed = false
            amount = ""
        } catch {
            result = [Phrase(error)]
            hasFailed = true
        }
        await refresh()
        // Without the bank, what it said before is no longer known to hold.
        account = (try? await wallet.accountBalance()).map(Phrase.yuan)
    }
}

extension Wallet {
    /// Whether it has no account with a bank yet.
    func needsAccount() async -> Bool {
        do {
            _ = try await limits()
            return false
        } catch {
            return error as? WalletError == .notEnrolled
        }
    }
}

extension Phrase {
    /// What a sync did, one sentence for each thing that the holder may care about.
    fileprivate static func sentences(of report: SyncReport) -> [Phrase] {
        var said: [Phrase] = []
        func say(_ count: UInt32, _ key: (Phrase) -> Phrase) {
            if count > 0 { said.append(key(.verbatim(count))) }
        }
        say(report.recorded) { Phrase("Payments that the bank put on record: %@", $0) }
        say(report.doubtsEnded) { Phrase("Doubts that ended: %@", $0) }
        say(report.delivered) { Phrase("Payments that the bank delivered to you: %@", $0) }
        say(report.answered) { Phrase("Orders that the bank answered: %@", $0) }
        say(report.accused) { Phrase("Proofs of double payments that were handed in: %@", $0) }
        if report.retired { said.append(Phrase("The bank knows that old keys of this wallet are out of use.")) }
        if report.refreshed > .zero { said.append(Phrase("Exchanged for fresh money: %@", .yuan(report.refreshed))) }
        return said.isEmpty ? [Phrase("Everything is settled.")] : said
    }
}
