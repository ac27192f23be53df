import SwiftUI
import WalletDemo

/// Whom, and how much: to be seen before anything is signed. The same for a tap and for a code.
struct ConfirmFields: View {
    let asked: Phrase?
    /// Whether the payee leaves the amount to the payer.
    let leavesAmount: Bool
    @Binding var amount: String
    let trouble: Phrase?
    let asksForPin: @MainActor () async -> Bool
    let confirm: @MainActor (_ pin: String) async -> Void

    @State private var pin = ""
    @State private var needsPin = false

    var body: some View {
        if let asked {
            Text(asked)
                .font(.title2)
                .task { needsPin = await asksForPin() }
        }
        if leavesAmount { AmountField("Amount", amount: $amount) }
        if needsPin { SecureField("PIN", text: $pin) }
        TroubleLabel(trouble: trouble)
        ActionButton("Confirm") { await confirm(pin) }
    }
}

/// For a payment by tap.
struct ConfirmTap: View {
    @Bindable var model: PayModel

    var body: some View {
        ConfirmFields(
            asked: model.asked, leavesAmount: model.leavesAmount, amount: $model.amount, trouble: model.trouble,
            asksForPin: { await model.asksForPin() }, confirm: { await model.confirm(pin: $0) })
    }
}

/// For a payment by code.
struct ConfirmCode: View {
    @Bindable var model: CodesModel

    var body: some View {
        ConfirmFields(
            asked: model.asked, leavesAmount: model.leavesAmount, amount: $model.amount, trouble: model.trouble,
            asksForPin: { await model.asksForPin() }, confirm: { await model.confirm(pin: $0) })
    }
}
