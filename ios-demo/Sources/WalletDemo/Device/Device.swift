import DcepWallet
import Foundation

/// What the app needs of the device it runs on. The phone's is in the app, a test brings its own.
public protocol Device: Sendable {
    /// A folder for the app's files that is in no backup.
    var folder: URL { get }
    /// What the vault's hardware signs with.
    var algorithm: Algorithm { get }
    /// Whether the vault asks the holder by face, finger or passcode. Where it cannot, the wallet's PIN is asked for.
    var asksHolder: Bool { get }
    /// How it meets other phones.
    var radio: any Radio { get }
    /// What it lends to a wallet; `nil` for an address that is none.
    func platform(bank: URL) throws -> Platform?
}

/// How a phone meets another one: NFC, or in one process a simulated tap.
public protocol Radio: Sendable {
    /// The sides of a tap that this phone can take here and now: asked each time, because the system may permit being the
    /// card in one country and not in the next. The first is the usual one; none: there are only codes.
    func sides() async -> [Side]

    /// Holds the phones together once.
    /// - Returns: what has come of the handoff, or `nil` if nothing is decided yet.
    /// - Throws: `TapFailure`, `TapError`. What was committed stays committed.
    func tap(_ handoff: Handoff, on side: Side, saying words: TapWords) async throws -> HandoffOutcome?
}

/// What the system's sheet says during a tap.
public struct TapWords: Hashable, Sendable {
    public let invitation = Phrase("Hold the phones together")
    public let success = Phrase("Done")
    public let failure = Phrase("Torn: hold the phones together again")

    public init() {}
}

extension Side {
    var other: Side { self == .reader ? .card : .reader }
}
