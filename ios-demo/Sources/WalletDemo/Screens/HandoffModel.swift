import DcepWallet
import Observation

/// One handoff on the screen: from holding the phones together, over as many torn taps as it takes, to what came of it.
@MainActor @Observable
public final class HandoffModel: Identifiable {
    public enum Stage: Hashable, Sendable {
        /// Hold the phones together.
        case ready
        /// They are.
        case touching
        /// They came apart, or never met: what happened, and how much is in doubt until they meet again.
        case torn(why: Phrase, inDoubt: Phrase?)
        case over(Ending)
    }

    public private(set) var stage = Stage.ready
    /// The sides that this phone can take; empty until `look`.
    public private(set) var sides: [Side] = []
    /// Which of them the next tap takes. A handoff is made for one side: for the other one another is
    /// made, which resumes what was signed in the first.
    public var side: Side {
        didSet { if side != oldValue { handoff = nil } }
    }
    private(set) var outcome: HandoffOutcome?

    /// Whether this handoff is through, and takes no further tap.
    public var isOver: Bool {
        if case .over(let ending) = stage { !ending.mayRepeat } else { false }
    }

    private let wallet: Wallet
    private let radio: any Radio
    private let begin: (Side) async throws -> Handoff
    private var handoff: Handoff?

    /// - Parameter begin: makes the handoff, when the phones are held together for the first time.
    init(
        _ wallet: Wallet, radio: any Radio, side: Side = .reader, begin: @escaping (Side) async throws -> Handoff
    ) {
        self.wallet = wallet
        self.radio = radio
        self.side = side
        self.begin = begin
    }

    /// Asks what the phone can be, here and now.
    public func look() async {
        sides = await radio.sides()
        if let usual = sides.first, !sides.contains(side) { side = usual }
    }

    /// Holds the phones together once.
    public func tap() async {
        let (radio, side) = (radio, side)
        await tap { try await radio.tap($0, on: side, saying: TapWords()) }
    }

    /// The same, over a link of the caller's.
    func tap(over link: (Handoff) async throws -> HandoffOutcome?) async {
        guard stage != .touching, !isOver else { return }
        let before = stage
        stage = .touching
        do {
            let handoff = try await current()
            if let outcome = try await link(handoff) {
                try await conclude(outcome, handoff)
            } else {
                await tear(Phrase(TapFailure.lost))
            }
        } catch TapFailure.cancelled {
            stage = before
        } catch {
            await tear(Phrase(error))
        }
    }

    private func current() async throws -> Handoff {
        if let handoff { return handoff }
        let made = try await begin(side)
        handoff = made
        return made
    }

    private func conclude(_ outcome: HandoffOutcome, _ handoff: Handoff) async throws {
        self.outcome = outcome
        stage = .over(Ending(outcome, isPayee: try await handoff.isPayee()))
    }

    private func tear(_ why: Phrase) async {
        let inDoubt = try? await wallet.balance().inDoubt
        stage = .torn(why: why, inDoubt: inDoubt.flatMap { $0 > .zero ? .yuan($0) : nil })
    }
}
