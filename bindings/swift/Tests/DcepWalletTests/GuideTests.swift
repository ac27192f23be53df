import DcepWallet
import Foundation
import Testing

/// What `docs/embedding-ios.md` says, run in its order. The blocks of the page stand here, line for line.
@Suite struct GuideTests {
    @Test func thePageRuns() async throws {
        let box = try Sandbox(seed: 7)
        let (alice, bob) = (try box.phone(name: "Alice"), try box.phone(name: "Bob"))
        try box.fund(name: "Alice", amount: .parse("100.00"))

        let request = try await bob.request(amount: .parse("37.45"), name: "Bob's stall")
        let card = try await bob.receive(request: request.id, side: .card)
        let reader = try await alice.pay(consent: .exactly(amount: .parse("37.45")), side: .reader)
        let outcome = try await reader.tap { command in await card.respond(to: command) }

        print(outcome as Any, try await bob.balance().spendable)

        #expect(outcome?.isPaid == true)
        #expect(try await bob.balance().spendable == .parse("37.45"))

        try box.payIn(account: try await alice.account(), amount: .parse("20.00"))
        let loading = Task { try await alice.load(amount: .parse("20.00")) }
        loading.cancel()
        try await loading.value
        #expect(try await alice.balance().spendable == .parse("82.55"))

        for try await event in bob.events {
            if case .received(_, _, let amount, let payer) = event.kind {
                print("received \(amount) from \(payer ?? "somebody")")
                break
            }
        }

        do {
            let card = try tear(alice, bob)
            for doubt in try await alice.inDoubt() {
                print("\(doubt.amount) in doubt for \(doubt.age) s")
            }
            let again = try await alice.resume(side: .reader)
            let mended = try await again.tap { command in await card.respond(to: command) }
            #expect(mended?.isPaid == true)
        }

        let asked = try await bob.requestSlip(request: bob.request(amount: .parse("2.50")).id)
        let code = try asked.frame(number: 0)  // code.modules, to draw; code.text, what a camera reads

        guard let read = try SlipScanner().scan(text: code.text).slip else { return }
        print(try await alice.readRequest(slip: read).payee)
        let paid = try await alice.payRequest(slip: read, consent: .exactly(amount: .parse("2.50")))

        let taken = try await bob.takeSlip(slip: paid.slip)
        if let receipt = taken.answer { _ = try await alice.takeSlip(slip: receipt) }
        #expect(try await alice.inDoubt().isEmpty && code.side * code.side == UInt32(code.modules.count))

        let total = try Amount.parse("37.45").adding(.fen(55))
        assert("\(total)" == "38.00" && total > .fen(3_745) && Amount("38") == nil)

        do {
            _ = try await alice.request(amount: Amount(fen: 1 << 60))
        } catch let error as ReceiveError where error == .wallet(error: .invalidAmount) {
            print(error.code, error.isRetryable, error.sentence(.simplifiedChinese))
        }
    }

    private func tear(_ alice: Wallet, _ bob: Wallet) throws -> Handoff {
        let armed = try Armed(alice, bob, .fen(500))
        _ = try armed.tap(tearAfter: 660)
        #expect(try alice.inDoubt().count == 1)
        return armed.taking
    }

    @Test func everyBlockOfThePageStandsInATest() throws {
        let page = try text("docs/embedding-ios.md")
        let tests = try [
            "Tests/DcepWalletTests/GuideTests.swift", "AppleStubs/Tests/AppleTests/GuideTests.swift",
        ].map { plain(try text("bindings/swift/" + $0)) }
        let blocks = page.components(separatedBy: "```swift\n").dropFirst().map {
            plain($0.components(separatedBy: "```")[0])
        }
        #expect(blocks.count == 9)
        let readme = try text("README.md").components(separatedBy: "```swift\n").dropFirst().map {
            plain($0.components(separatedBy: "```")[0])
        }
        for block in blocks + readme {
            #expect(tests.contains { $0.contains(block) }, "\(block)")
        }
        let first = blocks[0].split(separator: "\n")
        #expect(first.count <= 10)
    }

    @Test func everyErrorIsInTheTable() throws {
        let page = try text("docs/embedding-ios.md")
        for family in Set(EveryError.cases.map { $0.name.prefix { $0 != "." } }) where family != "SandboxError" {
            #expect(page.contains("`\(family)`"), "\(family)")
        }
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOf: repository.appendingPathComponent(path), encoding: .utf8)
    }

    /// Without indents and blank lines.
    private func plain(_ text: String) -> String {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            .joined(separator: "\n")
    }
}
