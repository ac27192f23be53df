import DcepWallet
import SwiftUI
import WalletDemo

/// One handoff: from holding the phones together to what came of it.
struct HandoffView: View {
    @Bindable var model: HandoffModel

    var body: some View {
        Form {
            Section {
                switch model.stage {
                case .ready:
                    Guidance("Hold the phones together", symbol: "iphone.radiowaves.left.and.right")
                case .touching:
                    ProgressView("Hold still")
                case .torn(let why, let inDoubt):
                    TornView(why: why, inDoubt: inDoubt)
                case .over(let ending):
                    EndingView(ending: ending)
                }
            }
            if !model.isOver { tap }
        }
        .task(id: model.id) { await model.look() }
    }

    private var tap: some View {
        Section {
            if model.sides.count > 1 {
                Picker("This phone is", selection: $model.side) {
                    Text("the reader").tag(Side.reader)
                    Text("the card").tag(Side.card)
                }
            }
            ActionButton("Tap") { await model.tap() }
                .disabled(model.sides.isEmpty)
        } footer: {
            if model.sides.isEmpty { Text("This phone cannot tap here: use a QR code.") }
        }
    }
}

/// Brings what is in doubt to whom it is for.
struct ResumeView: View {
    @State var model: HandoffModel

    var body: some View {
        HandoffView(model: model)
            .navigationTitle("In doubt")
    }
}

/// What to do, in large.
struct Guidance: View {
    private let title: LocalizedStringKey
    private let symbol: String

    init(_ title: LocalizedStringKey, symbol: String) {
        self.title = title
        self.symbol = symbol
    }

    var body: some View {
        VStack(spacing: 16) {
            Image(systemName: symbol)
                .font(.largeTitle)
                .foregroundStyle(.tint)
                .accessibilityHidden(true)
            Text(title)
                .font(.title2)
                .multilineTextAlignment(.center)
        }
        .frame(maxWidth: .infinity)
        .padding()
    }
}

/// A torn tap: what happened, and what to do.
private struct TornView: View {
    let why: Phrase
    let inDoubt: Phrase?

    var body: some View {
        Guidance("Hold the phones together again", symbol: "arrow.triangle.2.circlepath")
        Text(why)
        if let inDoubt {
            LabeledContent("In doubt until then") { Text(inDoubt) }
            Text("The same payment is never paid twice.")
        }
    }
}

/// What came of it.
struct EndingView: View {
    let ending: Ending

    var body: some View {
        VStack(spacing: 12) {
            Image(systemName: ending.kind.symbol)
                .font(.largeTitle)
                .foregroundStyle(ending.kind.tint)
                .accessibilityHidden(true)
            Text(ending.title)
                .font(.title2)
                .multilineTextAlignment(.center)
            if let detail = ending.detail {
                Text(detail)
                    .foregroundStyle(.secondary)
                    .multilineTextAlignment(.center)
            }
        }
        .frame(maxWidth: .infinity)
        .padding()
        .accessibilityElement(children: .combine)
    }
}

extension Ending.Kind {
    fileprivate var symbol: String {
        switch self {
        case .paid, .received: "checkmark.circle.fill"
        case .returned, .refunded: "arrow.uturn.backward.circle.fill"
        case .declined, .refused: "hand.raised.circle.fill"
        }
    }

    fileprivate var tint: Color {
        switch self {
        case .paid, .received: .green
        case .returned, .refunded: .accentColor
        case .declined, .refused: .orange
        }
    }
}
