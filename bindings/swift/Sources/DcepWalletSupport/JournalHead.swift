import Foundation

/// The head of a wallet's journal, as the guard stores it.
package struct JournalHead: Equatable, Sendable {
    /// Whose journal: 16 bytes.
    package let wallet: Data
    /// How many commits it has.
    package let number: UInt64
    /// The digest over all of them: 32 bytes.
    package let digest: Data

    private static let version: UInt8 = 1
    private static let walletLength = 16
    private static let digestLength = 32
    private static let length = 1 + walletLength + 8 + digestLength

    /// - Returns: `nil` unless the wallet has 16 bytes and the digest 32.
    package init?(wallet: Data, number: UInt64, digest: Data) {
        guard wallet.count == Self.walletLength, digest.count == Self.digestLength else { return nil }
        self.wallet = wallet
        self.number = number
        self.digest = digest
    }

    /// One version byte, the wallet, the number with its highest byte first, the digest.
    package var encoded: Data {
        var bytes = Data([Self.version])
        bytes.append(wallet)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
        bytes.append(digest)
        return bytes
    }

    /// The inverse of ``encoded``; `nil` for any other bytes.
    package init?(encoded: Data) {
        let bytes = [UInt8](encoded)
        guard bytes.count == Self.length, bytes.first == Self.version else { return nil }
        let number = 1 + Self.walletLength
        let digest = number + 8
        self.wallet = Data(bytes[1..<number])
        self.number = bytes[number..<digest].reduce(0) { $0 << 8 | UInt64($1) }
        self.digest = Data(bytes[digest...])
    }
}
