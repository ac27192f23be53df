import SwiftUI
import WalletDemo

/// The screen that the app is on.
struct RootView: View {
    let app: AppModel

    var body: some View {
        switch app.screen {
        case .starting:
            ProgressView("Opening your wallet")
        case .welcome(let model):
            WelcomeView(app: app, model: model)
        case .words(let model):
            WordsView(app: app, model: model)
        case .restore(let model):
            RestoreView(app: app, model: model)
        case .locked(let model):
            LockView(model: model)
        case .home(let model):
            NavigationStack { HomeView(model: model, lock: { await app.lock() }) }
                // Another wallet, or the same after it was unlocked, is another screen.
                .id(model.id)
                .task { await model.settle() }
        case .alone(let model):
            NavigationStack { TwoPhonesView(app: app, model: model) }
        case .closed(let why, let canRestore):
            ClosedView(app: app, why: why, canRestore: canRestore)
        }
    }
}

/// The wallet does not open: why, and what to do.
struct ClosedView: View {
    let app: AppModel
    let why: Phrase
    let canRestore: Bool

    var body: some View {
        ContentUnavailableView {
            Label("The wallet does not open", systemImage: "lock.trianglebadge.exclamationmark")
        } description: {
            Text(why)
        } actions: {
            ActionButton("Try again") { await app.start() }
                .buttonStyle(.borderedProminent)
            if canRestore {
                Button("Restore the account from its words") { app.startOver() }
            }
        }
    }
}
