import DcepWallet
import Observation
import Testing

@testable import WalletDemo

@MainActor @Suite struct HomeTests {
    @Test func theBalanceAtAGlance() async throws {
        let people = try await People(funds: "6000.00")
        try await people.pay("40.00")
        await people.alice.refresh()
        await people.bob.refresh()
        #expect(people.alice.spendable?.english == "5960.00 yuan" && people.alice.unsettled == nil)
        #expect(
            people.alice.largest?.english
                == "One payment can be up to 4960.00 yuan now. Connecting to the bank gives more.")
        #expect(people.alice.largest?.chinese == "现在单笔最多可付 4960.00 元。连接银行后可恢复额度。")
        #expect(people.bob.spendable?.chinese == "40.00 元" && people.bob.unsettled?.chinese == "40.00 元")
        #expect(people.bob.largest == nil && people.bob.atBank == [] && people.bob.trouble == nil)
    }

    @Test func whatOnlyTheBankTakesIsExplained() async throws {
        let people = try await People()
        try people.sandbox.advance(seconds: 50 * 86_400)
        await people.alice.refresh()
        let part = try #require(people.alice.atBank.first)
        #expect(part.amount.english == "1000.00 yuan")
        #expect(part.why.english == "It was offline for too long. Connecting renews it.")
        #expect(part.why.chinese == "离线时间过长，联网后即可更新。")
        #expect(people.alice.spendable?.english == "0.00 yuan")
        #expect(people.alice.freshness?.english == "Days since you connected: 50. Now is a good moment.")
    }

    @Test func comingBackSettlesInPassing() async throws {
        let people = try await People()
        try await people.pay("40.00")
        try people.sandbox.setOffline(offline: true)
        await people.bob.settle()
        #expect(people.bob.unsettled?.english == "40.00 yuan" && people.bob.trouble == nil)
        try people.sandbox.setOffline(offline: false)
        await people.bob.settle()
        #expect(people.bob.unsettled == nil)
    }

    /// A banner is acknowledged when it was shown; what was not shown comes again.
    @Test(.timeLimit(.minutes(1))) func aBannerStaysUntilItWasShown() async throws {
        let people = try await People()
        try await people.pay("40.00")
        let first = Task { await people.bob.listen() }
        let banner = await people.bob.nextBanner()
        #expect(banner.tone == .good && banner.text.english == "You received 40.00 yuan.")
        #expect(banner.text.chinese == "您已收款 40.00 元。")
        first.cancel()
        await first.value
        #expect(people.bob.banner == nil)
        // Nobody has looked: it comes again.
        #expect(try await people.bob.wallet.nextEvent()?.id == banner.id)

        let second = Task { await people.bob.listen() }
        #expect(await people.bob.nextBanner() == banner)
        people.bob.bannerWasShown()
        try await people.pay("2.00")
        #expect(await people.bob.nextBanner().text.english == "You received 2.00 yuan.")
        #expect(try await people.bob.wallet.nextEvent()?.id ?? 0 > banner.id)
        second.cancel()
        await second.value
    }

    @Test func everyEventIsASentenceInBothLanguages() {
        let name = PayeeName.registered(name: "Tea House")
        let kinds: [EventKind] = [
            .received(transfer: "", request: "", amount: .fen(1), payer: nil),
            .received(transfer: "", request: "", amount: .fen(1), payer: "Tea House"),
            .paid(transfer: "", amount: .fen(1), payee: name, mended: false),
            .paid(transfer: "", amount: .fen(1), payee: name, mended: true),
            .inDoubt(transfer: "", amount: .fen(1), payee: name), .recorded(transfer: "", amount: .fen(1)),
            .gaveBack(transfer: "", amount: .fen(1), reason: .paidTwice),
            .gaveBack(transfer: "", amount: .fen(1), reason: .withdrawn),
            .gaveBack(transfer: "", amount: .fen(1), reason: .balanceLimit),
            .gaveBack(transfer: "", amount: .fen(1), reason: .assuranceTooLow),
            .returned(transfer: "", amount: .fen(1), payee: name),
            .refunded(transfer: "", amount: .fen(1), payee: name),
            .limitReached(balance: .fen(1)),
            .seriesExpiring(spendUntil: CalendarDay(year: 2026, month: 12, day: 1), amount: .fen(1)),
            .rolledBack(held: .fen(1)), .forkFound(transfer: ""), .keysDestroyed(keys: 1, held: .fen(1)), .keysRanOut,
            .windowClosed(transfer: "", amount: .fen(1)), .notRefreshed(amount: .fen(1)),
            .clockWrong(ahead: true, seconds: 1), .clockWrong(ahead: false, seconds: 1), .deviceFrozen(held: .fen(1)),
            .othersFrozen,
        ]
        var texts = Set<String>()
        for kind in kinds {
            let banner = Banner(Event(id: 1, at: .now, kind: kind))
            for text in [banner.text.english, banner.text.chinese] {
                #expect(!text.contains("‹") && !text.contains("@"), "\(text)")
                texts.insert(text)
            }
        }
        #expect(texts.count == 2 * kinds.count)
    }
}

extension HomeModel {
    /// Waits until there is a banner.
    fileprivate func nextBanner() async -> Banner {
        while true {
            if let banner { return banner }
            await withCheckedContinuation { continuation in
                withObservationTracking {
                    _ = banner
                } onChange: {
                    continuation.resume()
                }
            }
            // The observer is told before the change.
            await Task.yield()
        }
    }
}
