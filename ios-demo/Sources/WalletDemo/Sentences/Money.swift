import DcepWallet
import Foundation

extension Phrase {
    /// An amount of money, for eyes and for ears.
    static func yuan(_ amount: Amount) -> Phrase { Phrase("%@ yuan", .verbatim(amount)) }
}

extension Amount {
    /// Reads an amount as people type it: `37`, `37.4` and `37,40` are written out as the core reads them.
    /// - Throws: `AmountError`.
    static func typed(_ text: String) throws -> Amount {
        let plain = text.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: ",", with: ".")
        let parts = plain.split(separator: ".", omittingEmptySubsequences: false)
        return switch (parts.count, parts.last?.count ?? 0) {
        case (1, 1...): try .parse(plain + ".00")
        case (2, 1): try .parse(plain + "0")
        default: try .parse(plain)
        }
    }

    /// The same, where an empty field means that the amount is left open.
    static func typedOrOpen(_ text: String) throws -> Amount? {
        text.allSatisfy(\.isWhitespace) ? nil : try .typed(text)
    }
}
