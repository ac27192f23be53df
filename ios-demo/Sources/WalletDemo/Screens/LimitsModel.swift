import DcepWallet
import Observation

/// The limits, as sentences and bars.
@MainActor @Observable
public final class LimitsModel {
    public private(set) var rows: [LimitRow] = []
    /// The class of the wallet, and whose rules these are.
    public private(set) var title: Phrase?
    public private(set) var trouble: Phrase?

    private let wallet: Wallet

    init(_ wallet: Wallet) {
        self.wallet = wallet
    }

    public func refresh() async {
        do {
            let limits = try await wallet.limits()
            rows = limits.limits.compactMap(LimitRow.init)
            title = Phrase(
                "Wallet of class %1$@, after the rules %2$@", .verbatim(limits.walletClass.numeral),
                .verbatim(limits.profile))
            trouble = nil
        } catch {
            trouble = Phrase(error)
        }
    }
}
