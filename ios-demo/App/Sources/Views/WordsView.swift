import SwiftUI
import WalletDemo

/// The words of a new account: shown once, then checked back.
struct WordsView: View {
    let app: AppModel
    let model: WordsModel

    var body: some View {
        NavigationStack {
            Form {
                switch model.step {
                case .show: shown
                case .checkBack: checkedBack
                }
            }
            .navigationTitle("Your words")
            .toolbar {
                ToolbarItem(placement: .cancellationAction) { Button("Cancel") { app.back() } }
            }
        }
    }

    @ViewBuilder private var shown: some View {
        Section {
            WordGrid(words: model.shown)
                .privacySensitive()
        } footer: {
            Text(
                "Write these words down in this order, on paper. They restore your account on another phone. They are shown only now, and whoever has them has your account."
            )
        }
        Section {
            Button("I have written them down") { model.checkBack() }
        }
    }

    @ViewBuilder private var checkedBack: some View {
        Section("Choose your words in their order") {
            WordGrid(words: model.chosen)
                .privacySensitive()
            Button("Take the last one back") { model.takeBack() }
                .disabled(model.chosen.isEmpty)
        }
        Section {
            WordGrid(words: model.choices, isNumbered: false) { model.choose(at: $0) }
            TroubleLabel(trouble: model.trouble)
            ActionButton("Open the account") { await model.check() }
                .disabled(!model.isComplete)
        }
    }
}

/// Words in rows that grow with the size of the text.
private struct WordGrid: View {
    let words: [String]
    var isNumbered = true
    var choose: ((Int) -> Void)?

    var body: some View {
        LazyVGrid(columns: [GridItem(.adaptive(minimum: 110), alignment: .leading)], spacing: 12) {
            ForEach(Array(words.enumerated()), id: \.offset) { index, word in
                if let choose {
                    Button {
                        choose(index)
                    } label: {
                        Text(verbatim: word)
                    }
                    .buttonStyle(.bordered)
                } else {
                    numbered(index, word)
                }
            }
        }
    }

    private func numbered(_ index: Int, _ word: String) -> some View {
        HStack {
            Text(index + 1, format: .number)
                .foregroundStyle(.secondary)
            Text(verbatim: word)
                .bold()
        }
        .accessibilityElement(children: .combine)
    }
}
