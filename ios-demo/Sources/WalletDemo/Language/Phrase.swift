import DcepWallet

/// Something that the app says, before it is in anybody's language.
///
/// The key of a phrase is its English text, as it stands in `Localizable.xcstrings`. Its gaps, `%@` or `%1$@`, `%2$@`, are
/// filled with its parts.
public struct Phrase: Hashable, Sendable {
    private enum Content: Hashable, Sendable {
        case catalog(key: String, parts: [Phrase])
        case core(english: String, chinese: String)
        case verbatim(String)
    }

    private let content: Content

    private init(_ content: Content) {
        self.content = content
    }

    /// A sentence of the catalog.
    public init(_ key: String, _ parts: Phrase...) {
        content = .catalog(key: key, parts: parts)
    }

    /// A sentence of the core, which has it in both languages.
    public static func core(_ sentence: (Language) -> String) -> Phrase {
        Phrase(.core(english: sentence(.english), chinese: sentence(.simplifiedChinese)))
    }

    /// What is the same in every language: a name, a number, a day.
    public static func verbatim(_ text: some CustomStringConvertible) -> Phrase {
        Phrase(.verbatim(text.description))
    }

    /// What it says to the reader of this wording.
    public func text(in wording: Wording) -> String {
        switch content {
        case .catalog(let key, let parts):
            filled(wording.sentence(key), with: parts.map { $0.text(in: wording) })
        case .core(let english, let chinese):
            wording.language == .simplifiedChinese ? chinese : english
        case .verbatim(let text):
            text
        }
    }
}

/// One pass from left to right, so that a part which looks like a gap, such as a payee's name, stays what it is.
private func filled(_ sentence: String, with parts: [String]) -> String {
    var text = ""
    var rest = Substring(sentence)
    var next = 0
    while let gap = rest.firstMatch(of: /%(?:(\d)\$)?@/) {
        text += rest[..<gap.range.lowerBound]
        let index = gap.1.flatMap { Int($0) }.map { $0 - 1 } ?? next
        if parts.indices.contains(index) { text += parts[index] }
        next += 1
        rest = rest[gap.range.upperBound...]
    }
    return text + rest
}
