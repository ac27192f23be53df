import DcepWallet
import Foundation
import Testing

@testable import WalletDemo

@MainActor @Suite struct HistoryTests {
    @Test func whatIsLookedForIsFound() async throws {
        let people = try await People()
        try people.sandbox.advance(seconds: 60)
        try await people.pay("1.00")
        try people.sandbox.advance(seconds: 60)
        _ = try await people.bobAsks("2.00", name: "Bob's stall")
        await people.alice.pay().handoff.tap()
        let history = people.alice.history()
        await history.refresh()
        #expect(
            history.rows.map(\.title.english).prefix(2) == [
                "Paid to “Bob's stall” (name not checked)", "Paid to somebody",
            ])
        #expect(history.rows.first?.amount.chinese == "2.00 元" && history.rows.first?.state.chinese == "完成")
        #expect(history.rows.first?.isOutgoing == true && history.rows.last?.isOutgoing == false)
        #expect(history.rows.last?.title.english == "Loaded from the account" && !history.hasMore)
        history.search.name = "stall"
        await history.refresh()
        #expect(history.rows.count == 1)
        history.search.name = ""
        let counts: [(HistoryModel.Filter, Int)] = [
            (.paid, 2), (.received, 0), (.loaded, 1), (.deposited, 0), (.refundsReceived, 0), (.refundsGiven, 0),
            (.inDoubt, 0),
        ]
        for (filter, count) in counts {
            history.search.filter = filter
            await history.refresh()
            #expect(history.rows.count == count, "\(filter)")
            #expect(!filter.name.english.contains("‹") && !filter.name.chinese.contains("‹"))
        }
    }

    @Test func aLongHistoryComesInPages() async throws {
        let people = try await People()
        for _ in 0..<60 {
            try people.sandbox.fund(name: "Bob", amount: .fen(1))
        }
        let history = people.bob.history()
        await history.refresh()
        #expect(history.rows.count == 50 && history.hasMore)
        await history.more()
        #expect(history.rows.count == 60 && !history.hasMore && Set(history.rows.map(\.id)).count == 60)
        await history.more()
        #expect(history.rows.count == 60)
    }

    @Test func aReceiptProvesThePaymentToAThirdPerson() async throws {
        let people = try await People()
        try people.sandbox.advance(seconds: 60)
        try await people.pay("12.00")
        let history = people.alice.history()
        await history.refresh()
        let entry = history.detail(of: try #require(history.rows.first))
        await entry.look()
        let receipt = try #require(entry.receipt)
        #expect(try verifyReceipt(file: receipt, root: people.sandbox.root()).amount == .parse("12.00"))
        #expect(entry.refundable == nil && entry.canTakeRefund)
        let load = history.detail(of: try #require(history.rows.last))
        await load.look()
        #expect(load.receipt == nil && !load.canTakeRefund)
    }

    @Test func aPartIsRefundedByTap() async throws {
        let people = try await People()
        try people.sandbox.advance(seconds: 60)
        try await people.pay("12.00")
        let sold = people.bob.history()
        await sold.refresh()
        let sale = sold.detail(of: try #require(sold.rows.first))
        await sale.look()
        #expect(sale.refundable?.english == "12.00 yuan" && sale.refundAmount == "12.00" && !sale.canTakeRefund)
        sale.refundAmount = "13"
        await sale.refund()
        #expect(
            sale.trouble?.english == "This is more than is left of the payment to give back: choose a smaller amount.")
        sale.refundAmount = "5"
        try people.sandbox.advance(seconds: 60)
        await sale.refund()
        #expect(sale.trouble == nil && sale.refundable?.english == "7.00 yuan")
        await people.bob.refresh()
        #expect(people.bob.inDoubt.map(\.what.english) == ["Refund to somebody"])

        let bought = people.alice.history()
        await bought.refresh()
        let purchase = bought.detail(of: try #require(bought.rows.first))
        purchase.takeRefund()
        let taking = try #require(purchase.handoff)
        let giving = try #require(sale.handoff)
        await taking.tap { taking in
            await giving.tap { giving in try await giving.tap { await taking.respond(to: $0) } }
            return try await taking.outcome()
        }
        #expect(giving.ending?.kind == .refunded && giving.ending?.detail?.english == "The other phone has it.")
        #expect(taking.ending?.title.english == "Refunded 5.00 yuan")
        #expect(taking.ending?.detail?.chinese == "钱已回到本机。")
        await bought.refresh()
        #expect(bought.rows.map(\.title.english).prefix(2) == ["Refund from somebody", "Paid to somebody"])
        #expect(bought.rows[1].state.english == "Refunded: 5.00 yuan")
    }

    @Test func everyLineIsASentenceInBothLanguages() {
        let kinds: [HistoryKind] = [
            .paid, .received, .gaveBack, .gaveRefund, .gotRefund, .loaded, .deposited, .refreshed, .closed,
        ]
        let states: [HistoryState] = [.inDoubt, .done, .returned, .paidBack]
        var texts = Set<String>()
        for (kind, state) in kinds.map({ ($0, HistoryState.done) }) + states.map({ (.paid, $0) }) {
            let row = HistoryRow(entry(kind, state))
            for phrase in [row.title, row.state] { texts.formUnion([phrase.english, phrase.chinese]) }
        }
        #expect(texts.count == 2 * (kinds.count + states.count))
        #expect(texts.allSatisfy { !$0.contains("‹") && !$0.contains("@") })
    }

    private func entry(_ kind: HistoryKind, _ state: HistoryState) -> HistoryEntry {
        HistoryEntry(
            at: .now, kind: kind, amount: .fen(1), name: .registered(name: "Tea House"), state: state, transfer: nil,
            refundOf: nil, refunds: [], refunded: .zero, cursor: "")
    }
}
