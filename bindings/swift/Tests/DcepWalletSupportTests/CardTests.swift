import Foundation
import Testing

@testable import DcepWalletSupport

/// Answers each command with itself and `9000`, until it is pulled away.
private actor EchoCard: Card {
    private(set) var heard: [Data] = []
    private let pulledAfter: Int

    init(pulledAfter: Int = .max) {
        self.pulledAfter = pulledAfter
    }

    func transmit(_ command: Data) async throws(TapFailure) -> Data {
        guard heard.count < pulledAfter else { throw .lost }
        heard.append(command)
        return command + [0x90, 0x00]
    }
}

/// Sends the numbers from 1 on, as long as the card repeats them.
private final class Counting: ReaderSteps, @unchecked Sendable {
    struct Wrong: Error {}

    let last: UInt8
    private(set) var responses: [Data] = []

    init(to last: UInt8) {
        self.last = last
    }

    func begin() throws -> Data { Data([1]) }

    func next(after response: Data) throws -> Data? {
        responses.append(response)
        guard let number = response.first, response.suffix(2) == Data([0x90, 0x00]) else { throw Wrong() }
        return number == last ? nil : Data([number + 1])
    }
}

@Suite struct CardTests {
    @Test func everyCommandGoesOnceAndInOrder() async throws {
        let (card, steps) = (EchoCard(), Counting(to: 3))
        try await tap(card, with: steps)
        #expect(await card.heard == [Data([1]), Data([2]), Data([3])])
        #expect(steps.responses.count == 3)
    }

    @Test(arguments: 0..<3) func aCardThatIsPulledAwayEndsTheTap(after commands: Int) async {
        let (card, steps) = (EchoCard(pulledAfter: commands), Counting(to: 3))
        await #expect(throws: TapFailure.lost) { try await tap(card, with: steps) }
        #expect(steps.responses.count == commands)
    }

    @Test func whatTheCoreRefusesEndsTheTap() async {
        struct Refusing: ReaderSteps {
            func begin() throws -> Data { Data([1]) }
            func next(after response: Data) throws -> Data? { throw Counting.Wrong() }
        }
        let card = EchoCard()
        await #expect(throws: Counting.Wrong.self) { try await tap(card, with: Refusing()) }
        #expect(await card.heard.count == 1)
    }
}
