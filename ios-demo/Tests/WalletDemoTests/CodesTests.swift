import DcepWallet
import Foundation
import Testing

@testable import WalletDemo

/// Paying without NFC: what the one phone shows, the other one reads.
@MainActor @Suite struct CodesTests {
    /// The camera of `to` sees what `from` shows: every `step`-th frame.
    private func pass(_ from: CodesModel, _ to: CodesModel, step: Int = 1) async throws {
        await from.start()
        guard case .show(let code, _) = from.step else { throw Unexpected.screen }
        to.scan()
        guard case .scan(let scan) = to.step else { throw Unexpected.screen }
        for _ in 0..<200 {
            await scan.see("https://example.org")
            #expect(scan.trouble == nil)
            await scan.see(try code.text())
            guard case .scan = to.step else { return }
            #expect(code.isMoving && scan.progress?.chinese.hasPrefix("已读取") == true)
            for _ in 0..<step { code.next() }
        }
        Issue.record("never read")
    }

    private func asking(_ people: People, _ amount: String) async -> CodesModel {
        let receive = people.bob.receive()
        receive.amount = amount
        receive.name = "Bob"
        await receive.ask()
        let code = receive.code()
        await code.start()
        return code
    }

    @Test func requestPaymentReceipt() async throws {
        let people = try await People()
        let payee = await asking(people, "37.45")
        guard case .show(let request, nil) = payee.step else { throw Unexpected.screen }
        #expect(request.invitation.english == "Let the payer scan this code." && !request.isMoving)
        let code = try #require(request.code)
        // The corner of a code is a dark square around a light one around a dark one.
        #expect((0..<7).allSatisfy { code.isDark(row: 0, column: $0) && code.isDark(row: $0, column: 0) })
        #expect(!code.isDark(row: 1, column: 1) && code.isDark(row: 2, column: 2) && !code.isDark(row: 7, column: 7))

        let payer = people.alice.scan()
        try await pass(payee, payer)
        #expect(payer.asked?.english == "Pay 37.45 yuan to “Bob” (name not checked)?")
        #expect(try await people.alice.wallet.inDoubt() == [])
        await payer.confirm()
        guard case .show(let payment, nil) = payer.step else { throw Unexpected.screen }
        #expect(payment.invitation.chinese.hasPrefix("请收款方扫描此码。") && !payment.isMoving)
        await people.alice.refresh()
        #expect(people.alice.inDoubt.map(\.amount.english) == ["37.45 yuan"])

        try await pass(payer, payee)
        guard case .show(let receipt, let received?) = payee.step else { throw Unexpected.screen }
        #expect(received.kind == .received && received.title.english == "Received 37.45 yuan")
        #expect(receipt.invitation.english == "Let the payer scan this receipt.")
        try await pass(payee, payer)
        guard case .over(let paid) = payer.step else { throw Unexpected.screen }
        #expect(paid.kind == .paid && paid.title.english == "Paid 37.45 yuan to “Bob” (name not checked)")
        await people.alice.refresh()
        #expect(people.alice.inDoubt == [] && people.alice.spendable?.english == "962.55 yuan")
    }

    /// Without the receipt the payment stays in doubt, is shown again, and ends when either of them connects.
    @Test func aReceiptThatNeverCameBack() async throws {
        var people = try await People()
        let payee = await asking(people, "37.45")
        let payer = people.alice.scan()
        try await pass(payee, payer)
        await payer.confirm()
        try people.restartAlice()
        await people.alice.refresh()
        let doubt = try #require(people.alice.inDoubt.first)
        // The very same payment, twice: it is taken once.
        for said in ["Received 37.45 yuan", "37.45 yuan had been received before"] {
            try await pass(people.alice.code(of: doubt), payee)
            guard case .show(_, let ending?) = payee.step else { throw Unexpected.screen }
            #expect(ending.kind == .received && ending.title.english == said)
        }
        #expect(try await people.bob.wallet.balance().spendable == .parse("37.45"))
        await people.alice.refresh()
        #expect(people.alice.inDoubt == [doubt])
        await people.bob.bank().connect()
        await people.alice.bank().connect()
        await people.alice.refresh()
        #expect(people.alice.inDoubt == [])
    }

    @Test func anAmountThatIsLeftOpenAndAPin() async throws {
        let people = try await People()
        try await people.alice.wallet.setPin(pin: Pin(typing: "1234"))
        let payer = people.alice.scan()
        try await pass(await asking(people, ""), payer)
        #expect(payer.asked?.english == "Pay how much to “Bob” (name not checked)?")
        #expect(await payer.asksForPin())
        payer.amount = "much"
        await payer.confirm(pin: "1234")
        #expect(payer.trouble == Phrase(AmountError.malformed))
        payer.amount = "300"
        await payer.confirm(pin: "0000")
        #expect(payer.trouble?.english == "That is not the PIN: try again.")
        #expect(try await people.alice.wallet.inDoubt() == [])
        await payer.confirm(pin: "1234")
        guard case .show = payer.step else { throw Unexpected.screen }
        #expect(try await people.alice.wallet.inDoubt().map(\.amount) == [.parse("300.00")])
    }

    /// Money that has come a long way is a code that moves, readable from any frame on, with gaps.
    @Test func aLongChainIsAMovingCode() async throws {
        let people = try await People()
        var homes = [people.alice, people.bob]
        // To and fro: the chain grows, and does not fit into one code any more.
        for _ in 0..<6 {
            let request = try await homes[1].wallet.request(amount: .parse("1000.00"))
            await people.link.meet(try await homes[1].wallet.receive(request: request.id, side: .card))
            let pay = homes[0].pay()
            await pay.handoff.tap()
            await pay.confirm()
            await pay.handoff.tap()
            #expect(pay.handoff.ending?.kind == .paid)
            homes.swapAt(0, 1)
        }
        let receive = homes[1].receive()
        receive.amount = "900"
        await receive.ask()
        let (payee, payer) = (receive.code(), homes[0].scan())
        try await pass(payee, payer)
        await payer.confirm()
        guard case .show(let payment, _) = payer.step else { throw Unexpected.screen }
        #expect(payment.isMoving)
        try await pass(payer, payee, step: 3)
        guard case .show(_, let ending?) = payee.step else { throw Unexpected.screen }
        #expect(ending.kind == .received)
    }

    @Test func aFileDoesWhatACodeDoes() async throws {
        let people = try await People()
        guard case .show(let request, _) = await asking(people, "5").step else { throw Unexpected.screen }
        let payer = people.alice.scan()
        await payer.start()
        guard case .scan(let scan) = payer.step else { throw Unexpected.screen }
        await scan.open(Data("no slip".utf8))
        #expect(scan.trouble != nil)
        await scan.open(request.file)
        #expect(payer.asked?.chinese == "向“Bob”（名称未经核实）付款 5.00 元？")
        // The camera still sees it when the payment is shown already: nothing is read any more.
        await payer.confirm()
        await scan.see(try request.text())
        guard case .show = payer.step else { throw Unexpected.screen }
    }

    @Test func aRefundIsACodeToo() async throws {
        let people = try await People()
        try await people.pay("12.00")
        let history = people.bob.history()
        await history.refresh()
        let sale = history.detail(of: try #require(history.rows.first))
        await sale.look()
        #expect(!sale.canShowCode)
        await sale.refund()
        #expect(sale.canShowCode)
        let (giving, taking) = (sale.code(), people.alice.scan())
        try await pass(giving, taking)
        guard case .show(_, let back?) = taking.step else { throw Unexpected.screen }
        #expect(back.title.english == "Refunded 12.00 yuan" && back.detail?.english == "The money is here again.")
        try await pass(taking, giving)
        guard case .over(let given) = giving.step else { throw Unexpected.screen }
        #expect(given.detail?.english == "The other phone has it.")
        #expect(try await people.alice.wallet.balance().spendable == .parse("1000.00"))
    }

    @Test func whatCannotBePaidIsSaid() async throws {
        let people = try await People(funds: "3.00")
        let payer = people.alice.scan()
        try await pass(await asking(people, "5"), payer)
        await payer.confirm()
        #expect(payer.trouble?.english == "There is not enough money to spend now: load some, or pay less.")
        // One's own request.
        let own = people.bob.scan()
        try await pass(await asking(people, "5"), own)
        guard case .failed(let why) = own.step else { throw Unexpected.screen }
        #expect(why == Phrase(PayError.ownRequest))
        // A code of what was never signed.
        let receive = people.bob.receive()
        let code = receive.code()
        await code.start()
        guard case .failed = code.step else { throw Unexpected.screen }
    }
}
