import DcepWallet
import Foundation
import WalletDemo

/// This phone, as the app needs it.
struct Phone: Device {
    let algorithm = Algorithm.p256
    let radio: any Radio = PhoneRadio()

    /// Beside the user's documents and in no backup: a restored wallet counts as copied, and retires its keys.
    var folder: URL {
        var folder = URL.applicationSupportDirectory.appending(path: "Wallet", directoryHint: .isDirectory)
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        // The folder is made here, because only a folder that exists can be excluded.
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true,
            attributes: [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication])
        try? folder.setResourceValues(values)
        return folder
    }

    #if targetEnvironment(simulator)
        /// There is no Secure Enclave, and nobody to show a face: the wallet's PIN confirms.
        let asksHolder = false

        func platform(bank: URL) throws -> Platform? {
            guard let bank = HttpBank(bank) else { return nil }
            return Platform(vault: try SoftwareVault(master: try master()), guard: KeychainGuard(), bank: bank)
        }

        /// The secret of the simulator's keys, in a file: it protects nothing, and there is nothing to protect.
        private func master() throws -> Data {
            let file = folder.appending(path: "simulator-keys")
            if let kept = try? Data(contentsOf: file) { return kept }
            let made = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
            try made.write(to: file, options: .atomic)
            return made
        }
    #else
        let asksHolder = true

        func platform(bank: URL) throws -> Platform? { Platform.device(bank: bank) }
    #endif
}
