import Foundation
import Testing

@testable import WalletDemo

/// The app's texts: all there, in both languages, and all in use.
@Suite struct CatalogTests {
    @Test func everyTextIsThereInBothLanguages() {
        #expect(Catalog.app.sourceLanguage == "en" && Catalog.app.strings.count > 200)
        for (key, entry) in Catalog.app.strings {
            let (english, chinese) = (Catalog.app.value(key, "en"), Catalog.app.value(key, "zh-Hans"))
            #expect(english == key)
            #expect(chinese?.isEmpty == false && chinese != key || key == "PIN", "\(key)")
            #expect(entry.localizations.values.allSatisfy { $0.stringUnit.state == "translated" }, "\(key)")
            #expect(gaps(chinese ?? "") == gaps(key), "\(key): \(chinese ?? "")")
        }
    }

    /// A gap without a number is the first one.
    private func gaps(_ text: String) -> Set<String> {
        Set(text.matches(of: /%(?:(\d)\$)?@/).map { String($0.1 ?? "1") })
    }

    @Test func everyTextThatIsUsedIsThereAndNoOther() throws {
        var used = Set<String>()
        for file in try SourceFile.all(under: "Sources") {
            for literal in file.literals where literal.before.hasSuffix("Phrase(") { used.insert(literal.text) }
        }
        for file in try SourceFile.all(under: "App/Sources/Views") {
            for literal in file.literals where isText(literal) {
                #expect(!literal.text.contains("\\("), "views put no texts together: \(file.path): \(literal.text)")
                used.insert(literal.text)
            }
        }
        let there = Set(Catalog.app.strings.keys)
        #expect(used.subtracting(there) == [])
        #expect(there.subtracting(used) == [])
    }

    /// Everything in a view but the names of symbols and files.
    private func isText(_ literal: (text: String, before: String)) -> Bool {
        if literal.text.isEmpty || literal.text.wholeMatch(of: /[a-z]+(\.[a-z0-9]+)+/) != nil { return false }
        return !literal.before.hasSuffix("systemImage:")
    }

    @Test func thePhrasesGapsAreFilledOnceAndInTheOrderOfTheLanguage() {
        let wording = Wording(localization: "zh-Hans") { $0 == "a %1$@ b %2$@" ? "%2$@ 乙 %1$@ 甲" : $0 }
        #expect(Phrase("a %1$@ b %2$@", .verbatim("1"), .verbatim("2")).text(in: wording) == "2 乙 1 甲")
        // A payee may call itself anything.
        #expect(Phrase("%@ and %@", .verbatim("%2$@"), .verbatim("%@")).text(in: wording) == "%2$@ and %@")
        #expect(Phrase("100 % of %@", .verbatim(5)).text(in: wording) == "100 % of 5")
    }

    @Test func theCoreSpeaksTheLanguageOfTheApp() {
        let error = Phrase(Trouble.files)
        #expect(error.english.hasPrefix("The wallet's storage cannot be used now"))
        #expect(error.chinese.hasPrefix("钱包存储暂时无法使用"))
    }

    /// Nobody is ever shown an error's own text.
    @Test func anUnknownErrorIsASentenceOfTheCore() {
        struct Secret: Error, CustomStringConvertible { let description = "the secret" }
        #expect(
            Phrase(Secret()).english
                == "The app failed, and your money is safe: open it again and look, before you repeat anything.")
    }
}
