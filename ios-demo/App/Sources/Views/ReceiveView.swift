import SwiftUI
import WalletDemo

/// Being paid: an amount, then a tap or a code.
struct ReceiveView: View {
    @State var model: ReceiveModel

    var body: some View {
        Group {
            if let handoff = model.handoff {
                AskedView(model: model, handoff: handoff)
            } else {
                AskView(model: model)
            }
        }
        .navigationTitle("Receive")
    }
}

private struct AskView: View {
    @Bindable var model: ReceiveModel

    var body: some View {
        Form {
            Section {
                AmountField("Amount", amount: $model.amount)
                TextField("Your name, if you like", text: $model.name)
                    .textContentType(.name)
                TroubleLabel(trouble: model.trouble)
            } footer: {
                Text(
                    "Without an amount, the payer chooses. Your name is shown with a mark, because nobody has checked it."
                )
            }
            Section {
                ActionButton("Ask for it") { await model.ask() }
            }
            if !model.open.isEmpty {
                Section("Not paid yet") {
                    ForEach(model.open, id: \.id) { request in
                        Button {
                            model.show(request)
                        } label: {
                            Text(model.sentence(of: request))
                        }
                    }
                }
            }
        }
        .task { await model.look() }
    }
}

private struct AskedView: View {
    let model: ReceiveModel
    let handoff: HandoffModel

    var body: some View {
        HandoffView(model: handoff)
            .safeAreaInset(edge: .top) {
                if let asked = model.asked {
                    Text(asked)
                        .font(.title2)
                        .padding()
                }
            }
            .toolbar {
                ToolbarItem(placement: .primaryAction) {
                    NavigationLink {
                        CodesView(model: model.code())
                    } label: {
                        Label("Show a code", systemImage: "qrcode")
                    }
                }
                ToolbarItem(placement: .destructiveAction) {
                    ActionButton("Withdraw") { await model.withdraw() }
                }
            }
    }
}
