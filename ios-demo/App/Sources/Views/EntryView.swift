import SwiftUI
import WalletDemo

/// One line of the history: its receipt, and giving the money back.
struct EntryView: View {
    @State var model: EntryModel

    var body: some View {
        if let handoff = model.handoff {
            HandoffView(model: handoff)
                .navigationTitle("Refund")
                .toolbar {
                    if model.canShowCode {
                        ToolbarItem(placement: .primaryAction) {
                            NavigationLink {
                                CodesView(model: model.code())
                            } label: {
                                Label("Show a code", systemImage: "qrcode")
                            }
                        }
                    }
                }
        } else {
            Form {
                Section { HistoryLine(row: model.row) }
                if let receipt = model.receipt {
                    Section {
                        ShareLink(
                            "Share the receipt", item: SharedFile(data: receipt, name: "receipt.dcep"),
                            preview: SharePreview("Receipt"))
                    } footer: {
                        Text("A receipt shows the whole history of the money: it is not for everybody.")
                    }
                }
                refund
            }
            .navigationTitle("Payment")
            .task { await model.look() }
        }
    }

    @ViewBuilder private var refund: some View {
        if let refundable = model.refundable {
            Section("Give back") {
                LabeledContent("At most") { Text(refundable) }
                AmountField("Amount", amount: $model.refundAmount)
                TroubleLabel(trouble: model.trouble)
                ActionButton("Refund") { await model.refund() }
            }
        }
        if model.canTakeRefund {
            Section {
                Button("Take a refund of this payment") { model.takeRefund() }
            }
        }
    }
}
