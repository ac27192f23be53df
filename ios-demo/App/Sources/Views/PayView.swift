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
                    CodesView(model: scan())
                } label: {
                    Label("Scan a code", systemImage: "qrcode.viewfinder")
                }
            }
        }
    }

    private var confirmation: some View {
        Form {
            Section {
                ConfirmTap(model: model)
            } footer: {
                Text("Nothing is signed yet. Confirm, then hold the phones together again.")
            }
        }
    }
}
