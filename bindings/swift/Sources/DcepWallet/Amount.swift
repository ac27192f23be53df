/// Money is counted in whole fen; nothing here makes or takes a floating-point number, and no literal is money.
extension Amount: Comparable, LosslessStringConvertible {
    /// Nothing.
    public static let zero = Amount(fen: 0)

    /// The most there can be: 2^53 - 1 fen.
    public static var largest: Amount { largestAmount() }

    /// So many fen, 1/100 yuan.
    public static func fen(_ fen: UInt64) -> Amount { Amount(fen: fen) }

    /// Reads yuan with exactly two decimals, such as `37.45`: what an amount prints.
    /// - Throws: ``AmountError``, which says why it is none.
    public static func parse(_ yuan: String) throws -> Amount { try parseAmount(yuan: yuan) }

    /// Reads yuan with exactly two decimals, such as `37.45`; `nil` for anything else.
    public init?(_ description: String) {
        guard let amount = try? Amount.parse(description) else { return nil }
        self = amount
    }

    /// Whether the left one is less money.
    public static func < (left: Amount, right: Amount) -> Bool { left.fen < right.fen }

    /// The sum.
    /// - Throws: ``AmountError/tooLarge`` above ``largest``.
    public func adding(_ other: Amount) throws(AmountError) -> Amount {
        let (sum, overflow) = fen.addingReportingOverflow(other.fen)
        guard !overflow, sum <= Amount.largest.fen else { throw .tooLarge }
        return Amount(fen: sum)
    }

    /// The difference; `nil` if the other one is more.
    public func subtracting(_ other: Amount) -> Amount? {
        other > self ? nil : Amount(fen: fen - other.fen)
    }
}
