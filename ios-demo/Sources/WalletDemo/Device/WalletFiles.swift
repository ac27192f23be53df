import DcepWallet
import Foundation

/// The bank that a wallet belongs to. The core keeps everything else; this it is told each time it opens.
struct Bank: Codable, Hashable, Sendable {
    let address: URL
    /// The issuer's root key, by which receipts are checked.
    let root: String
}

/// Where the app keeps its wallet, and which bank that belongs to.
struct WalletFiles: Sendable {
    private let folder: URL

    init(in folder: URL) {
        self.folder = folder
    }

    /// The wallet's file, for the core.
    var wallet: String { folder.appendingPathComponent("wallet.sqlite").path }

    private var bankFile: URL { folder.appendingPathComponent("bank.json") }

    /// `nil` before there is one.
    func bank() throws -> Bank? {
        guard FileManager.default.fileExists(atPath: bankFile.path) else { return nil }
        do {
            return try JSONDecoder().decode(Bank.self, from: Data(contentsOf: bankFile))
        } catch {
            throw Trouble.files
        }
    }

    /// Written before the wallet is made: a wallet whose bank nobody knows could not be opened.
    func keep(_ bank: Bank) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try JSONEncoder().encode(bank).write(to: bankFile, options: .atomic)
        } catch {
            throw Trouble.files
        }
    }
}
