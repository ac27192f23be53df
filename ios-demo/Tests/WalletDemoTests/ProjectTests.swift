import Foundation
import Testing

/// What Xcode gets beside the sources.
@Suite struct ProjectTests {
    private static let application = "F04443455001"

    private func property(_ path: String) throws -> [String: Any] {
        let data = try Data(contentsOf: app.appendingPathComponent(path))
        return try #require(PropertyListSerialization.propertyList(from: data, format: nil) as? [String: Any])
    }

    @Test func theInfoPlistSaysWhatTheSystemAsks() throws {
        let info = try property("App/Resources/Info.plist")
        #expect(
            info["com.apple.developer.nfc.readersession.iso7816.select-identifiers"] as? [String] == [Self.application])
        #expect(info["CFBundleLocalizations"] as? [String] == ["en", "zh-Hans"])
        #expect(info["DcepEntitlements"] as? String == "$(DCEP_ENTITLEMENTS)")
        let usages = info.keys.filter { $0.hasSuffix("UsageDescription") }
        #expect(
            usages.sorted() == ["NFCReaderUsageDescription", "NSCameraUsageDescription", "NSFaceIDUsageDescription"])
        // All that the system shows is there in both languages.
        #expect(Set(Catalog.info.strings.keys) == Set(usages + ["CFBundleDisplayName"]))
        for key in Catalog.info.strings.keys {
            #expect(Catalog.info.value(key, "en") == info[key] as? String)
            #expect(Catalog.info.value(key, "zh-Hans")?.isEmpty == false)
        }
    }

    @Test func theEntitlementsAreThoseOfAReaderAndThoseOfACard() throws {
        let reader = try property("App/Entitlements/Reader.entitlements")
        let card = try property("App/Entitlements/Card.entitlements")
        let formats = "com.apple.developer.nfc.readersession.formats"
        #expect(reader.keys.sorted() == [formats] && reader[formats] as? [String] == ["TAG"])
        #expect(card[formats] as? [String] == ["TAG"] && card["com.apple.developer.nfc.hce"] as? Bool == true)
        #expect(
            card["com.apple.developer.nfc.hce.iso7816.select-identifier-prefixes"] as? [String] == [Self.application])
    }

    @Test func nothingIsTrackedOrCollected() throws {
        let privacy = try property("App/Resources/PrivacyInfo.xcprivacy")
        #expect(privacy["NSPrivacyTracking"] as? Bool == false)
        #expect((privacy["NSPrivacyCollectedDataTypes"] as? [Any])?.isEmpty == true)
    }

    /// The table of what ran where speaks of tests and views that there are, and of all of them.
    @Test func theReadmeKnowsEveryTestAndEveryView() throws {
        let readme = try String(contentsOf: app.appendingPathComponent("README.md"), encoding: .utf8)
        let named = Set(readme.matches(of: /`([A-Z]\w+(?:Tests|View))\b/).map { String($0.1) })
        let files = try SourceFile.all(under: "Tests") + SourceFile.all(under: "App/Sources")
        let text = files.flatMap(\.lines).joined(separator: "\n")
        let there = Set(
            text.matches(of: /(?:^|\n)(?:@\w+ )*(?:@Suite )?struct (\w+(?:Tests|View))\b/).map { String($0.1) })
        #expect(named.subtracting(there) == [])
        #expect(there.subtracting(named) == [])
        for match in readme.matches(of: /`(\w+Tests)\.(\w+)`/) {
            #expect(text.contains("func \(match.2)("), "\(match.0)")
        }
    }

    @Test func theProjectNamesFilesThatAreThere() throws {
        let folder = app.appendingPathComponent("App")
        let project = try String(contentsOf: folder.appendingPathComponent("project.yml"), encoding: .utf8)
        var named = 0
        for match in project.matches(
            of: /(?:path: |_FILE: |_ENTITLEMENTS: |- )((?:\.\.|Sources|Resources|Entitlements)[^\s]*)/)
        {
            for kind in ["Reader", "Card"] {
                let path = match.1.replacingOccurrences(of: "$(DCEP_ENTITLEMENTS)", with: kind)
                #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path), "\(path)")
            }
            named += 1
        }
        #expect(named == 7)
        // The same floor as the package's.
        let package = try String(contentsOf: app.appendingPathComponent("Package.swift"), encoding: .utf8)
        #expect(project.contains("iOS: \"17.0\"") && package.contains(".iOS(.v17)"))
    }
}
