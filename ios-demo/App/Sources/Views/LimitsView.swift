import SwiftUI
import WalletDemo

/// The limits, as sentences and bars.
struct LimitsView: View {
    @State var model: LimitsModel

    var body: some View {
        List {
            Section {
                ForEach(model.rows) { row in
                    VStack(alignment: .leading, spacing: 6) {
                        Text(row.left)
                            .font(.headline)
                        if let filled = row.filled {
                            ProgressView(value: filled) { Text(row.used) }
                        }
                        Text(row.lifts)
                            .foregroundStyle(.secondary)
                    }
                    .accessibilityElement(children: .combine)
                }
                TroubleLabel(trouble: model.trouble)
            } footer: {
                if let title = model.title { Text(title) }
            }
        }
        .navigationTitle("Limits")
        .task { await model.refresh() }
    }
}
