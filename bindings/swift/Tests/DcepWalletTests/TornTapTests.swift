import DcepWallet
import Foundation
import Testing

/// Torn taps: cut in every frame, with restarts in between; nothing is paid twice, and nothing is lost.
@Suite struct TornTapTests {
    private static let amount = Amount.fen(3_745)
    private static let all = Amount.fen(10_000)

    enum Restarted: CaseIterable { case nobody, alice, bob, both }

    @Test(arguments: [Side.reader, .card], Restarted.allCases)
    func whateverTearsIsMended(payerSide: Side, restarted: Restarted) throws {
        let frames: FrameSize = restarted == .nobody || restarted == .both ? .short : .extended
        var people = try Funded(seed: 2)
        let whole = try Armed(people.alice, people.bob, Self.amount, payerSide: payerSide).tap(frames)
        var cuts: [UInt64] = [0]
        for frame in whole.frames.dropLast() { cuts.append((cuts.last ?? 0) + UInt64(frame.bytes.count)) }
        cuts = [0] + cuts.dropFirst().map { $0 + 1 }
        var doubtful = Set<Bool>()
        for cut in cuts {
            people = try Funded(seed: 3)
            let request = try people.bob.request(amount: Self.amount, name: nil).id
            let armed = try Armed(people.alice, people.bob, Self.amount, request: request, payerSide: payerSide)
            let torn = try armed.tap(frames, tearAfter: cut)
            #expect(!torn.completed && torn.bytes == cut)
            try account(people)
            doubtful.insert(try !people.alice.inDoubt().isEmpty)

            if restarted == .alice || restarted == .both { people.alice = try people.sandbox.restart(name: "Alice") }
            if restarted == .bob || restarted == .both { people.bob = try people.sandbox.restart(name: "Bob") }
            try account(people)
            if restarted == .nobody {
                // The very same handoffs again; unless only the last word tore, after which the payer is done.
                if try armed.paying.outcome() == nil { #expect(try armed.tap(frames).completed) }
                #expect(try armed.paying.outcome()?.isPaid == true)
            } else if try !people.alice.inDoubt().isEmpty || people.bob.balance().spendable == .zero {
                let again = try Armed(people.alice, people.bob, Self.amount, request: request, payerSide: payerSide)
                #expect(try again.tap(frames).completed)
                #expect(try again.paying.outcome()?.isPaid == true)
            }
            #expect(try people.alice.balance().spendable == Self.all.subtracting(Self.amount))
            #expect(try people.bob.balance().spendable == Self.amount)
            #expect(try people.alice.inDoubt() == [])
        }
        #expect(doubtful == [false, true])
    }

    /// Every fen is at Alice, at Bob, or in doubt; and what is in doubt may be at Bob already.
    private func account(_ people: Funded) throws {
        let (balance, taken) = (try people.alice.balance(), try people.bob.balance().spendable)
        #expect([.zero, Self.amount].contains(balance.inDoubt))
        let here = try balance.spendable.adding(balance.inDoubt)
        #expect([Self.all, Self.all.subtracting(Self.amount)].contains(here))
        #expect(try here.adding(taken) >= Self.all)
        let without = try balance.spendable.adding(taken)
        #expect([Self.all, Self.all.subtracting(Self.amount)].contains(without))
    }

    @Test func theBankEndsADoubtThatNoTapEnds() throws {
        let people = try Funded()
        _ = try Armed(people.alice, people.bob, Self.amount).tap(tearAfter: 660)
        #expect(try people.alice.inDoubt().map(\.amount) == [Self.amount])
        #expect(try people.alice.sync().doubtsEnded == 1)
        _ = try people.bob.sync()
        #expect(try people.alice.inDoubt() == [])
        #expect(try people.bob.balance().spendable == Self.amount)
    }

    /// The loop of the package, over a link that breaks at any frame.
    @Test(arguments: 0..<4) func aLinkThatBreaksTearsTheTap(after good: Int) async throws {
        let people = try Funded()
        let request = try await people.bob.request(amount: Self.amount)
        let card = try await people.bob.receive(request: request.id, side: .card)
        let reader = try await people.alice.pay(consent: .exactly(amount: Self.amount), side: .reader)
        let link = Link(to: card, breaksAfter: good)
        await #expect(throws: TapFailure.lost) {
            try await reader.tap { try await link.transmit($0) }
        }
        #expect(await link.passed == good)
        let whole = Link(to: card, breaksAfter: .max)
        let outcome = try await reader.tap(frames: .extended) { try await whole.transmit($0) }
        #expect(outcome?.isPaid == true)
        #expect(try await people.bob.balance().spendable == Self.amount)
    }

    private actor Link {
        private let card: Handoff
        private let breaksAfter: Int
        private(set) var passed = 0

        init(to card: Handoff, breaksAfter: Int) {
            self.card = card
            self.breaksAfter = breaksAfter
        }

        func transmit(_ command: Data) async throws -> Data {
            guard passed < breaksAfter else { throw TapFailure.lost }
            passed += 1
            return await card.respond(to: command)
        }
    }
}
