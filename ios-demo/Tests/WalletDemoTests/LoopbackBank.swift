import DcepWallet
import Foundation
import Testing

@testable import WalletDemo

/// The bank as a program of its own, which gives every new account 1,000 yuan.
final class LoopbackBank: @unchecked Sendable {
    let address: String
    let root: String
    private let process = Process()

    init() throws {
        let program = try #require(
            ProcessInfo.processInfo.environment["DCEP_BANK_PROGRAM"],
            "DCEP_BANK_PROGRAM: cargo build -p bank --features http --bin dcep-bank, and where it is")
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["--listen", "127.0.0.1:0", "--welcome", "1000.00"]
        let said = Pipe()
        process.standardOutput = said
        // Should the tests crash, nobody waits for what the bank might still say.
        process.standardError = FileHandle.nullDevice
        try process.run()
        var lines: [Substring] = []
        var text = ""
        while lines.count < 3, case let more = said.fileHandleForReading.availableData, !more.isEmpty {
            text += String(decoding: more, as: UTF8.self)
            lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        }
        let words = lines.map { $0.split(separator: " ").last.map(String.init) ?? "" }
        (address, root) = (try #require(words.first), try #require(words.dropFirst().first))
    }

    deinit {
        // A polite signal would wait for the last connection, and clients keep theirs.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// A device whose bank is at the address that was typed, as on a phone.
final class OnlineDevice: Device {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dcep-demo-\(UUID().uuidString)")
    let algorithm = Algorithm.p256
    let asksHolder = false
    let radio: any Radio = Link()
    private let journal = MemoryGuard()

    deinit { try? FileManager.default.removeItem(at: folder) }

    func platform(bank: URL) throws -> Platform? {
        guard let bank = HttpBank(bank) else { return nil }
        return Platform(vault: try SoftwareVault(master: Data(repeating: 7, count: 32)), guard: journal, bank: bank)
    }
}
