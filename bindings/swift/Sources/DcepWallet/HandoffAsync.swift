import Foundation

/// The calls of a handoff for asynchronous code.
///
/// Each does what the call of the same name does, which blocks, on a queue of its own: none of them blocks the cooperative
/// pool. In asynchronous code Swift chooses these, so that nobody blocks it by mistake.
///
/// Cancelling the task does not reach the call: it is awaited to its end, and its result is returned.
extension Handoff {
    /// A link without frames of its own, such as a socket: a tap begins. The reader gets the first message to send, the card
    /// `nil`.
    public func begin() async throws -> Data? {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Data? in try begin() }
    }

    /// Reader: a tap begins. Returns the first command to transmit; the card's response goes to `receive`. `Short` frames
    /// pass everywhere; `Extended` ones where the reader says so.
    public func beginTap(frames: FrameSize) async throws -> Data {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Data in try beginTap(frames: frames) }
    }

    /// The same link: takes the other side's message, and returns the answer to send; `nil` when there is nothing more to
    /// say.
    public func hear(message: Data) async throws -> Data? {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Data? in try hear(message: message) }
    }

    /// Whether this device is the one that is paid.
    public func isPayee() async throws -> Bool {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Bool in try isPayee() }
    }

    /// What has come of it so far; `nil` while nothing is decided.
    public func outcome() async throws -> HandoffOutcome? {
        try await OffThePool.run(on: .wallet) { [self] () throws -> HandoffOutcome? in try outcome() }
    }

    /// Card: answers a command, whatever it is. A reader that is not a wallet's learns nothing.
    public func process(command: Data) async throws -> Data {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Data in try process(command: command) }
    }

    /// Reader: takes the card's response, and returns the next command to transmit; `nil` when the handoff is over. After
    /// an error the tap is over, and another may begin.
    public func receive(response: Data) async throws -> Data? {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Data? in try receive(response: response) }
    }

    /// Whether this device is the reader or the card.
    public func side() async throws -> Side {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Side in try side() }
    }
}
