// Of CoreNFC: declarations to compile against, not marked as safe to send, as Apple's are not.
import Foundation

public struct NFCReaderError: Error {
    public enum Code: Int, Sendable {
        case readerErrorUnsupportedFeature = 1
        case readerErrorSecurityViolation = 2
        case readerTransceiveErrorTagConnectionLost = 100
        case readerSessionInvalidationErrorUserCanceled = 200
        case readerSessionInvalidationErrorSessionTimeout = 201
        case readerSessionInvalidationErrorSessionTerminatedUnexpectedly = 202
        case readerSessionInvalidationErrorSystemIsBusy = 203
    }

    public let code: Code
}

open class NFCReaderSession: NSObject {
    open class var readingAvailable: Bool { false }
    open var alertMessage = ""
    open func begin() {}
    open func invalidate() {}
    open func invalidate(errorMessage: String) {}
}

public protocol NFCTagReaderSessionDelegate: NSObjectProtocol {
    func tagReaderSessionDidBecomeActive(_ session: NFCTagReaderSession)
    func tagReaderSession(_ session: NFCTagReaderSession, didInvalidateWithError error: any Error)
    func tagReaderSession(_ session: NFCTagReaderSession, didDetect tags: [NFCTag])
}

open class NFCTagReaderSession: NFCReaderSession {
    public struct PollingOption: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        public static let iso14443 = Self(rawValue: 1)
    }

    public init?(pollingOption: PollingOption, delegate: any NFCTagReaderSessionDelegate, queue: DispatchQueue? = nil) {
        return nil
    }

    open func restartPolling() {}
    open func connect(to tag: NFCTag, completionHandler: @escaping ((any Error)?) -> Void) {}
}

public enum NFCTag {
    case feliCa(any NSObjectProtocol)
    case iso7816(any NFCISO7816Tag)
    case iso15693(any NSObjectProtocol)
    case miFare(any NSObjectProtocol)
}

public protocol NFCISO7816Tag: NSObjectProtocol {
    func sendCommand(apdu: NFCISO7816APDU, completionHandler: @escaping (Data, UInt8, UInt8, (any Error)?) -> Void)
}

open class NFCISO7816APDU: NSObject {
    public init?(data: Data) {}
}

public final class NFCPresentmentIntentAssertion {
    public static func acquire() async throws -> NFCPresentmentIntentAssertion { NFCPresentmentIntentAssertion() }
}

public final class CardSession: @unchecked Sendable {
    public enum Error: Swift.Error, Sendable {
        case emulationStopped, invalidParameter, maxSessionDurationReached, systemEligibilityFailed
        case systemNotAvailable, transmissionError, userInvalidated
    }

    public enum EmulationUIStatus: Sendable { case none, success, failure, `continue` }

    public struct APDU: Sendable {
        public let payload: Data
        public func respond(response: Data) async throws {}
    }

    public enum Event: Sendable {
        case sessionStarted, readerDetected, readerDeselected
        case received(cardAPDU: APDU)
        case sessionInvalidated(reason: CardSession.Error)
    }

    public final class EventStream: AsyncSequence, Sendable {
        public typealias Element = Event

        public final class Iterator: AsyncIteratorProtocol {
            public func next() async throws -> Event? { nil }
        }

        public func makeAsyncIterator() -> Iterator { Iterator() }
    }

    public init() async throws {}

    public static var isSupported: Bool { false }
    public static var isEligible: Bool { get async { false } }
    public var isEmulationInProgress: Bool { get async { false } }
    public var eventStream: EventStream { EventStream() }
    public var alertMessage: String {
        get { "" }
        set {}
    }
    public func startEmulation() async throws {}
    public func stopEmulation(status: EmulationUIStatus) async {}
    public func invalidate() {}
}
