import DcepWallet
import Observation

/// Paying and being paid without NFC, from start to end: what this phone shows, what it reads, and what comes of it.
///
/// The payee shows a request; the payer reads it, confirms, and shows the payment; the payee reads that, and shows the
/// receipt. If the receipt never gets back, the payment stays in doubt until either of them connects.
@MainActor @Observable
public final class CodesModel {
    public enum Step {
        /// Before `start`.
        case starting
        case scan(ScanModel)
        /// Whom, and how much: to be confirmed.
        case confirm(PaymentRequest)
        /// A code to be shown, perhaps with what has come of it so far.
        case show(CodeModel, Ending?)
        case over(Ending)
        /// It came to nothing.
        case failed(Phrase)
    }

    public private(set) var step = Step.starting
    /// Why the last confirmation came to nothing.
    public private(set) var trouble: Phrase?
    /// How much the holder chooses to pay, where the request leaves that open.
    public var amount = ""

    private let wallet: Wallet
    private let holder: HolderCheck
    private let shows: ((Wallet) async throws -> Slip?)?
    private var request: Slip?

    /// - Parameter shows: what is shown first, a request, a payment in doubt, a refund; `nil`: it begins with reading whatever
    ///   the other phone shows.
    init(_ wallet: Wallet, holder: HolderCheck, shows: ((Wallet) async throws -> Slip?)? = nil) {
        self.wallet = wallet
        self.holder = holder
        self.shows = shows
    }

    /// Shows the first code, or begins to read.
    public func start() async {
        guard case .starting = step else { return }
        guard let shows else { return scan() }
        do {
            guard let slip = try await shows(wallet) else { throw ReceiptError.noReceipt }
            step = .show(try CodeModel(slip), nil)
        } catch {
            step = .failed(Phrase(error))
        }
    }

    /// Reads what the other phone shows.
    public func scan() {
        do {
            step = .scan(try ScanModel { [weak self] in await self?.take($0) })
        } catch {
            step = .failed(Phrase(error))
        }
    }

    /// Whether the wallet's PIN is the way to confirm.
    public func asksForPin() async -> Bool { await holder.asksForPin(of: wallet) }

    /// What the payer is asked, as a sentence.
    public var asked: Phrase? {
        if case .confirm(let request) = step { .asked(request) } else { nil }
    }

    /// Whether the holder has to choose the amount.
    public var leavesAmount: Bool {
        if case .confirm(let request) = step { request.amount == nil } else { false }
    }

    /// Agrees to what was asked, or to the amount that the holder chose. From now on the payment is in doubt.
    public func confirm(pin: String = "") async {
        guard case .confirm(let asked) = step, let request else { return }
        trouble = nil
        do {
            let agreed = try asked.amount ?? .typed(amount)
            try await holder.check(wallet, pin: pin)
            let payment = try await wallet.payRequest(
                slip: request, consent: .to(request: asked.id, amount: agreed))
            step = .show(try CodeModel(payment.slip), nil)
        } catch {
            trouble = Phrase(error)
        }
    }

    private func take(_ slip: Slip) async {
        do {
            switch try slip.kind() {
            case .request:
                step = .confirm(try await wallet.readRequest(slip: slip))
                request = slip
            case .payment, .refund:
                try finish(try await wallet.takeSlip(slip: slip), isPayee: true)
            case .receipt:
                try finish(try await wallet.takeSlip(slip: slip), isPayee: false)
            }
        } catch {
            step = .failed(Phrase(error))
        }
    }

    private func finish(_ taken: TakenSlip, isPayee: Bool) throws {
        let ending = Ending(taken.outcome, isPayee: isPayee, isRepeated: taken.repeated)
        step = if let answer = taken.answer { .show(try CodeModel(answer), ending) } else { .over(ending) }
    }
}
