import SwiftUI
import WalletDemo

@main
struct DemoApp: App {
    @State private var app = AppModel(device: Phone())
    @Environment(\.scenePhase) private var phase

    var body: some Scene {
        WindowGroup {
            RootView(app: app)
                .task { await app.start() }
        }
        .onChange(of: phase) { before, now in
            if now == .background { Task { await app.lock() } }
            if before == .background { Task { await app.settle() } }
        }
    }
}
