import SwiftUI
import WalletDemo

/// The first screen of an open wallet.
///
/// The screens behind it keep the model they were opened with, whatever happens here meanwhile: that is what their `@State`
/// is for.
struct HomeView: View {
    let model: HomeModel
    let lock: (@MainActor () async -> Void)?

    var body: some View {
        List {
            BalanceSection(model: model)
            if model.needsAccount {
                Section {
                    NavigationLink("Open your account with the bank") { BankView(model: model.bank()) }
                }
            }
            Section {
                NavigationLink {
                    PayView(model: model.pay(), scan: { model.scan() })
                } label: {
                    Label("Pay", systemImage: "arrow.up.right")
                }
                NavigationLink {
                    ReceiveView(model: model.receive())
                } label: {
                    Label("Receive", systemImage: "arrow.down.left")
                }
                NavigationLink {
                    CodesView(model: model.scan())
                } label: {
                    Label("Scan a code", systemImage: "qrcode.viewfinder")
                }
            }
            DoubtSection(model: model)
            AtBankSection(rows: model.atBank)
            Section {
                NavigationLink {
                    HistoryView(model: model.history())
                } label: {
                    Label("History", systemImage: "list.bullet")
                }
                NavigationLink {
                    LimitsView(model: model.limits())
                } label: {
                    Label("Limits", systemImage: "gauge.with.dots.needle.50percent")
                }
                NavigationLink {
                    BankView(model: model.bank())
                } label: {
                    Label("Bank", systemImage: "building.columns")
                }
                NavigationLink {
                    SettingsView(model: model.settings(), lock: lock)
                } label: {
                    Label("Settings", systemImage: "gearshape")
                }
            }
        }
        .navigationTitle("Wallet")
        .safeAreaInset(edge: .top) {
            if let banner = model.banner {
                BannerView(banner: banner) { model.bannerWasShown() }
            }
        }
        .onAppear { Task { await model.refresh() } }
        .refreshable { await model.refresh() }
        .task(id: model.id) { await model.listen() }
    }
}

/// How much there is, at a glance.
private struct BalanceSection: View {
    let model: HomeModel

    var body: some View {
        Section {
            VStack(alignment: .leading, spacing: 4) {
                Text("You can pay")
                    .foregroundStyle(.secondary)
                if let spendable = model.spendable {
                    Text(spendable)
                        .font(.largeTitle.bold())
                        .monospacedDigit()
                }
            }
            .accessibilityElement(children: .combine)
            .accessibilityAddTraits(.isHeader)
            if let unsettled = model.unsettled {
                LabeledContent("Of this the bank does not know yet") { Text(unsettled) }
            }
            if let largest = model.largest { Text(largest) }
            TroubleLabel(trouble: model.trouble)
        } footer: {
            if let freshness = model.freshness { Text(freshness) }
        }
    }
}

/// What is neither here nor gone, and what ends that.
private struct DoubtSection: View {
    let model: HomeModel

    var body: some View {
        if !model.inDoubt.isEmpty {
            Section("In doubt") {
                ForEach(model.inDoubt) { doubt in
                    VStack(alignment: .leading, spacing: 4) {
                        LabeledContent {
                            Text(doubt.amount)
                        } label: {
                            Text(doubt.what)
                        }
                        Text(doubt.since, format: .dateTime)
                            .foregroundStyle(.secondary)
                        Text(doubt.endsBy)
                    }
                    .accessibilityElement(children: .combine)
                    if doubt.endsByTap {
                        NavigationLink("Show it as a code again") { CodesView(model: model.code(of: doubt)) }
                    }
                }
                if model.inDoubt.contains(where: \.endsByTap) {
                    NavigationLink("Hold the phones together again") { ResumeView(model: model.resume()) }
                }
                NavigationLink("Connect to the bank") { BankView(model: model.bank()) }
            }
        }
    }
}

/// What only the bank takes, and why.
private struct AtBankSection: View {
    let rows: [AtBankRow]

    var body: some View {
        if !rows.isEmpty {
            Section("Only the bank takes this") {
                ForEach(rows) { row in
                    VStack(alignment: .leading, spacing: 4) {
                        Text(row.amount)
                        Text(row.why)
                            .foregroundStyle(.secondary)
                    }
                    .accessibilityElement(children: .combine)
                }
            }
        }
    }
}
