import SwiftUI
import WalletDemo

/// Paying by tap, or by a code.
struct PayView: View {
    @State var model: PayModel
    /// Reads the payee's code instead.
    let scan: () -> CodesModel

    var body: some View {
        Group {
            switch model.step {
            case .tap: HandoffView(model: model.handoff)
            case .confirm, .chooseAmount: confirmation
            }
        }
        .navigationTitle("Pay")
        .toolbar {
            ToolbarItem(placement: .primaryAction) {
                NavigationLink {
                    CodesView { scan() }
                } label: {
                    Label("Scan a code", systemImage: "qrcode.viewfinder")
                }
            }
        }
    }

    private var confirmation: some View {
        ConfirmForm(
            asked: model.asked, leavesAmount: model.leavesAmount, amount: $model.amount, trouble: model.trouble,
            footer: "Nothing is signed yet. Confirm, then hold the phones together again.",
            asksForPin: { await model.asksForPin() }, confirm: { await model.confirm(pin: $0) })
    }
}
