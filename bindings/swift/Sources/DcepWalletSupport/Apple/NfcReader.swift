#if canImport(CoreNFC) && os(iOS) || DCEP_APPLE_STUBS
@preconcurrency import CoreNFC
import Foundation

/// Shows the system's sheet, waits for one card that has the wallet's application, and hands it out.
///
/// The app needs the entitlement for tag reading, `NFCReaderUsageDescription`, and the application's id `F04443455001`
/// among `com.apple.developer.nfc.readersession.iso7816.select-identifiers`.
package final class NfcReader: NSObject, NFCTagReaderSessionDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var waiting: CheckedContinuation<NfcCard, any Error>?
    private var outcome: Result<NfcCard, any Error>?

    /// Runs one tap.
    /// - Parameters:
    ///   - invitation: what the sheet says while nobody is there.
    ///   - success: what it says at the end.
    package static func withCard<T: Sendable>(
        invitation: String, success: String, failure: String,
        _ work: @Sendable (any Card) async throws -> T
    ) async throws -> T {
        guard NFCTagReaderSession.readingAvailable else { throw TapFailure.notSupported }
        let reader = NfcReader()
        guard let made = NFCTagReaderSession(pollingOption: .iso14443, delegate: reader, queue: nil) else {
            throw TapFailure.notSupported
        }
        // Its methods may be called from any thread, and it is not marked so.
        nonisolated(unsafe) let session = made
        session.alertMessage = invitation
        do {
            let card = try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    reader.wait(continuation)
                    session.begin()
                }
            } onCancel: {
                session.invalidate()
                reader.finish(.failure(TapFailure.cancelled))
            }
            let outcome = try await work(card)
            session.alertMessage = success
            session.invalidate()
            return outcome
        } catch {
            session.invalidate(errorMessage: failure)
            throw error
        }
    }

    package func tagReaderSessionDidBecomeActive(_ session: NFCTagReaderSession) {}

    package func tagReaderSession(_ session: NFCTagReaderSession, didInvalidateWithError error: any Error) {
        finish(.failure(Self.failure(error)))
    }

    package func tagReaderSession(_ session: NFCTagReaderSession, didDetect tags: [NFCTag]) {
        guard tags.count == 1, let tag = tags.first, case .iso7816(let card) = tag else {
            // Two phones, or something else: look again, until one is left.
            session.restartPolling()
            return
        }
        session.connect(to: tag) { [weak self] error in
            if error == nil {
                self?.finish(.success(NfcCard(tag: card)))
            } else {
                session.restartPolling()
            }
        }
    }

    /// Resumes as soon as there is an outcome, or at once if there is one already.
    private func wait(_ continuation: CheckedContinuation<NfcCard, any Error>) {
        let known = lock.withLock {
            if outcome == nil { waiting = continuation }
            return outcome
        }
        if let known { continuation.resume(with: known) }
    }

    /// The first outcome counts.
    private func finish(_ first: Result<NfcCard, any Error>) {
        let waiter = lock.withLock {
            if outcome == nil { outcome = first }
            defer { waiting = nil }
            return waiting
        }
        waiter?.resume(with: first)
    }

    fileprivate static func failure(_ error: any Error) -> TapFailure {
        switch (error as? NFCReaderError)?.code {
        case .readerSessionInvalidationErrorUserCanceled?: .cancelled
        case .readerSessionInvalidationErrorSessionTimeout?: .timedOut
        case .readerSessionInvalidationErrorSystemIsBusy?: .busy
        case .readerErrorUnsupportedFeature?, .readerErrorSecurityViolation?: .notSupported
        default: .lost
        }
    }
}

/// A card that the reader is connected to.
private struct NfcCard: Card, @unchecked Sendable {
    let tag: any NFCISO7816Tag

    func transmit(_ command: Data) async throws(TapFailure) -> Data {
        guard let command = NFCISO7816APDU(data: command) else { throw .lost }
        let response: Data
        do {
            response = try await withCheckedThrowingContinuation { continuation in
                tag.sendCommand(apdu: command) { data, first, second, error in
                    if let error {
                        continuation.resume(throwing: error)
                    } else {
                        continuation.resume(returning: data + [first, second])
                    }
                }
            }
        } catch {
            throw NfcReader.failure(error)
        }
        return response
    }
}
#endif
