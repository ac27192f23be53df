import SwiftUI
import WalletDemo

extension Wording {
    /// In the language that iOS has chosen for this app.
    static let app = Wording(localization: Bundle.main.preferredLocalizations.first ?? "en") {
        Bundle.main.localizedString(forKey: $0, value: nil, table: nil)
    }
}

extension Phrase {
    var text: String { text(in: .app) }
}

extension Text {
    init(_ phrase: Phrase) {
        self.init(verbatim: phrase.text)
    }
}
