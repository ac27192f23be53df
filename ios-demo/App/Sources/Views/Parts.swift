import SwiftUI
import WalletDemo

/// A button whose work takes a moment: while it is under way, it cannot be pressed again.
struct ActionButton: View {
    private let title: LocalizedStringKey
    private let role: ButtonRole?
    private let action: @MainActor () async -> Void
    @State private var isBusy = false

    init(_ title: LocalizedStringKey, role: ButtonRole? = nil, action: @escaping @MainActor () async -> Void) {
        self.title = title
        self.role = role
        self.action = action
    }

    var body: some View {
        Button(title, role: role) {
            isBusy = true
            Task {
                await action()
                isBusy = false
            }
        }
        .disabled(isBusy)
    }
}

/// What went wrong, in a sentence.
struct TroubleLabel: View {
    let trouble: Phrase?

    var body: some View {
        if let trouble {
            Label {
                Text(trouble)
            } icon: {
                Image(systemName: "exclamationmark.triangle")
                    .foregroundStyle(.orange)
                    .accessibilityHidden(true)
            }
        }
    }
}

/// A field for an amount of money.
struct AmountField: View {
    private let title: LocalizedStringKey
    @Binding private var amount: String

    init(_ title: LocalizedStringKey, amount: Binding<String>) {
        self.title = title
        _amount = amount
    }

    var body: some View {
        LabeledContent(title) {
            TextField(title, text: $amount)
                .keyboardType(.decimalPad)
                .multilineTextAlignment(.trailing)
                .monospacedDigit()
        }
    }
}
