#if canImport(Security)
import DcepWalletSupport
import Foundation

/// Keeps the head of the wallet's journal in the Keychain, in items that never leave this device and are in no backup: a
/// restored or copied wallet file is found out, and its keys are retired.
public final class KeychainGuard: RollbackGuard {
    private let keeper: DeviceGuard

    /// - Parameter accessGroup: for an app and its extensions that share one wallet; the app's own if `nil`.
    public init(accessGroup: String? = nil) {
        keeper = DeviceGuard(store: SystemKeychain(accessGroup: accessGroup))
    }

    /// The head last stored for this wallet; `nil` if there is none.
    public func read(wallet: Data) throws -> Head? { try keeper.read(wallet: wallet) }

    /// Stores `head` if what is stored is `known`, in one step across all processes; returns what is stored now.
    public func advance(known: Head?, head: Head) throws -> Head { try keeper.advance(known: known, head: head) }
}
#endif
