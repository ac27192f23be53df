import DcepWallet
import Foundation
import Observation

/// The first screen of all: try it alone, open an account with a bank, or restore one.
@MainActor @Observable
public final class WelcomeModel {
    /// The bank's address.
    public var address = ""
    /// The issuer's root key. An app of a bank has it built in; whoever fetches it, makes whoever answers the issuer.
    public var root = ""
    /// The better the bank knows its customer, the wider the limits.
    public var walletClass = WalletClass.ii
    /// The registered name of a shop; empty for a person.
    public var shopName = ""
    /// Why it went no further.
    public internal(set) var trouble: Phrase?

    init(_ known: Bank?) {
        address = known?.address.absoluteString ?? ""
        root = known?.root ?? ""
    }

    func bank() throws -> Bank {
        let typed = address.trimmingCharacters(in: .whitespaces)
        guard let address = URL(string: typed) else { throw Trouble.noBankAddress }
        return Bank(address: address, root: root.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
