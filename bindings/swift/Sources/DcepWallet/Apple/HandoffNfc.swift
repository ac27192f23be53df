#if canImport(CoreNFC) && os(iOS) || DCEP_APPLE_STUBS
import DcepWalletSupport
import Foundation

extension Handoff {
    /// Whether this phone can be the card here and now: iOS 17.4, a country and an app that Apple has admitted. Ask only in an
    /// app that has the entitlement: the system ends any other.
    @available(iOS 17.4, *)
    public static var canBeCard: Bool {
        get async { await NfcCardEmulator.isAvailable }
    }

    /// Reader: shows the system's sheet, waits for the other phone, and makes one tap.
    /// - Parameters:
    ///   - invitation: what the sheet says while nobody is near.
    ///   - success: what it says at the end.
    ///   - failure: what it says when the tap came to nothing; repeat it.
    /// - Returns: what has come of it, or `nil` if nothing is decided yet.
    /// - Throws: ``TapFailure``, ``TapError``. Whatever was committed stays committed.
    public func tapNfc(
        invitation: String, success: String, failure: String, frames: FrameSize = .short
    ) async throws -> HandoffOutcome? {
        try await NfcReader.withCard(invitation: invitation, success: success, failure: failure) { card in
            try await self.tap(frames: frames) { command in try await card.transmit(command) }
        }
    }

    /// Card: lets this phone be one until the handoff has an outcome, or the reader goes away.
    /// - Parameter invitation: what the system's sheet says.
    /// - Returns: what has come of it, or `nil` if nothing is decided yet.
    /// - Throws: ``TapFailure``, ``TapError``. Whatever was committed stays committed.
    @available(iOS 17.4, *)
    public func answerNfc(invitation: String) async throws -> HandoffOutcome? {
        try await NfcCardEmulator.run(
            invitation: invitation,
            answer: { await self.respond(to: $0) },
            isOver: { (try? await self.outcome()) != nil })
        return try await outcome()
    }
}
#endif
