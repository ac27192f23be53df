import DcepWallet
import Foundation

extension Pin {
    /// What was typed.
    convenience init(typing text: String) throws {
        try self.init(typed: Data(text.utf8))
    }
}

/// Makes sure that it is the holder who confirms a payment.
struct HolderCheck: Sendable {
    /// Whether the vault asks by face, finger or passcode: then nobody has to type a PIN as well.
    let vaultAsks: Bool

    func asksForPin(of wallet: Wallet) async -> Bool {
        guard !vaultAsks else { return false }
        return (try? await wallet.hasPin()) ?? false
    }

    /// - Throws: `PinError`.
    func check(_ wallet: Wallet, pin: String) async throws {
        guard await asksForPin(of: wallet) else { return }
        try await wallet.checkPin(pin: Pin(typing: pin))
    }
}
