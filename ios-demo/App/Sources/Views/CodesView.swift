import SwiftUI
import UniformTypeIdentifiers
import WalletDemo

/// Paying and being paid by codes: scanning, confirming, showing.
struct CodesView: View {
    @State var model: CodesModel
    @Environment(\.dismiss) private var dismiss

    var body: some View {
        content
            .navigationTitle("Code")
            .task { await model.start() }
    }

    @ViewBuilder private var content: some View {
        switch model.step {
        case .starting:
            ProgressView("One moment")
        case .scan(let scan):
            ScanView(model: scan)
        case .confirm:
            Form {
                Section {
                    ConfirmCode(model: model)
                } footer: {
                    Text("Nothing is signed yet. Confirm, then show the payment to the payee.")
                }
            }
        case .show(let code, let ending):
            ShowCodeView(code: code, ending: ending, scan: { model.scan() }, done: { dismiss() })
        case .over(let ending):
            Form {
                EndingView(ending: ending)
                Button("Done") { dismiss() }
            }
        case .failed(let why):
            Form {
                TroubleLabel(trouble: why)
                Button("Scan again") { model.scan() }
            }
        }
    }
}

/// A code for the other phone's camera, and what has come of it so far.
private struct ShowCodeView: View {
    let code: CodeModel
    let ending: Ending?
    let scan: () -> Void
    let done: () -> Void

    var body: some View {
        Form {
            if let ending { EndingView(ending: ending) }
            Section {
                QrCodeView(model: code)
            } footer: {
                Text(code.invitation)
            }
            Section {
                if ending == nil {
                    Button("Scan their answer") { scan() }
                } else {
                    Button("Done") { done() }
                }
                ShareLink(
                    "Send it as a file", item: SharedFile(data: code.file, name: "code.dcep"),
                    preview: SharePreview("Code"))
            }
        }
    }
}

/// The camera, or a file.
private struct ScanView: View {
    let model: ScanModel
    @State private var isChoosing = false

    var body: some View {
        Form {
            Section {
                CameraView { text in Task { await model.see(text) } }
                    .aspectRatio(1, contentMode: .fit)
                    .accessibilityLabel("Camera: hold it before the other phone's code")
                if let read = model.read {
                    ProgressView(value: read) {
                        if let progress = model.progress { Text(progress) }
                    }
                }
                TroubleLabel(trouble: model.trouble)
            } footer: {
                Text("Hold the camera before the other phone's code.")
            }
            Section {
                Button("Choose a file instead") { isChoosing = true }
            }
        }
        .fileImporter(isPresented: $isChoosing, allowedContentTypes: [.data]) { choice in
            guard let file = (try? choice.get()).flatMap(contents) else { return }
            Task { await model.open(file) }
        }
    }
}
