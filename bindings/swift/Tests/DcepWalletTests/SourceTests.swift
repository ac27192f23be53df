import Foundation
import Testing

/// What the sources say of themselves.
@Suite struct SourceTests {
    private static let sources = repository.appendingPathComponent("bindings/swift/Sources")

    /// Every file of the package, with its lines.
    private func files() throws -> [(name: String, lines: [String])] {
        let found = FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil)
        let files = (found?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
        return try files.map { ($0.lastPathComponent, try String(contentsOf: $0, encoding: .utf8).components(separatedBy: "\n")) }
    }

    @Test func everyPublicItemIsDocumented() throws {
        // The generator's own, which nobody calls; and what Swift demands of a type, where the type is documented.
        let exempt = [
            "FfiConverter", "uniffi", "Uniffi", "NoHandle", "noHandle", "public init(", "var description", "var hashValue",
            "RustBuffer", "into buf:", "from buf:", "typealias FfiType", "typealias SwiftType", "func lift", "func lower",
            "errorDescription", "open class BankTransportImpl", "open class ClockImpl", "open class EventObserverImpl",
            "open class KeyVaultImpl", "open class RollbackGuardImpl", "public init() {",
        ]
        var checked = 0
        for (name, lines) in try files() {
            let generated = name == "DcepWallet.swift"
            var inConverter = false
            // These two do what their protocols say, and it is said there.
            var inImplementation = false
            for (number, line) in lines.enumerated() {
                let text = line.trimmingCharacters(in: .whitespaces)
                if !line.isEmpty, !line.hasPrefix(" ") { inConverter = line.contains("struct FfiConverter") }
                if text.hasPrefix("open class ") {
                    inImplementation = text.contains(": MemoryGuardProtocol") || text.contains(": SoftwareVaultProtocol")
                }
                if inImplementation, text.hasPrefix("open func ") { continue }
                guard text.hasPrefix("public ") || text.hasPrefix("open "), !text.hasPrefix("public import") else { continue }
                if generated && (inConverter || exempt.contains { text.contains($0) }) || text.hasSuffix("public") { continue }
                checked += 1
                var above = number - 1
                while above >= 0, lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@")
                    || lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("#if")
                    || generated && lines[above].trimmingCharacters(in: .whitespaces).isEmpty
                { above -= 1 }
                let doc = above >= 0 ? lines[above].trimmingCharacters(in: .whitespaces) : ""
                #expect(doc.hasPrefix("///") || doc.hasSuffix("*/"), "\(name):\(number + 1): \(text)")
            }
        }
        #expect(checked > 300)
    }

    /// Every call that may block has its `async` form.
    @Test func everyCallHasAnAsyncForm() throws {
        let source = try generatedSource()
        let files = try files()
        for (type, file) in [
            ("Wallet", "WalletAsync.swift"), ("LockedWallet", "WalletAsync.swift"), ("Handoff", "HandoffAsync.swift"),
        ] {
            let text = try #require(files.first { $0.name == file }).lines.joined(separator: "\n")
            let start = try #require(source.range(of: "open class \(type): "))
            let end = try #require(source.range(of: "struct FfiConverterType\(type):", range: start.upperBound..<source.endIndex))
            var calls = 0
            for line in source[start.lowerBound..<end.lowerBound].split(separator: "\n")
            where line.contains("func ") && (line.hasPrefix("open func") || line.hasPrefix("public static func")) {
                let name = line.components(separatedBy: "func ")[1].prefix { $0 != "(" }
                // These two only look at the object.
                if name == "openReport" || name == "setObserver" { continue }
                calls += 1
                #expect(text.contains("func \(name)("), "\(type).\(name)")
            }
            #expect(calls > 2)
        }
    }
}
