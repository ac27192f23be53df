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
        .onChange(of: phase) {
            if phase == .background { Task { await app.lock() } }
        }
    }
}
