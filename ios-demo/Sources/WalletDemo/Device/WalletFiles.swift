import DcepWallet
import Foundation

/// The bank that a wallet belongs to. The core keeps everything else; this it is told each time it opens.
struct Bank: Codable, Hashable, Sendable {
    let address: URL
    /// The issuer's root key.
    let root: String
}

/// Where the app keeps its wallet, and which bank that belongs to.
///
/// A wallet's file is money, and is never overwritten or deleted: where one does not open any more, the next one gets another
/// name.
struct WalletFiles: Sendable {
    private struct Kept: Codable {
        let bank: Bank
        let wallet: String
    }

    private let folder: URL

    init(in folder: URL) {
        self.folder = folder
    }

    /// The wallet that is in use, and its bank; `nil` before there is one.
    func current() throws -> (path: String, bank: Bank)? {
        guard FileManager.default.fileExists(atPath: note.path) else { return nil }
        do {
            let kept = try JSONDecoder().decode(Kept.self, from: Data(contentsOf: note))
            return (path(kept.wallet), kept.bank)
        } catch {
            throw Trouble.files
        }
    }

    /// Makes a wallet in a new file, and then remembers that it is the one. Whatever happens in between, the one before is
    /// still there.
    @MainActor func add(at bank: Bank, _ make: (_ path: String) async throws -> Wallet) async throws -> Wallet {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Trouble.files
        }
        let name = unusedName()
        let wallet = try await make(path(name))
        do {
            try JSONEncoder().encode(Kept(bank: bank, wallet: name)).write(to: note, options: .atomic)
        } catch {
            throw Trouble.files
        }
        return wallet
    }

    private var note: URL { folder.appendingPathComponent("bank.json") }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func unusedName() -> String {
        var number = 1
        while FileManager.default.fileExists(atPath: path("wallet-\(number).sqlite")) { number += 1 }
        return "wallet-\(number).sqlite"
    }
}
