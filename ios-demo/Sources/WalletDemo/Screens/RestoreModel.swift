import DcepWallet
import Foundation
import Observation

/// A lost phone: the account comes back from its words, and the bank pays out what the lost phone held.
@MainActor @Observable
public final class RestoreModel {
    /// What came back.
    public struct Result: Hashable, Sendable {
        /// What is on the account, ready to be loaded; `nil` if the bank did not say.
        public let account: Phrase?
        /// What becomes of the cash on the lost phone, and when.
        public let cash: Phrase
        /// How far the backup goes, if there was one.
        public let backupFrom: Date?
        /// What it says of the lost phone's money.
        public let past: [PastRow]
        /// What the bank could not be asked; the next connection asks again.
        public let trouble: Phrase?
    }

    /// The account's words, as they were written down.
    public var words = ""
    /// A backup file, if there is one.
    public var backup: Data?
    /// The class and the registered name, where no backup remembers them.
    var walletClass = WalletClass.ii
    var shopName = ""
    /// Whether the old phone is lost, and has to be frozen.
    public var isLost = true
    public private(set) var result: Result?
    public private(set) var trouble: Phrase?
    public private(set) var isBusy = false

    private let bank: Bank
    private let platform: Platform
    private let device: any Device
    private let opened: (Wallet) -> Void
    private var wallet: Wallet?

    /// - Parameter opened: takes the wallet when the holder has read what came back.
    init(at bank: Bank, platform: Platform, device: any Device, opened: @escaping (Wallet) -> Void) {
        self.bank = bank
        self.platform = platform
        self.device = device
        self.opened = opened
    }

    /// Makes the wallet, finds the account, and freezes the lost phone.
    public func restore() async {
        guard !isBusy, wallet == nil else { return }
        isBusy = true
        defer { isBusy = false }
        trouble = nil
        do {
            let words = try AccountWords.parse(typed: Data(words.utf8))
            let restored = try await WalletFiles(in: device.folder).add(at: bank) { path in
                try await Wallet.restore(
                    path: path, platform: platform, words: words, root: bank.root, algorithm: device.algorithm,
                    backup: backup)
            }
            wallet = restored
            self.words = ""
            result = await settle(restored)
        } catch {
            trouble = Phrase(error)
        }
    }

    /// On to the wallet.
    public func done() {
        guard let wallet else { return }
        opened(wallet)
    }

    /// Each step is tried whatever became of the one before: the wish to freeze is kept, and repeated by every connection.
    private func settle(_ wallet: Wallet) async -> Result {
        let past = try? await wallet.past()
        let name = past?.name ?? (shopName.isEmpty ? nil : shopName)
        var failure: Phrase?
        func attempt(_ step: () async throws -> Void) async {
            do { try await step() } catch { failure = failure ?? Phrase(error) }
        }
        await attempt { try await wallet.enrol(walletClass: past?.walletClass ?? walletClass, name: name) }
        if isLost { await attempt { try await wallet.freezeOthers() } }
        await attempt { _ = try await wallet.sync() }
        return Result(
            account: (try? await wallet.accountBalance()).map(Phrase.yuan),
            cash: .cash(isLost: isLost, isKnown: failure == nil),
            backupFrom: past?.madeAt, past: (past?.entries ?? []).enumerated().map(PastRow.init), trouble: failure)
    }
}

extension Phrase {
    /// What becomes of the cash on the old phone.
    fileprivate static func cash(isLost: Bool, isKnown: Bool) -> Phrase {
        switch (isLost, isKnown) {
        case (false, _):
            Phrase("The cash on your other phone stays there.")
        case (true, false):
            Phrase("The bank does not know yet that your old phone is lost: connect, so that it pays nobody any more.")
        case (true, true):
            Phrase(
                "The lost phone pays nobody any more. What it held comes back to your account when the time for claims is over: that is a delay, not a loss."
            )
        }
    }
}

/// A line of the history of an earlier phone.
public struct PastRow: Identifiable, Hashable, Sendable {
    /// Its place, from the newest on.
    public let id: Int
    public let title: Phrase
    public let amount: Phrase
    public let at: Date

    init(place: Int, entry: PastEntry) {
        id = place
        title = .past(entry)
        amount = .yuan(entry.amount)
        at = entry.at
    }
}
