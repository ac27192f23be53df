import SwiftUI
import WalletDemo

/// Whom, and how much: to be seen before anything is signed. The same for a tap and for a code.
struct ConfirmForm: View {
    let asked: Phrase?
    /// Whether the payee leaves the amount to the payer.
    let leavesAmount: Bool
    @Binding var amount: String
    let trouble: Phrase?
    let footer: LocalizedStringKey
    let asksForPin: @MainActor () async -> Bool
    let confirm: @MainActor (_ pin: String) async -> Void

    @State private var pin = ""
    @State private var needsPin = false

    var body: some View {
        Form {
            Section {
                if let asked {
                    Text(asked)
                        .font(.title2)
                }
                if leavesAmount { AmountField("Amount", amount: $amount) }
                if needsPin { SecureField("PIN", text: $pin) }
                TroubleLabel(trouble: trouble)
            } footer: {
                Text(footer)
            }
            Section {
                ActionButton("Confirm") { await confirm(pin) }
            }
        }
        .task { needsPin = await asksForPin() }
    }
}
