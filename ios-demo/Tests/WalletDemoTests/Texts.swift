import Foundation

@testable import WalletDemo

/// The root of the app.
let app = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The app's catalog of texts, as Xcode compiles it into the app.
struct Catalog: Decodable {
    struct Entry: Decodable { var localizations: [String: Localization] }
    struct Localization: Decodable { var stringUnit: Unit }
    struct Unit: Decodable { var state, value: String }

    var sourceLanguage: String
    var strings: [String: Entry]

    static let app = read("App/Resources/Localizable.xcstrings")
    static let info = read("App/Resources/InfoPlist.xcstrings")

    private static func read(_ path: String) -> Catalog {
        let file = WalletDemoTests.app.appendingPathComponent(path)
        // A test of its own says what is wrong with it.
        guard let data = try? Data(contentsOf: file), let catalog = try? JSONDecoder().decode(Catalog.self, from: data)
        else { return Catalog(sourceLanguage: "", strings: [:]) }
        return catalog
    }

    func value(_ key: String, _ language: String) -> String? {
        strings[key]?.localizations[language]?.stringUnit.value
    }
}

extension Wording {
    static let english = Wording(localization: "en") { Catalog.app.value($0, "en") ?? "‹\($0)›" }
    static let chinese = Wording(localization: "zh-Hans") { Catalog.app.value($0, "zh-Hans") ?? "‹\($0)›" }
}

extension Phrase {
    var english: String { text(in: .english) }
    var chinese: String { text(in: .chinese) }
}
