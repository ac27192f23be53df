import DcepWallet
import Foundation
import Observation

/// One line of the history: its receipt, and giving the money back.
@MainActor @Observable
public final class EntryModel {
    public let row: HistoryRow
    /// How much of a payment to this wallet can still be given back; `nil` if nothing can.
    public private(set) var refundable: Phrase?
    /// How much the holder wants to give back. What can be is filled in.
    public var refundAmount = ""
    /// The receipt file, for a third person.
    public private(set) var receipt: Data?
    /// Holds the phones together for a refund, given or taken.
    public private(set) var handoff: HandoffModel?
    public private(set) var trouble: Phrase?

    private let wallet: Wallet
    private let entry: HistoryEntry
    private let radio: any Radio
    private let holder: HolderCheck
    /// The transfer that gives back.
    private var refundTransfer: String?

    init(_ wallet: Wallet, entry: HistoryEntry, radio: any Radio, holder: HolderCheck) {
        self.wallet = wallet
        self.entry = entry
        self.radio = radio
        self.holder = holder
        row = HistoryRow(entry)
    }

    /// Whether this payment may come back, in whole or in part, from whom it was paid to.
    public var canTakeRefund: Bool { entry.kind == .paid && entry.state != .returned }

    /// Asks the wallet what can be done about it.
    public func look() async {
        guard let transfer = entry.transfer else { return }
        receipt = try? await wallet.exportReceipt(transfer: transfer)
        guard entry.kind == .received, let left = try? await wallet.refundable(paid: transfer), left > .zero else {
            refundable = nil
            return
        }
        refundable = .yuan(left)
        refundAmount = "\(left)"
    }

    /// Gives back. It is signed now, and in doubt until the payer has it: by the tap that follows, or through the bank.
    public func refund() async {
        guard let transfer = entry.transfer else { return }
        trouble = nil
        do {
            refundTransfer = try await wallet.refund(paid: transfer, amount: .typed(refundAmount))
            let wallet = wallet
            handoff = HandoffModel(wallet, radio: radio) { try await wallet.resume(side: $0) }
            await look()
        } catch {
            trouble = Phrase(error)
        }
    }

    /// Whether the refund can be shown as a code instead.
    public var canShowCode: Bool { refundTransfer != nil }

    /// Shows the refund as a code.
    public func code() -> CodesModel {
        let refund = refundTransfer ?? ""
        return CodesModel(wallet, holder: holder) { try await $0.paymentSlip(transfer: refund) }
    }

    /// Takes what is given back of this payment.
    public func takeRefund() {
        guard let transfer = entry.transfer else { return }
        let wallet = wallet
        handoff = HandoffModel(wallet, radio: radio, side: .card) {
            try await wallet.awaitRefund(paid: transfer, side: $0)
        }
    }
}
