// Of CryptoKit: declarations to compile against. Nothing here computes: every call fails.
import Foundation
import LocalAuthentication
import Security

public struct NotHere: Error {}

public struct SHA256: Sendable {}

public struct SymmetricKey: Sendable {}

public struct SharedSecret: Sendable {
    public func hkdfDerivedSymmetricKey<Salt: DataProtocol, Info: DataProtocol>(
        using hashFunction: SHA256.Type, salt: Salt, sharedInfo: Info, outputByteCount: Int
    ) -> SymmetricKey { SymmetricKey() }
}

public enum ChaChaPoly {
    public struct SealedBox: Sendable {
        public let combined: Data
        public init<D: DataProtocol>(combined: D) throws { self.combined = Data(combined) }
    }

    public static func seal<Plaintext: DataProtocol, AuthenticatedData: DataProtocol>(
        _ message: Plaintext, using key: SymmetricKey, authenticating authenticatedData: AuthenticatedData
    ) throws -> SealedBox { throw NotHere() }

    public static func open<AuthenticatedData: DataProtocol>(
        _ sealedBox: SealedBox, using key: SymmetricKey, authenticating authenticatedData: AuthenticatedData
    ) throws -> Data { throw NotHere() }
}

public enum P256 {
    public enum Signing {
        public struct PublicKey: Sendable {
            public let x963Representation: Data
        }

        public struct ECDSASignature: Sendable {
            public let derRepresentation: Data
        }
    }

    public enum KeyAgreement {
        public struct PublicKey: Sendable {
            public let x963Representation: Data
            public init<Bytes: ContiguousBytes>(x963Representation: Bytes) throws { throw NotHere() }
            fileprivate init() { x963Representation = Data() }
        }

        public struct PrivateKey: Sendable {
            public let publicKey = PublicKey()
            public init(compactRepresentable: Bool = true) {}
            public func sharedSecretFromKeyAgreement(with publicKeyShare: PublicKey) throws -> SharedSecret {
                throw NotHere()
            }
        }
    }
}

public enum SecureEnclave {
    public static var isAvailable: Bool { false }

    public enum P256 {
        public enum Signing {
            public struct PrivateKey: Sendable {
                public let publicKey: CryptoKit.P256.Signing.PublicKey
                public let dataRepresentation: Data
                public init(
                    compactRepresentable: Bool = true, accessControl: SecAccessControl,
                    authenticationContext: LAContext? = nil
                ) throws { throw NotHere() }
                public init(dataRepresentation: Data, authenticationContext: LAContext? = nil) throws {
                    throw NotHere()
                }
                public func signature<D: DataProtocol>(for data: D) throws -> CryptoKit.P256.Signing.ECDSASignature {
                    throw NotHere()
                }
            }
        }

        public enum KeyAgreement {
            public struct PrivateKey: Sendable {
                public let publicKey: CryptoKit.P256.KeyAgreement.PublicKey
                public let dataRepresentation: Data
                public init(
                    compactRepresentable: Bool = true, accessControl: SecAccessControl,
                    authenticationContext: LAContext? = nil
                ) throws { throw NotHere() }
                public init(dataRepresentation: Data, authenticationContext: LAContext? = nil) throws {
                    throw NotHere()
                }
                public func sharedSecretFromKeyAgreement(
                    with publicKeyShare: CryptoKit.P256.KeyAgreement.PublicKey
                ) throws -> SharedSecret { throw NotHere() }
            }
        }
    }
}
