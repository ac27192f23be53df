import SwiftUI
import WalletDemo

/// What just happened. It stays until somebody has seen it.
struct BannerView: View {
    let banner: Banner
    let shown: () -> Void

    var body: some View {
        HStack(alignment: .firstTextBaseline) {
            Image(systemName: banner.tone.symbol)
                .accessibilityHidden(true)
            Text(banner.text)
                .frame(maxWidth: .infinity, alignment: .leading)
            Button("OK") { shown() }
        }
        .padding()
        .background(.regularMaterial, in: RoundedRectangle(cornerRadius: 12))
        .padding(.horizontal)
        // The next banner takes the place of this one: it is announced as well.
        .task(id: banner.id) { AccessibilityNotification.Announcement(banner.text.text).post() }
    }
}

extension Banner.Tone {
    fileprivate var symbol: String {
        switch self {
        case .good: "checkmark.circle"
        case .plain: "info.circle"
        case .warning: "exclamationmark.triangle"
        }
    }
}
