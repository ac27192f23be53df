#if canImport(CryptoKit) && canImport(Security) && canImport(LocalAuthentication)
import DcepWalletSupport
import Foundation

/// Keeps the wallet's keys in the Secure Enclave, and asks the holder by face, finger or passcode.
///
/// Its keys are P-256: give the wallet ``Algorithm/p256``. They are in no backup, work only while the device is unlocked, and
/// are gone for ever when the passcode is taken away; the bank then pays out what they held.
public final class SecureEnclaveVault: KeyVault {
    private let vault: DeviceVault

    /// - Parameters:
    ///   - accessGroup: for an app and its extensions that share one wallet; the app's own if `nil`.
    ///   - reason: what the prompt says; "Pay 37.45 yuan" in the user's language if left out.
    /// - Returns: `nil` on a device without a Secure Enclave, the simulator's for example.
    public init?(
        accessGroup: String? = nil,
        reason: @escaping @Sendable (Confirmation) -> String = { $0.sentence(.preferred) }
    ) {
        guard let chip = SecureEnclaveChip() else { return nil }
        vault = DeviceVault(
            chip: chip, store: SystemKeychain(accessGroup: accessGroup),
            confirm: { what throws(VaultFailure) in try HolderPrompt().confirm(reason: reason(what)) })
    }

    /// Makes a signing key. Only ``Algorithm/p256``.
    public func createKey(wallet: Data, algorithm: Algorithm) throws -> VaultKey {
        try vault.createKey(wallet: wallet, algorithm: algorithm)
    }

    /// Signs all of the messages, or none. Asks nobody: the holder has agreed before.
    public func signAll(requests: [SignRequest]) throws -> [Data] { try vault.signAll(requests: requests) }

    /// The handles of the wallet's keys.
    public func listKeys(wallet: Data) throws -> [Data]? { try vault.listKeys(wallet: wallet) }

    /// Forgets a key for ever.
    public func deleteKey(handle: Data) throws -> Data { try vault.deleteKey(handle: handle) }

    /// Shows the system's prompt and waits for the answer. Not on the main thread.
    public func authorize(what: Confirmation) throws -> Amount { try vault.authorize(what: what) }

    /// Wraps the wallet's data key with a key of the Secure Enclave.
    public func wrap(dataKey: Data) throws -> Data { try vault.wrap(dataKey: dataKey) }

    /// The inverse of `wrap`.
    public func unwrap(wrapped: Data) throws -> Data { try vault.unwrap(wrapped: wrapped) }
}

extension Platform {
    /// What this device has to lend to a wallet: its Secure Enclave, its Keychain, and a line to the bank.
    /// - Parameters:
    ///   - bank: such as `https://bank.example`.
    ///   - accessGroup: for an app and its extensions that share one wallet; the app's own if `nil`.
    /// - Returns: `nil` on a device without a Secure Enclave, and for an address that is not `https`.
    public static func device(bank: URL, accessGroup: String? = nil) -> Platform? {
        guard let vault = SecureEnclaveVault(accessGroup: accessGroup), let bank = HttpBank(bank) else { return nil }
        return Platform(vault: vault, guard: KeychainGuard(accessGroup: accessGroup), bank: bank)
    }
}
#endif
