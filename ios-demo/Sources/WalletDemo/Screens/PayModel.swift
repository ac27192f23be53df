import DcepWallet
import Observation

/// Paying by tap.
///
/// The first tap carries no consent: what the policy permits without one is paid at once. Above that nothing is signed, and
/// the holder is shown who asks and how much; then the second tap pays that very request.
@MainActor @Observable
public final class PayModel {
    public enum Step: Hashable, Sendable {
        case tap
        /// To be confirmed: this request, of this amount.
        case confirm(PaymentRequest, Amount)
        /// The payee leaves the amount to the payer.
        case chooseAmount(PaymentRequest)
    }

    /// What the holder has to do next.
    public var step: Step {
        guard case .declined(let error, let request?) = handoff.outcome else { return .tap }
        return switch error {
        case .confirmOnDevice(let amount): .confirm(request, amount)
        case .amountOpen: .chooseAmount(request)
        default: .tap
        }
    }

    /// The tap, on the step of that name.
    public private(set) var handoff: HandoffModel
    /// Why the last confirmation came to nothing.
    public private(set) var trouble: Phrase?
    /// How much the holder chooses to pay, where that is left open.
    public var amount = ""

    private let wallet: Wallet
    private let radio: any Radio
    private let holder: HolderCheck

    init(_ wallet: Wallet, radio: any Radio, holder: HolderCheck) {
        self.wallet = wallet
        self.radio = radio
        self.holder = holder
        handoff = HandoffModel(wallet, radio: radio) { side in
            try await wallet.pay(consent: .unconfirmed, side: side)
        }
    }

    /// Who asks and how much, as a sentence.
    public var asked: Phrase? {
        switch step {
        case .tap: nil
        case .confirm(let request, _), .chooseAmount(let request): .asked(request)
        }
    }

    /// Whether the holder has to choose the amount.
    public var leavesAmount: Bool {
        if case .chooseAmount = step { true } else { false }
    }

    /// Whether the wallet's PIN is the way to confirm; else the device asks, by face, finger or passcode.
    public func asksForPin() async -> Bool { await holder.asksForPin(of: wallet) }

    /// Agrees to what was asked, or to the amount that the holder chose. Then the phones are held together again.
    public func confirm(pin: String = "") async {
        trouble = nil
        do {
            let (request, amount) = try agreed()
            try await holder.check(wallet, pin: pin)
            // The vault asks the holder now, before the tap.
            let consent = Consent.to(request: request.id, amount: amount)
            let side = handoff.side
            let paying = try await wallet.pay(consent: consent, side: side)
            let wallet = wallet
            handoff = HandoffModel(wallet, radio: radio, side: side) { chosen in
                chosen == side ? paying : try await wallet.pay(consent: consent, side: chosen)
            }
        } catch {
            trouble = Phrase(error)
        }
    }

    private func agreed() throws -> (PaymentRequest, Amount) {
        switch step {
        case .tap: throw PayError.nothingAsked
        case .confirm(let request, let amount): (request, amount)
        case .chooseAmount(let request): (request, try .typed(amount))
        }
    }
}
