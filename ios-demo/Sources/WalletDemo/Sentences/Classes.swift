import DcepWallet

/// The classes that a bank gives: the better it knows its customer, the wider the limits.
extension WalletClass {
    /// All of them, to choose from.
    public static let choices: [WalletClass] = [.i, .ii, .iii, .iv]

    /// What a person has to bring.
    public var condition: Phrase {
        switch self {
        case .i: Phrase("Class I: opened at the counter")
        case .ii: Phrase("Class II: identity and bank account checked")
        case .iii: Phrase("Class III: identity checked")
        case .iv: Phrase("Class IV: a phone number only")
        }
    }

    var numeral: String {
        switch self {
        case .i: "I"
        case .ii: "II"
        case .iii: "III"
        case .iv: "IV"
        }
    }
}
