import DcepWalletSupport
import Foundation

/// Why a tap came to nothing on the radio. It may be repeated at once.
public typealias TapFailure = DcepWalletSupport.TapFailure

extension Handoff {
    /// The reader's side of one tap, over any link that carries a command to the card and the response back: what comes of
    /// it, or `nil` if nothing is decided yet.
    ///
    /// What `transmit` throws ends the tap and is thrown; whatever was committed before stays committed, and another tap goes
    /// on from there. Nothing is transmitted twice.
    /// - Parameters:
    ///   - frames: `short` ones pass everywhere; `extended` ones, where the reader takes them, make the tap shorter.
    ///   - transmit: sends a command and returns the response with its two status bytes.
    /// - Throws: ``TapError``, or what `transmit` throws.
    public func tap(
        frames: FrameSize = .short, transmit: @escaping @Sendable (_ command: Data) async throws -> Data
    ) async throws -> HandoffOutcome? {
        var command: Data? = try await beginTap(frames: frames)
        while let next = command {
            command = try await receive(response: try await transmit(next))
        }
        return try await outcome()
    }

    /// The card's side: the response to a command, whatever it is. Where the wallet cannot answer, it is what a phone without
    /// a wallet would say, and the tap is torn.
    public func respond(to command: Data) async -> Data {
        (try? await process(command: command)) ?? unarmedResponse(command: command)
    }
}
