import DcepWallet
import Foundation
import Observation

/// The PIN, locking, and the backup.
@MainActor @Observable
public final class SettingsModel {
    public private(set) var hasPin = false
    /// The PIN as it is, where it has to be given once more.
    public var old = ""
    /// The new one, twice.
    public var new = ""
    public var again = ""
    public private(set) var done: Phrase?
    public private(set) var trouble: Phrase?
    /// The encrypted backup, once it was made: a file that only the account's words open.
    public private(set) var backup: Data?

    private let wallet: Wallet

    init(_ wallet: Wallet) {
        self.wallet = wallet
    }

    public func refresh() async {
        hasPin = (try? await wallet.hasPin()) ?? false
    }

    public func setPin() async {
        await change(Phrase("From now on your PIN opens this wallet.")) {
            try await wallet.setPin(pin: newPin())
        }
    }

    public func changePin() async {
        await change(Phrase("Your PIN is changed.")) {
            try await wallet.changePin(old: Pin(typing: old), new: newPin())
        }
    }

    public func removePin() async {
        await change(Phrase("This wallet has no PIN any more.")) {
            try await wallet.removePin(pin: Pin(typing: old))
        }
    }

    /// Makes a backup. It holds no money and no keys.
    public func makeBackup() async {
        do {
            backup = try await wallet.backup()
            trouble = nil
        } catch {
            trouble = Phrase(error)
        }
    }

    private func newPin() throws -> Pin {
        guard new == again else { throw Trouble.differentPins }
        return try Pin(typing: new)
    }

    private func change(_ success: Phrase, _ call: () async throws -> Void) async {
        (done, trouble) = (nil, nil)
        do {
            try await call()
            done = success
        } catch {
            trouble = Phrase(error)
        }
        (old, new, again) = ("", "", "")
        await refresh()
    }
}
