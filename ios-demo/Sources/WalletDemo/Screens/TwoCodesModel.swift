import DcepWallet
import Observation

/// A payment by codes between the two phones of one screen: whoever shows a code, the other one reads it.
@MainActor @Observable
public final class TwoCodesModel {
    public let payer: CodesModel
    public let payee: CodesModel
    /// Whether it is the payer whose code is read next.
    private var payerShows = false

    /// More frames than any code needs whose every frame is seen.
    private static let patience = 1_000

    init(payer: CodesModel, payee: CodesModel) {
        self.payer = payer
        self.payee = payee
    }

    /// The payee shows its request, and the payer begins to read.
    func start() async {
        await payee.start()
        await payer.start()
    }

    /// The camera of the one phone sees the code of the other, until it has read it.
    public func look() async {
        let (from, to) = payerShows ? (payer, payee) : (payee, payer)
        guard case .show(let code, _) = from.step else { return }
        to.scan()
        guard case .scan(let scan) = to.step else { return }
        for _ in 0..<Self.patience {
            guard let text = try? code.text() else { return }
            await scan.see(text)
            guard case .scan = to.step else { break }
            code.next()
        }
        payerShows.toggle()
    }
}
