#if canImport(CryptoKit) && canImport(Security)
import CryptoKit
import Foundation
import Security

/// The Secure Enclave. Its keys sign only while the device is unlocked, and go when the passcode is taken away.
///
/// Nothing it says is taken for a destroyed key: a blob that cannot be used now may be usable later, and a key that is
/// said to be destroyed is retired for ever.
package struct SecureEnclaveChip: Chip {
    /// - Returns: `nil` on a device without one, the simulator's for example.
    package init?() {
        guard SecureEnclave.isAvailable else { return nil }
    }

    package func makeSigningKey() throws(VaultFailure) -> (blob: Data, publicKey: Data) {
        let access = try access()
        return try use {
            let key = try SecureEnclave.P256.Signing.PrivateKey(accessControl: access)
            return (key.dataRepresentation, key.publicKey.x963Representation)
        }
    }

    package func sign(_ message: Data, with blob: Data) throws(VaultFailure) -> Data {
        try use {
            let key = try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: blob)
            return try key.signature(for: message).derRepresentation
        }
    }

    package func makeSealingKey() throws(VaultFailure) -> Data {
        let access = try access()
        return try use {
            try SecureEnclave.P256.KeyAgreement.PrivateKey(accessControl: access).dataRepresentation
        }
    }

    package func seal(_ secret: Data, context: Data, with blob: Data) throws(VaultFailure) -> Data {
        try use {
            let recipient = try SecureEnclave.P256.KeyAgreement.PrivateKey(dataRepresentation: blob).publicKey
            let once = P256.KeyAgreement.PrivateKey()
            let shared = try once.sharedSecretFromKeyAgreement(with: recipient)
            let sender = once.publicKey.x963Representation
            let key = Self.key(from: shared, sender: sender, recipient: recipient.x963Representation)
            return sender + (try ChaChaPoly.seal(secret, using: key, authenticating: context).combined)
        }
    }

    package func open(_ sealed: Data, context: Data, with blob: Data) throws(VaultFailure) -> Data {
        let sender = Data(sealed.prefix(Self.pointLength))
        guard let once = try? P256.KeyAgreement.PublicKey(x963Representation: sender),
            let box = try? ChaChaPoly.SealedBox(combined: Data(sealed.dropFirst(Self.pointLength)))
        else { throw .wrongKey }
        let key = try use {
            let own = try SecureEnclave.P256.KeyAgreement.PrivateKey(dataRepresentation: blob)
            let shared = try own.sharedSecretFromKeyAgreement(with: once)
            return Self.key(from: shared, sender: sender, recipient: own.publicKey.x963Representation)
        }
        guard let secret = try? ChaChaPoly.open(box, using: key, authenticating: context) else { throw .wrongKey }
        return secret
    }

    /// An uncompressed point of P-256.
    private static let pointLength = 65

    private static func key(from shared: SharedSecret, sender: Data, recipient: Data) -> SymmetricKey {
        shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: Data("dcep-wallet.seal".utf8), sharedInfo: sender + recipient,
            outputByteCount: 32)
    }

    private func access() throws(VaultFailure) -> SecAccessControl {
        let access = SecAccessControlCreateWithFlags(
            nil, kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly, .privateKeyUsage, nil)
        guard let access else { throw .unavailable }
        return access
    }

    private func use<T>(_ work: () throws -> T) throws(VaultFailure) -> T {
        do {
            return try work()
        } catch {
            let number = (error as NSError).code
            throw number == Int(errSecInteractionNotAllowed) ? .locked : .unavailable
        }
    }
}
#endif
