import CoreNFC
import DcepWallet
import Foundation
import WalletDemo

/// NFC: this phone as the reader, or as the card where the system permits it.
struct PhoneRadio: Radio {
    func sides() async -> [Side] {
        var sides: [Side] = NFCReaderSession.readingAvailable ? [.reader] : []
        if await canBeCard { sides.append(.card) }
        return sides
    }

    func tap(_ handoff: Handoff, on side: Side, saying words: TapWords) async throws -> HandoffOutcome? {
        switch side {
        case .reader:
            return try await handoff.tapNfc(
                invitation: words.invitation.text, success: words.success.text, failure: words.failure.text)
        case .card:
            guard #available(iOS 17.4, *) else { throw TapFailure.notSupported }
            return try await handoff.answerNfc(invitation: words.invitation.text)
        }
    }

    /// Asked each time: it depends on the country the phone is in. The system ends an app that asks without the
    /// entitlement, so the project says which entitlements it was signed with.
    private var canBeCard: Bool {
        get async {
            guard Bundle.main.object(forInfoDictionaryKey: "DcepEntitlements") as? String == "Card",
                #available(iOS 17.4, *)
            else { return false }
            return await Handoff.canBeCard
        }
    }
}
