import SwiftUI
import WalletDemo

/// What happened to the money, newest first.
struct HistoryView: View {
    @State var model: HistoryModel

    var body: some View {
        List {
            Picker("Show", selection: $model.search.filter) {
                ForEach(HistoryModel.Filter.allCases, id: \.self) { Text($0.name) }
            }
            ForEach(model.rows) { row in
                NavigationLink {
                    EntryView(model: model.detail(of: row))
                } label: {
                    HistoryLine(row: row)
                }
            }
            if model.hasMore {
                ActionButton("Show more") { await model.more() }
            }
            TroubleLabel(trouble: model.trouble)
        }
        .overlay {
            if model.rows.isEmpty {
                ContentUnavailableView("Nothing yet", systemImage: "list.bullet")
            }
        }
        .searchable(text: $model.search.name, prompt: "Name")
        .navigationTitle("History")
        .task(id: model.search) { await model.refresh() }
    }
}

struct HistoryLine: View {
    let row: HistoryRow

    var body: some View {
        HStack(alignment: .firstTextBaseline) {
            Image(systemName: row.isOutgoing ? "arrow.up.right" : "arrow.down.left")
                .foregroundStyle(.secondary)
                .accessibilityHidden(true)
            VStack(alignment: .leading) {
                Text(row.title)
                Text(row.at, format: .dateTime)
                    .font(.footnote)
                    .foregroundStyle(.secondary)
            }
            Spacer()
            VStack(alignment: .trailing) {
                Text(row.amount)
                    .monospacedDigit()
                Text(row.state)
                    .font(.footnote)
                    .foregroundStyle(row.isInDoubt ? .orange : .secondary)
            }
        }
        .accessibilityElement(children: .combine)
    }
}
