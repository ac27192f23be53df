import DcepWallet
import Testing

@testable import WalletDemo

@MainActor @Suite struct LimitsTests {
    @Test func limitsAreSentencesAndBars() async throws {
        let people = try await People(funds: "6000.00")
        let limits = people.alice.limits()
        await limits.refresh()
        let before = try #require(limits.rows.first { $0.id == .offlineTotal })
        #expect(
            before.left.english == "You can pay 5000.00 yuan more offline before you connect." && before.filled == 0)
        let taking = try await people.bobAsks("4620.00")
        let pay = people.alice.pay()
        await pay.handoff.tap()
        await pay.confirm()
        await people.link.meet(taking)
        await pay.handoff.tap()
        await limits.refresh()
        let row = try #require(limits.rows.first { $0.id == .offlineTotal })
        #expect(row.left.english == "You can pay 380.00 yuan more offline before you connect.")
        #expect(row.left.chinese == "联网前还可离线支付 380.00 元。")
        #expect(row.used.english == "4620.00 yuan of 5000.00 yuan used")
        #expect(row.used.chinese == "已用 4620.00 元，共 5000.00 元")
        #expect(row.lifts.english == "Connecting to the bank gives more.")
        #expect(row.filled == 0.924)
        // The sandbox's bank permits more payments than anybody makes.
        #expect(!limits.rows.contains { $0.id == .offlinePayments })
        #expect(limits.rows.first { $0.id == .perPayment }?.filled == nil)
        #expect(limits.title?.english == "Wallet of class II, after the rules cn-2020")
        await people.alice.bank().connect()
        await limits.refresh()
        #expect(limits.rows.first { $0.id == .offlineTotal }?.filled == 0)
    }

    @Test func everyLimitIsASentenceInBothLanguages() {
        let limits: [Limit] = [
            .balance, .perPayment, .perDay, .perYear, .offlineTotal, .offlinePayments, .hops, .age, .unconfirmedEach,
            .unconfirmedTotal, .payeeBalance,
        ]
        let lifts: [Lift] = [
            .smallerAmount, .waiting(until: CalendarDay(year: 2026, month: 12, day: 1)), .sync, .confirmation,
            .spending,
            .renewal, .payeeSpending,
        ]
        var texts = Set<String>()
        let nine = Allowance(
            limit: .offlinePayments, most: .payments(count: 10), used: .payments(count: 1), left: .payments(count: 9),
            lifts: .sync)
        let row = LimitRow(nine)
        #expect(row?.left.english == "Payments left before you connect: 9." && row?.filled == 0.1)
        let three = Quantity.payments(count: 3)
        for limit in limits {
            let row = LimitRow(Allowance(limit: limit, most: three, used: three, left: three, lifts: .sync))
            texts.formUnion([row?.left.english ?? "‹›", row?.left.chinese ?? "‹›"])
        }
        for lift in lifts { texts.formUnion([Phrase.lift(lift).english, Phrase.lift(lift).chinese]) }
        #expect(texts.count == 2 * (limits.count + lifts.count))
        #expect(texts.allSatisfy { !$0.contains("‹") && !$0.contains("@") })
    }

    @Test func withoutAnAccountThereAreNoLimitsYet() async throws {
        let sandbox = try Sandbox(seed: 1)
        try sandbox.setOffline(offline: true)
        let limits = try await openAccount(on: TestDevice(in: sandbox), in: sandbox).limits()
        await limits.refresh()
        #expect(limits.rows == [] && limits.trouble == Phrase(WalletError.notEnrolled))
    }
}
