import Foundation

extension Data {
    /// Two small digits per byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef")
        return String(flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    /// The inverse of ``hexadecimal``; `nil` for anything else.
    package init?(hexadecimal: String) {
        let nibbles = hexadecimal.map { digit -> UInt8? in
            guard let value = digit.hexDigitValue, digit.isASCII, !digit.isUppercase else { return nil }
            return UInt8(value)
        }
        guard nibbles.count.isMultiple(of: 2) else { return nil }
        var bytes = Data(capacity: nibbles.count / 2)
        for at in stride(from: 0, to: nibbles.count, by: 2) {
            guard let high = nibbles[at], let low = nibbles[at + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        self = bytes
    }
}
