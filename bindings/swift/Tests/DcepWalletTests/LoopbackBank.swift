import Foundation
import Testing

/// A bank in a process of its own, which gives every new account 1,000 yuan.
final class LoopbackBank: @unchecked Sendable {
    let address: URL
    let root: String
    private let process = Process()

    /// `cargo xtask test` builds it and says where it is.
    static var program: String {
        get throws {
            let given = ProcessInfo.processInfo.environment["DCEP_BANK_PROGRAM"]
            return try #require(
                given, "DCEP_BANK_PROGRAM: cargo build -p bank --features http --bin dcep-bank, and where it is")
        }
    }

    init() throws {
        process.executableURL = URL(fileURLWithPath: try Self.program)
        process.arguments = ["--listen", "127.0.0.1:0", "--welcome", "1000.00"]
        let said = Pipe()
        process.standardOutput = said
        // Not ours: whoever waits for our stderr to end would wait for the bank's, if these tests crash.
        process.standardError = FileHandle.nullDevice
        try process.run()
        var lines = ""
        while lines.split(separator: "\n", omittingEmptySubsequences: false).count < 3 {
            let more = said.fileHandleForReading.availableData
            if more.isEmpty { break }
            lines += String(decoding: more, as: UTF8.self)
        }
        let words = lines.split(separator: "\n").map { $0.split(separator: " ").last.map(String.init) ?? "" }
        address = try #require(URL(string: words.first ?? ""))
        root = try #require(words.dropFirst().first)
    }

    deinit {
        // Not a polite signal: it would wait until the last connection is closed, and clients keep theirs.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
