import DcepWallet
import Foundation
import Testing

/// Payments over a camera and in files: nothing goes back but by another slip.
@Suite struct SlipTests {
    /// What a camera makes of the codes of a slip, of which it misses every other one.
    private func read(_ slip: Slip) throws -> Slip {
        let scanner = try SlipScanner()
        let step = try slip.frameCount() == 1 ? 1 : 2
        for number in stride(from: UInt32(0), to: 1_000, by: step) {
            let progress = try scanner.scan(text: slip.frame(number: number).text)
            if let slip = progress.slip {
                #expect(progress.percent == 100)
                return slip
            }
        }
        throw SlipError.foreign
    }

    @Test func threeCodesPay() throws {
        let people = try Funded()
        let amount = try Amount.parse("37.45")
        let request = try people.bob.request(amount: amount, name: "Bob's stall")
        let asked = try read(people.bob.requestSlip(request: request.id))
        #expect(try asked.kind() == .request && people.alice.readRequest(slip: asked) == request)

        let paid = try people.alice.payRequest(slip: asked, consent: .exactly(amount: amount))
        #expect(try paid.slip.frameCount() == 1 && people.alice.balance().inDoubt == amount)
        let again = try people.alice.paymentSlip(transfer: paid.transfer)
        #expect(try again?.bytes() == paid.slip.bytes())

        let taken = try people.bob.takeSlip(slip: read(paid.slip))
        #expect(taken.outcome == .received(request: request.id, transfer: paid.transfer, amount: amount))
        let receipt = try Slip.fromBytes(bytes: #require(taken.answer).bytes())
        guard case .paid(paid.transfer, amount, _, mended: false) = try people.alice.takeSlip(slip: receipt).outcome else {
            Issue.record("not paid")
            return
        }
        #expect(try people.alice.inDoubt().isEmpty && people.bob.balance().spendable == amount)
    }

    @Test func aLongOneIsReadFromAnyCodes() throws {
        let people = try Funded()
        let amount = try Amount.parse("37.45")
        var (payer, payee) = (people.alice, people.bob)
        for _ in 0..<5 {
            #expect(try Armed(payer, payee, amount).tap().completed)
            swap(&payer, &payee)
        }
        let asked = try payee.requestSlip(request: payee.request(amount: amount, name: nil).id)
        let paid = try payer.payRequest(slip: asked, consent: .exactly(amount: amount))
        #expect(try paid.slip.frameCount() > 1)
        #expect(try payee.takeSlip(slip: read(paid.slip)).answer != nil)
    }

    @Test func whatIsNoSlipIsTold() throws {
        let people = try Funded()
        #expect(throws: SlipError.foreign) { try SlipScanner().scan(text: "https://example.org") }
        #expect(throws: SlipError.tooLarge) { try Slip.fromBytes(bytes: Data(count: 40_001)) }
        let asked = try people.bob.requestSlip(request: people.bob.request(amount: .fen(500), name: nil).id)
        #expect(throws: PayError.ownRequest) { try people.bob.readRequest(slip: asked) }
        #expect(throws: PayError.confirmOnDevice(amount: .fen(500))) {
            try people.alice.payRequest(slip: asked, consent: .upTo(amount: .fen(499)))
        }
        #expect(throws: TapError.self) { try people.bob.takeSlip(slip: asked) }
    }
}
