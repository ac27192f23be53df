import DcepWallet
import Foundation

/// The blocks of `docs/embedding-ios.md` that take a device: here they are compiled.
enum Guide {
    static func pay(path: String, issuersRootKey: String) async throws {
        guard let platform = Platform.device(bank: URL(string: "https://bank.example")!) else { return }
        let words = try AccountWords.generate(count: .twelve, list: .simplifiedChinese)
        let wallet = try await Wallet.create(
            path: path, platform: platform, words: words, root: issuersRootKey, algorithm: .p256)
        try await wallet.enrol(walletClass: .ii)
        try await wallet.load(amount: .parse("100.00"))

        let handoff = try await wallet.pay(consent: .upTo(amount: .parse("50.00")), side: .reader)
        let outcome = try await handoff.tapNfc(invitation: "Hold the phones together", success: "Paid", failure: "Try again")
        _ = outcome
    }

    static func take(wallet: Wallet) async throws {
        guard #available(iOS 17.4, *), await Handoff.canBeCard else { return }
        let request = try await wallet.request(amount: .parse("5.00"))
        let handoff = try await wallet.receive(request: request.id, side: .card)
        let outcome = try await handoff.answerNfc(invitation: "Hold the phones together")
        _ = outcome
    }
}
