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

/// The reader's side of a tap, as the core has it: which command comes next.
package protocol ReaderSteps: Sendable {
    /// The command that begins.
    func begin() throws -> Data
    /// What comes after this response; `nil`: the tap is over.
    func next(after response: Data) throws -> Data?
}

/// Carries commands to the card and responses back, until the tap is over. Whatever the core says to a response is
/// final: this neither repeats nor interprets.
package func tap(_ card: some Card, with steps: some ReaderSteps) async throws {
    var command: Data? = try steps.begin()
    while let next = command {
        command = try steps.next(after: await card.transmit(next))
    }
}
