import SwiftUI
import UniformTypeIdentifiers
import WalletDemo

/// A lost phone: the words, and what came back.
struct RestoreView: View {
    let app: AppModel
    @Bindable var model: RestoreModel
    @State private var isChoosing = false

    var body: some View {
        NavigationStack {
            Form {
                if let result = model.result {
                    RestoredView(result: result) { model.done() }
                } else {
                    words
                }
            }
            .navigationTitle("Restore a lost phone")
            .toolbar {
                if model.result == nil {
                    ToolbarItem(placement: .cancellationAction) { Button("Cancel") { app.back() } }
                }
            }
        }
    }

    @ViewBuilder private var words: some View {
        Section {
            TextField("Your words, in their order", text: $model.words, axis: .vertical)
                .lineLimit(3...)
                .textInputAutocapitalization(.never)
                .autocorrectionDisabled()
                .privacySensitive()
            TroubleLabel(trouble: model.trouble)
        }
        Section {
            Button("Choose a backup file") { isChoosing = true }
            if model.backup != nil { Label("A backup is chosen", systemImage: "checkmark") }
            Toggle("The old phone is lost", isOn: $model.isLost)
        } footer: {
            Text("A lost phone is frozen: it can pay nobody any more.")
        }
        .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.data]) { choice in
            model.backup = (try? choice.get()).flatMap(contents)
        }
        Section {
            ActionButton("Restore") { await model.restore() }
                .disabled(model.isBusy)
        }
    }
}

/// What came back, and what the bank still pays out.
private struct RestoredView: View {
    let result: RestoreModel.Result
    let done: () -> Void

    var body: some View {
        Section("What came back") {
            if let account = result.account {
                LabeledContent("On your account") { Text(account) }
            }
            Text(result.cash)
            TroubleLabel(trouble: result.trouble)
        }
        if let backupFrom = result.backupFrom {
            Section("What your backup remembers") {
                LabeledContent("Backup from") { Text(backupFrom, format: .dateTime) }
                ForEach(result.past) { row in
                    LabeledContent {
                        Text(row.amount)
                    } label: {
                        Text(row.title)
                    }
                }
            }
        }
        Section {
            Button("Go to your wallet") { done() }
        }
    }
}
