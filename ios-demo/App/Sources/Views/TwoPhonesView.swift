import SwiftUI
import WalletDemo

/// Two phones on one screen, and the tap between them.
struct TwoPhonesView: View {
    let app: AppModel
    @Bindable var model: TwoPhonesModel

    var body: some View {
        Form {
            ForEach(Array(model.phones.enumerated()), id: \.element.id) { index, phone in
                PhoneSection(model: model, phone: phone, pays: index == model.payer)
            }
            tap
            air
            bank
        }
        .navigationTitle("Try it alone")
        .toolbar {
            ToolbarItem(placement: .cancellationAction) { Button("Close") { app.back() } }
        }
    }

    private var tap: some View {
        Section {
            AmountField("Amount", amount: $model.amount)
            ActionButton("Hold the phones together") { await model.tap() }
            ActionButton("Pay by codes") { await model.payByCode() }
            if model.codes != nil {
                ActionButton("Let the other phone read the code") { await model.look() }
            }
            if let passed = model.passed { Text(passed) }
            TroubleLabel(trouble: model.trouble)
            Button("Begin a new payment") { model.forget() }
            Button("Swap payer and payee") { model.swapPayer() }
            Button("Swap reader and card") { model.swapReader() }
        }
    }

    private var air: some View {
        Section("The air between them") {
            Toggle("The phones slip apart", isOn: $model.slipsApart)
            if model.slipsApart {
                Slider(value: $model.tearPoint, in: 0...1) {
                    Text("Bytes until they slip apart")
                } minimumValueLabel: {
                    Text("at once")
                } maximumValueLabel: {
                    Text("at the end")
                }
            }
            Toggle("Short frames", isOn: $model.usesShortFrames)
        }
    }

    private var bank: some View {
        Section("The bank") {
            Toggle("No network", isOn: $model.isOffline)
            ActionButton("Connect both phones") { await model.connect() }
        }
    }
}

/// One of the phones, as far as one screen has room for two.
private struct PhoneSection: View {
    let model: TwoPhonesModel
    let phone: PhoneModel
    let pays: Bool

    var body: some View {
        Section {
            if let spendable = phone.home.spendable {
                LabeledContent("You can pay") { Text(spendable) }
            }
            ForEach(phone.home.inDoubt) { doubt in
                LabeledContent("In doubt") { Text(doubt.amount) }
                Text(doubt.endsBy)
                    .foregroundStyle(.secondary)
            }
            if let codes = model.codes {
                CodeLines(model: pays ? codes.payer : codes.payee)
            } else if pays {
                PayingLines(model: model.paying)
            } else {
                StageLine(stage: model.receiving?.handoff?.stage)
            }
            NavigationLink("Open this phone") { HomeView(model: phone.home, lock: nil) }
            ActionButton("Restart its app") { await model.restart(phone) }
        } header: {
            HStack {
                Text(verbatim: phone.name)
                Spacer()
                if pays { Text("pays") } else { Text("is paid") }
            }
        }
    }
}

/// The payer's screen: it may have to confirm first.
private struct PayingLines: View {
    let model: PayModel?

    var body: some View {
        switch model?.step {
        case .confirm, .chooseAmount:
            if let model { ConfirmTap(model: model) }
        case .tap, nil:
            StageLine(stage: model?.handoff.stage)
        }
    }
}

/// The code that a phone shows, or what it has read.
private struct CodeLines: View {
    let model: CodesModel

    var body: some View {
        switch model.step {
        case .starting, .scan: Text("Waits for the other phone's code")
        case .confirm: ConfirmCode(model: model)
        case .show(let code, let ending):
            if let ending { EndingView(ending: ending) }
            QrCodeView(model: code)
        case .over(let ending): EndingView(ending: ending)
        case .failed(let why): TroubleLabel(trouble: why)
        }
    }
}

/// Where a handoff stands, in a line.
private struct StageLine: View {
    let stage: HandoffModel.Stage?

    var body: some View {
        switch stage {
        case .ready, .touching, nil: EmptyView()
        case .torn(let why, _): TroubleLabel(trouble: why)
        case .over(let ending): EndingView(ending: ending)
        }
    }
}
