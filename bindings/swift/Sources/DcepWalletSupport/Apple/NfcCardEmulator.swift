#if canImport(CoreNFC) && os(iOS) || DCEP_APPLE_STUBS
@preconcurrency import CoreNFC
import Foundation

/// Lets this phone be the card, where the system allows it: iOS 17.4, and a country and an app that Apple has admitted.
///
/// The app needs the entitlements `com.apple.developer.nfc.hce` and
/// `com.apple.developer.nfc.hce.iso7816.select-identifier-prefixes` with the application's id `F04443455001`. Without them
/// the system ends the app as soon as it asks, so ask only where they are granted.
@available(iOS 17.4, *)
package enum NfcCardEmulator {
    /// Whether a tap can be answered here and now.
    package static var isAvailable: Bool {
        get async {
            guard NFCReaderSession.readingAvailable, CardSession.isSupported else { return false }
            return await CardSession.isEligible
        }
    }

    /// Answers one reader until `isOver` says so after a response, or the reader goes away.
    /// - Parameters:
    ///   - invitation: what the system's sheet says.
    ///   - answer: the response to a command. It is the core's, and runs off the cooperative pool.
    /// - Throws: ``TapFailure``; whatever was committed before stays committed, and the next tap goes on from there.
    package static func run(
        invitation: String, answer: @Sendable (Data) async -> Data, isOver: @Sendable () async -> Bool
    ) async throws(TapFailure) {
        guard await isAvailable else { throw .notSupported }
        do {
            // While it lives, the phone opens no payment sheet of its own.
            let intent = try await NFCPresentmentIntentAssertion.acquire()
            let session = try await CardSession()
            defer { withExtendedLifetime(intent) {} }
            try await withTaskCancellationHandler {
                try await serve(session, invitation: invitation, answer: answer, isOver: isOver)
            } onCancel: {
                session.invalidate()
            }
        } catch let failure as TapFailure {
            throw failure
        } catch {
            throw .busy
        }
    }

    private static func serve(
        _ session: CardSession, invitation: String, answer: @Sendable (Data) async -> Data,
        isOver: @Sendable () async -> Bool
    ) async throws {
        for try await event in session.eventStream {
            switch event {
            case .sessionStarted:
                session.alertMessage = invitation
                // At once: the phone answers a reader's polling only while it emulates.
                try await session.startEmulation()
            case .readerDetected:
                if await !session.isEmulationInProgress { try await session.startEmulation() }
            case .received(let command):
                try await command.respond(response: await answer(command.payload))
                if await isOver() {
                    await session.stopEmulation(status: .success)
                    session.invalidate()
                    return
                }
            case .readerDeselected:
                await session.stopEmulation(status: .failure)
                session.invalidate()
                throw TapFailure.lost
            case .sessionInvalidated(let reason):
                throw failure(reason)
            @unknown default:
                break
            }
        }
        throw TapFailure.lost
    }

    private static func failure(_ reason: CardSession.Error) -> TapFailure {
        switch reason {
        case .userInvalidated: .cancelled
        case .maxSessionDurationReached: .timedOut
        case .systemNotAvailable: .busy
        case .systemEligibilityFailed: .notSupported
        default: .lost
        }
    }
}
#endif
