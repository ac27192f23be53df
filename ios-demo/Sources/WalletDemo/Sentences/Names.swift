import DcepWallet

extension Phrase {
    /// Whom somebody pays, with a mark on a name that nobody has checked.
    static func payee(_ name: PayeeName) -> Phrase {
        switch name {
        case .unnamed: Phrase("somebody")
        case .registered(let name): .verbatim(name)
        case .unverified(let claimed): Phrase("“%@” (name not checked)", .verbatim(claimed))
        }
    }
}
