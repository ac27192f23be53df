// CoreNFC as far as this app uses it, and what the package has where it can be imported: so that the radio's code is compiled
// where there is none.
import DcepWallet
import Foundation

public enum NFCReaderSession {
    public static var readingAvailable: Bool { false }
}

extension Handoff {
    public static var canBeCard: Bool {
        get async { false }
    }

    public func tapNfc(
        invitation: String, success: String, failure: String, frames: FrameSize = .short
    ) async throws -> HandoffOutcome? { nil }

    public func answerNfc(invitation: String) async throws -> HandoffOutcome? { nil }
}

extension Platform {
    public static func device(bank: URL, accessGroup: String? = nil) -> Platform? { nil }
}
