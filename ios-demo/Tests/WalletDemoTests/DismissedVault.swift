import DcepWallet
import Foundation

/// A vault whose holder says no to every payment.
final class DismissedVault: KeyVault {
    private let inner: SoftwareVault

    init() throws {
        inner = try SoftwareVault(master: Data(repeating: 7, count: 32))
    }

    func createKey(wallet: Data, algorithm: Algorithm) throws -> VaultKey {
        try inner.createKey(wallet: wallet, algorithm: algorithm)
    }
    func signAll(requests: [SignRequest]) throws -> [Data] { try inner.signAll(requests: requests) }
    func listKeys(wallet: Data) throws -> [Data]? { try inner.listKeys(wallet: wallet) }
    func deleteKey(handle: Data) throws -> Data { try inner.deleteKey(handle: handle) }
    func authorize(what: Confirmation) throws -> Amount { throw VaultError.userCancelled }
    func wrap(dataKey: Data) throws -> Data { try inner.wrap(dataKey: dataKey) }
    func unwrap(wrapped: Data) throws -> Data { try inner.unwrap(wrapped: wrapped) }
}
