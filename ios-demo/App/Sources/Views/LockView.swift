import SwiftUI
import WalletDemo

/// The lock screen, with the wait after wrong PINs.
struct LockView: View {
    @Bindable var model: LockModel

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    SecureField("PIN", text: $model.pin)
                        .textContentType(.password)
                        .onSubmit { Task { await model.unlock() } }
                    TroubleLabel(trouble: model.trouble)
                    if let waiting = model.waiting { Text(waiting) }
                } footer: {
                    Text("Wrong PINs slow down, and never destroy.")
                }
                Section {
                    ActionButton("Unlock") { await model.unlock() }
                        .disabled(model.isBusy || model.hasToWait)
                }
            }
            .navigationTitle("Your wallet is locked")
            // The wallet says how long it still wants to wait.
            .task(id: model.hasToWait) {
                await model.look()
                while model.hasToWait, (try? await Task.sleep(for: .seconds(1))) != nil { await model.look() }
            }
        }
    }
}
