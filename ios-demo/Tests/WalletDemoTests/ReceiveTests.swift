import DcepWallet
import Testing

@testable import WalletDemo

@MainActor @Suite struct ReceiveTests {
    @Test func anAmountIsAskedForAndTaken() async throws {
        let people = try await People()
        let receive = people.bob.receive()
        (receive.amount, receive.name) = ("12.5", "Bob's stall")
        await receive.ask()
        #expect(receive.asked?.english == "You ask for 12.50 yuan." && receive.trouble == nil)
        #expect(receive.asked?.chinese == "您请求收款 12.50 元。")
        let taking = try #require(receive.handoff)
        await people.link.meet(try await people.alice.wallet.pay(consent: .unconfirmed, side: .reader))
        await taking.look()
        #expect(taking.side == .card)
        await taking.tap()
        #expect(taking.ending?.kind == .received && taking.ending?.title.chinese == "已收款 12.50 元")
        // A payer whose tap was torn can have the receipt again.
        #expect(!taking.isOver)
    }

    @Test func whatIsNoAmountOrNoNameIsSaid() async throws {
        let receive = try await People().bob.receive()
        for (amount, name, error) in [
            ("free", "", AmountError.malformed as any Error), ("0", "", ReceiveError.zero),
            ("99999999999999999", "", AmountError.tooLarge), ("20000", "", ReceiveError.paymentLimit(limit: .zero)),
            ("5", String(repeating: "x", count: 60), ReceiveError.wallet(error: .invalidName)),
        ] {
            (receive.amount, receive.name) = (amount, name)
            await receive.ask()
            #expect(receive.trouble == Phrase(error), "\(amount) \(name)")
            #expect(receive.request == nil)
        }
    }

    @Test func requestsFromBeforeAreFoundAndWithdrawn() async throws {
        let people = try await People()
        let first = people.bob.receive()
        await first.ask()
        #expect(first.asked?.english == "You leave the amount to the payer.")
        let later = people.bob.receive()
        await later.look()
        #expect(later.open.map { later.sentence(of: $0).chinese } == ["金额由付款方决定。"])
        later.show(try #require(later.open.first))
        await later.withdraw()
        #expect(later.request == nil && later.handoff == nil && later.trouble == nil)
        await later.look()
        #expect(later.open == [])
    }

    /// A payment that is signed already, for a request that was withdrawn, is taken and given back in the same tap.
    @Test func aPaymentOfAWithdrawnRequestIsGivenBack() async throws {
        let people = try await People()
        let receive = people.bob.receive()
        receive.amount = "30"
        await receive.ask()
        let id = try #require(receive.request).id
        // The payment leaves, and is lost on the way.
        await people.link.meet(try await people.bob.wallet.receive(request: id, side: .card), breaksAfter: 2)
        let paying = people.alice.pay().handoff
        await paying.tap()
        #expect(paying.isTorn)
        await people.alice.refresh()
        #expect(people.alice.inDoubt.count == 1)
        await receive.withdraw()
        let next = people.bob.receive()
        next.amount = "1"
        await next.ask()
        let again = try #require(next.handoff)
        await again.tap { taking in
            await paying.tap { paying in try await paying.tap { await taking.respond(to: $0) } }
            return try await taking.outcome()
        }
        #expect(paying.ending?.kind == .returned && again.ending?.kind == .returned)
        #expect(paying.ending?.detail?.english == "The payee did not keep it. The money is here again.")
        #expect(again.ending?.detail?.english == "You have not kept this payment.")
        await people.alice.refresh()
        #expect(people.alice.spendable?.english == "1000.00 yuan" && people.alice.inDoubt == [])
    }

    @Test func twoPayersAreToldThatTheyCannotPayEachOther() async throws {
        let people = try await People()
        await people.link.meet(try await people.bob.wallet.pay(consent: .unconfirmed, side: .card))
        let pay = people.alice.pay()
        await pay.handoff.tap()
        guard case .torn(let why, nil) = pay.handoff.stage else { throw Unexpected.screen }
        #expect(why == Phrase(TapError.sameRole))
    }

    /// What the payee cannot take, the payer is told with the most that would be taken.
    @Test func aPayeeThatIsFullSaysHowMuchItTakes() async throws {
        let people = try await People()
        let receive = people.bob.receive()
        await receive.ask()
        try people.sandbox.fund(name: "Bob", amount: .parse("9990.00"))
        let pay = people.alice.pay()
        await people.link.meet(
            try await people.bob.wallet.receive(request: try #require(receive.request).id, side: .card))
        await pay.handoff.tap()
        pay.amount = "30"
        await pay.confirm()
        await pay.handoff.tap()
        let ending = try #require(pay.handoff.ending)
        #expect(
            ending.kind == .declined
                && ending.title.english.hasPrefix("The wallet that receives may not hold that much"))
        #expect(ending.detail?.english == "You can pay 10.00 yuan now. The payee has to make room.")
        #expect(ending.detail?.chinese == "现在可以支付 10.00 元。收款方需先腾出额度。")
    }
}
