import DcepWallet
import Observation

/// Being paid: an amount is asked for, then the phones are held together, or a code is shown.
@MainActor @Observable
public final class ReceiveModel {
    /// What is asked for; empty leaves it to the payer.
    public var amount = ""
    /// What the holder calls itself; empty for no name.
    public var name = ""
    /// The request, once there is one.
    public private(set) var request: PaymentRequest?
    /// The tap, once there is a request.
    public private(set) var handoff: HandoffModel?
    /// Requests from before that nobody has paid yet.
    public private(set) var open: [PaymentRequest] = []
    /// Why there is no request.
    public private(set) var trouble: Phrase?

    private let wallet: Wallet
    private let radio: any Radio
    private let holder: HolderCheck

    init(_ wallet: Wallet, radio: any Radio, holder: HolderCheck) {
        self.wallet = wallet
        self.radio = radio
        self.holder = holder
    }

    /// The request as a sentence.
    public var asked: Phrase? { request.map(Phrase.asking) }

    /// Makes the request.
    public func ask() async {
        trouble = nil
        do {
            let asked = try await wallet.request(amount: .typedOrOpen(amount), name: name.isEmpty ? nil : name)
            show(asked)
        } catch {
            trouble = Phrase(error)
        }
    }

    /// Requests that nobody has paid yet, from before.
    public func look() async {
        open = (try? await wallet.openRequests()) ?? []
    }

    /// One of them as a sentence.
    public func sentence(of request: PaymentRequest) -> Phrase { .asking(request) }

    /// Goes on with a request from before.
    public func show(_ request: PaymentRequest) {
        self.request = request
        let wallet = wallet
        // Whoever pays is usually the reader.
        handoff = HandoffModel(wallet, radio: radio, side: .card) { side in
            try await wallet.receive(request: request.id, side: side)
        }
    }

    /// Shows the request as a code.
    public func code() -> CodesModel {
        let id = request?.id ?? ""
        return CodesModel(wallet, holder: holder) { try await $0.requestSlip(request: id) }
    }

    /// Asks for this no more.
    public func withdraw() async {
        guard let request else { return }
        do {
            try await wallet.withdraw(request: request.id)
            self.request = nil
            handoff = nil
        } catch {
            trouble = Phrase(error)
        }
    }
}
