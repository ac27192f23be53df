import DcepWallet
import Observation

/// The lock screen. Wrong PINs slow down, and never destroy.
@MainActor @Observable
public final class LockModel {
    public var pin = ""
    /// In how many seconds a PIN may be tried; 0: now.
    public private(set) var wait: UInt64 = 0
    public private(set) var trouble: Phrase?
    public private(set) var isBusy = false

    private let locked: LockedWallet
    private let opened: (Wallet) -> Void

    /// - Parameter opened: takes the wallet once its PIN has opened it.
    init(_ locked: LockedWallet, opened: @escaping (Wallet) -> Void) {
        self.locked = locked
        self.opened = opened
    }

    public var hasToWait: Bool { wait > 0 }

    /// When the next PIN may be tried, as a sentence.
    public var waiting: Phrase? {
        hasToWait ? Phrase("Seconds until you can try again: %@", .verbatim(wait)) : nil
    }

    /// Asks the wallet how long it still wants to wait.
    public func look() async {
        wait = (try? await locked.secondsUntilTry()) ?? 0
    }

    public func unlock() async {
        guard !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        let typed = pin
        pin = ""
        do {
            let wallet = try await locked.unlock(pin: Pin(typing: typed))
            trouble = nil
            opened(wallet)
        } catch {
            trouble = Phrase(error)
            await look()
        }
    }
}
