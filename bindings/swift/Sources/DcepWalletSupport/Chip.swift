import Foundation

/// The little that the vault needs of a security chip: on a phone, the Secure Enclave.
///
/// A key is handed out as a *blob*, which only the chip that made it can use, and which the vault keeps for it.
package protocol Chip: Sendable {
    /// A new P-256 key that signs.
    func makeSigningKey() throws(VaultFailure) -> (blob: Data, publicKey: Data)

    /// An ECDSA signature, in DER or as 64 bytes, over the SHA-256 of the message.
    func sign(_ message: Data, with blob: Data) throws(VaultFailure) -> Data

    /// A new key that seals and opens.
    func makeSealingKey() throws(VaultFailure) -> Data

    /// Encrypts, so that only the chip with this key can open it, and only beside the same `context`.
    func seal(_ secret: Data, context: Data, with blob: Data) throws(VaultFailure) -> Data

    /// The inverse of `seal`.
    /// - Throws: ``VaultFailure/wrongKey`` for anything that was not sealed with this key and this context.
    func open(_ sealed: Data, context: Data, with blob: Data) throws(VaultFailure) -> Data
}

/// Why the vault did not do what it was asked. What each means to the wallet stands in the core's `VaultError`.
package enum VaultFailure: Error, Equatable, Sendable {
    case userCancelled
    case locked
    case keyInvalidated
    case unavailable
    case wrongKey
}
