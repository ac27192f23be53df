import DcepWallet
import Foundation
import Testing

/// The `async` forms: off the cooperative pool, and not to be cancelled half-way.
@Suite struct AsyncTests {
    /// A line that says when it is asked, and answers when it is told to.
    private final class Gate: BankTransport, @unchecked Sendable {
        private let inner: BankTransport
        private let lock = NSLock()
        private var closed = false
        private let open = DispatchSemaphore(value: 0)
        let asked: AsyncStream<Void>
        private let ask: AsyncStream<Void>.Continuation

        init(_ inner: BankTransport) {
            self.inner = inner
            (asked, ask) = AsyncStream<Void>.makeStream()
        }

        func close() { lock.withLock { closed = true } }
        func release() {
            lock.withLock { closed = false }
            open.signal()
        }

        func call(call: Data) throws -> Data {
            if lock.withLock({ closed }) {
                ask.yield()
                open.wait()
            }
            return try inner.call(call: call)
        }

        func trust() throws -> Data { try inner.trust() }
    }

    @Test func cancellingLosesNothing() async throws {
        let sandbox = try Sandbox(seed: 5)
        let gate = Gate(try sandbox.bank())
        let owner = try makeOwner(softwarePlatform(bank: gate, clock: sandbox.clock()), sandbox)
        let wallet = owner.wallet
        try sandbox.payIn(account: try await wallet.account(), amount: .fen(10_000))
        gate.close()
        let loading = Task {
            try await wallet.load(amount: .fen(10_000))
            return Task.isCancelled
        }
        for await _ in gate.asked { break }
        loading.cancel()
        gate.release()
        #expect(try await loading.value)
        #expect(try await wallet.balance().spendable == .fen(10_000))
        #expect(try await wallet.inDoubt() == [])
    }

    @Test func aPaymentInACancelledTaskIsMadeAndHeardOf() async throws {
        let people = try Funded()
        let (alice, bob) = (people.alice, people.bob)
        let request = try await bob.request(amount: .fen(500))
        let card = try await bob.receive(request: request.id, side: .card)
        let paying = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let reader = try await alice.pay(consent: .exactly(amount: .fen(500)), side: .reader)
            return try await reader.tap { await card.respond(to: $0) }
        }
        #expect(try await paying.value?.isPaid == true)
        #expect(try await bob.balance().spendable == .fen(500))
    }

    /// More calls than the pool has threads wait for a bank that says nothing, and everything else goes on.
    @Test func thePoolIsNeverBlocked() async throws {
        let sandbox = try Sandbox(seed: 5)
        let gate = Gate(try sandbox.bank())
        let owner = try makeOwner(softwarePlatform(bank: gate, clock: sandbox.clock()), sandbox)
        let wallet = owner.wallet
        gate.close()
        let count = ProcessInfo.processInfo.activeProcessorCount * 4
        let calls = (0..<count).map { _ in Task { try await wallet.accountBalance() } }
        for await _ in gate.asked { break }
        let others = (0..<count).map { number in Task { number } }
        for (number, other) in others.enumerated() { #expect(await other.value == number) }
        // The device's own calls do not wait for the bank either.
        #expect(try await wallet.balance().spendable == .zero)
        gate.release()
        for call in calls { #expect(try await call.value == .zero) }
    }

    private func makeOwner(_ platform: Platform, _ sandbox: Sandbox) throws -> Owner {
        try Owner(platform, root: sandbox.root())
    }

    @Test func eventsComeAsTheyHappenUntilTheyAreHeard() async throws {
        let people = try Funded()
        let bob = people.bob
        // Left in the middle: not heard.
        try settle(people, .fen(100))
        for try await event in bob.events {
            #expect(amount(event) == .fen(100))
            break
        }
        let (heard, hear) = AsyncStream<Amount?>.makeStream()
        let listening = Task {
            for try await event in bob.events { hear.yield(amount(event)) }
            hear.finish()
        }
        var heardOf = heard.makeAsyncIterator()
        #expect(await heardOf.next() == .fen(100))
        for fen in [200, 300] as [UInt64] {
            try settle(people, .fen(fen))
            #expect(await heardOf.next() == .fen(fen))
        }
        try await bob.shutDown()
        _ = await listening.result
        let again = try people.sandbox.restart(name: "Bob")
        // The last one may not have been acknowledged before the wallet was closed; all others were.
        #expect(try again.heard().count <= 1)
    }

    @Test func aLoopEndsWhenAnotherBeginsAndWhenItsTaskIsCancelled() async throws {
        let people = try Funded()
        let bob = people.bob
        let (heard, hear) = AsyncStream<Void>.makeStream()
        let first = Task {
            for try await _ in bob.events { hear.yield() }
        }
        try settle(people, .fen(100))
        for await _ in heard { break }
        let second = Task {
            for try await _ in bob.events {}
        }
        try await first.value
        second.cancel()
        try await second.value
    }

    private func settle(_ people: Funded, _ amount: Amount) throws { try pay(people.alice, people.bob, amount) }

    private func amount(_ event: Event) -> Amount? {
        if case .received(_, _, let amount, _) = event.kind { amount } else { nil }
    }
}
