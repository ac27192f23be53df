import DcepWallet
import SwiftUI
import WalletDemo

/// The first screen of all.
struct WelcomeView: View {
    let app: AppModel
    @Bindable var model: WelcomeModel

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    ActionButton("Try it alone") { await app.tryAlone() }
                } footer: {
                    Text("Two phones on one screen, with a bank inside this app. No network, no account.")
                }
                bank
                account
            }
            .navigationTitle("Digital cash")
        }
    }

    private var bank: some View {
        Section("Your bank") {
            TextField("Address, such as https://bank.example", text: $model.address)
                .keyboardType(.URL)
                .textContentType(.URL)
                .textInputAutocapitalization(.never)
                .autocorrectionDisabled()
            TextField("Root key of the issuer", text: $model.root, axis: .vertical)
                .textInputAutocapitalization(.never)
                .autocorrectionDisabled()
            TroubleLabel(trouble: model.trouble)
        }
    }

    private var account: some View {
        Section("Your account") {
            ClassPicker(selection: $model.walletClass)
            TextField("Registered name, for a shop", text: $model.shopName)
            Button("Open an account") { app.openAccount(at: model, in: Wording.app.language) }
            Button("Restore a lost phone") { app.restore(at: model) }
        }
    }
}

/// Which class of wallet the bank is asked for.
struct ClassPicker: View {
    @Binding var selection: WalletClass

    var body: some View {
        Picker("Class of wallet", selection: $selection) {
            ForEach(WalletClass.choices, id: \.self) { Text($0.condition) }
        }
        .pickerStyle(.navigationLink)
    }
}
