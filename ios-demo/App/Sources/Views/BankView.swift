import SwiftUI
import WalletDemo

/// Everything that the bank is asked.
struct BankView: View {
    @State var model: BankModel
    @State private var isFreezing = false

    var body: some View {
        Form {
            if model.needsAccount { enrolment }
            connection
            cash
            Section {
                Button("Freeze my other phones", role: .destructive) { isFreezing = true }
            } footer: {
                Text("For a phone that is lost: it pays nobody any more, and what it holds comes back to your account.")
            }
        }
        .disabled(model.isBusy)
        .navigationTitle("Bank")
        .task { await model.refresh() }
        .confirmationDialog(
            "Freeze all other phones of this account?", isPresented: $isFreezing, titleVisibility: .visible
        ) {
            Button("Freeze my other phones", role: .destructive) { Task { await model.freezeOthers() } }
        }
    }

    private var enrolment: some View {
        Section("Your account") {
            ClassPicker(selection: $model.walletClass)
            TextField("Registered name, for a shop", text: $model.shopName)
            ActionButton("Open an account") { await model.enrol() }
        }
    }

    private var connection: some View {
        Section {
            ActionButton("Connect and settle") { await model.connect() }
            if let account = model.account {
                LabeledContent("On your account") { Text(account) }
            }
            if model.hasFailed {
                TroubleLabel(trouble: model.result.first)
            } else {
                ForEach(model.result, id: \.self) { Text($0) }
            }
        } footer: {
            if let freshness = model.freshness { Text(freshness) }
        }
    }

    private var cash: some View {
        Section {
            AmountField("Amount", amount: $model.amount)
            ActionButton("Load onto this phone") { await model.load() }
            ActionButton("Deposit on the account") { await model.deposit() }
        } footer: {
            Text("To deposit everything, leave the amount empty.")
        }
    }
}
