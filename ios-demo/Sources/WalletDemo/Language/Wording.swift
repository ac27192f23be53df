import DcepWallet

/// How the app talks to its user: in which language, and where its own sentences are.
///
/// The language is that of the app, so that the core's sentences and the app's are never in two.
public struct Wording: Sendable {
    /// In which language the core says its sentences.
    public let language: Language
    private let find: @Sendable (String) -> String

    /// - Parameters:
    ///   - localization: that of the app's texts, such as `zh-Hans`.
    ///   - find: the sentence of a key, in that localization.
    public init(localization: String, find: @escaping @Sendable (_ key: String) -> String) {
        language = languageForLocale(locale: localization)
        self.find = find
    }

    func sentence(_ key: String) -> String { find(key) }
}
