import Foundation

/// Why a tap came to nothing on the radio. It may be repeated at once.
public enum TapFailure: Error, Equatable, Sendable {
    /// This device, this system or this country does not have it.
    case notSupported
    /// The user closed the system's sheet.
    case cancelled
    /// Nobody came near in time.
    case timedOut
    /// The other device went away, or more than one was near.
    case lost
    /// The radio is used by somebody else, or has to rest.
    case busy
}

/// A card in the field: another phone.
package protocol Card: Sendable {
    /// Transmits a command and returns the response, with its two status bytes at the end.
    func transmit(_ command: Data) async throws(TapFailure) -> Data
}
