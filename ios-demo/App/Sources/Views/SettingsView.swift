import SwiftUI
import WalletDemo

/// The PIN, locking, and the backup.
struct SettingsView: View {
    @State var model: SettingsModel
    /// Locks the app; `nil` in the sandbox, whose phones have no lock screen.
    let lock: (@MainActor () async -> Void)?

    var body: some View {
        Form {
            if let lock {
                pin
                if model.hasPin {
                    Section { ActionButton("Lock now", action: lock) }
                }
            }
            backup
        }
        .navigationTitle("Settings")
        .task { await model.refresh() }
    }

    private var pin: some View {
        Section("PIN") {
            if model.hasPin { SecureField("Your PIN as it is", text: $model.old) }
            SecureField("New PIN", text: $model.new)
            SecureField("The same again", text: $model.again)
            if model.hasPin {
                ActionButton("Change the PIN") { await model.changePin() }
                ActionButton("Remove the PIN", role: .destructive) { await model.removePin() }
            } else {
                ActionButton("Set the PIN") { await model.setPin() }
            }
            if let done = model.done { Text(done) }
            TroubleLabel(trouble: model.trouble)
        }
    }

    private var backup: some View {
        Section {
            ActionButton("Make a backup") { await model.makeBackup() }
            if let backup = model.backup {
                ShareLink(
                    "Save the backup", item: SharedFile(data: backup, name: "backup.dcep"),
                    preview: SharePreview("Backup"))
            }
        } footer: {
            Text("It remembers your history, and only your words open it. It holds no money.")
        }
    }
}
