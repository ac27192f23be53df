import DcepWallet
import Foundation
import Testing

@testable import WalletDemo

@MainActor @Suite struct PayTests {
    @Test func aSmallAmountIsPaidInOneTap() async throws {
        let people = try await People()
        _ = try await people.bobAsks("37.45", name: "Bob's stall")
        let pay = people.alice.pay()
        await pay.handoff.look()
        #expect(pay.handoff.sides == [.reader, .card] && pay.handoff.side == .reader)
        await pay.handoff.tap()
        let ending = try #require(pay.handoff.ending)
        #expect(ending.kind == .paid && ending.detail == nil)
        #expect(ending.title.english == "Paid 37.45 yuan to “Bob's stall” (name not checked)")
        #expect(ending.title.chinese == "已向“Bob's stall”（名称未经核实）付款 37.45 元")
        await people.alice.refresh()
        #expect(people.alice.spendable?.english == "962.55 yuan")
        // After success nothing more is paid, and it still says so.
        await pay.handoff.tap()
        #expect(pay.handoff.ending == ending && pay.handoff.isOver)
        #expect(try await people.bob.wallet.balance().spendable == .parse("37.45"))
    }

    @Test func thePayerCanBeTheCard() async throws {
        let people = try await People()
        await people.link.permit([.card])
        _ = try await people.bobAsks("5", side: .reader)
        let pay = people.alice.pay()
        await pay.handoff.look()
        #expect(pay.handoff.side == .card)
        await pay.handoff.tap()
        #expect(pay.handoff.ending?.kind == .paid)
    }

    @Test func aboveTheLimitTheNameIsShownFirstAndTheNextTapPaysThatVeryRequest() async throws {
        let people = try await People()
        let taking = try await people.bobAsks("250.00", name: "Bob's stall")
        let pay = people.alice.pay()
        await pay.handoff.tap()
        guard case .confirm(let request, let amount) = pay.step else {
            Issue.record("\(pay.step)")
            return
        }
        #expect(try amount == .parse("250.00") && request.amount == amount)
        #expect(pay.asked?.english == "Pay 250.00 yuan to “Bob's stall” (name not checked)?")
        #expect(pay.asked?.chinese == "向“Bob's stall”（名称未经核实）付款 250.00 元？")
        #expect(try await people.alice.wallet.balance().spendable == .parse("1000.00"))
        await pay.confirm()
        #expect(pay.step == .tap && pay.handoff.stage == .ready)
        await people.link.meet(taking)
        await pay.handoff.tap()
        #expect(pay.handoff.ending?.kind == .paid)
        #expect(try await people.bob.wallet.balance().spendable == .parse("250.00"))
    }

    @Test func anOpenRequestIsPaidWithTheAmountThatThePayerChooses() async throws {
        let people = try await People()
        let taking = try await people.bobAsks("")
        let pay = people.alice.pay()
        await pay.handoff.tap()
        guard case .chooseAmount = pay.step else {
            Issue.record("\(pay.step)")
            return
        }
        #expect(pay.asked?.english == "Pay how much to somebody?")
        pay.amount = "twelve"
        await pay.confirm()
        #expect(pay.trouble == Phrase(AmountError.malformed))
        pay.amount = "12,5"
        await pay.confirm()
        #expect(pay.trouble == nil && pay.step == .tap)
        await people.link.meet(taking)
        await pay.handoff.tap()
        #expect(pay.handoff.ending?.title.english == "Paid 12.50 yuan to somebody")
    }

    @Test func whoCannotPayIsToldHowMuchWouldBePossible() async throws {
        let people = try await People(funds: "20.00")
        _ = try await people.bobAsks("37.45")
        let pay = people.alice.pay()
        await pay.handoff.tap()
        let ending = try #require(pay.handoff.ending)
        #expect(ending.kind == .declined)
        #expect(ending.title.english.hasPrefix("There is not enough money to spend now"))
        #expect(ending.title.chinese.hasPrefix("可用余额不足"))
        #expect(ending.detail?.english == "You can pay 20.00 yuan now.")
        #expect(ending.detail?.chinese == "现在可以支付 20.00 元。")
    }

    @Test func whoeverHasDismissedTheSheetIsWhereTheyWere() async throws {
        let people = try await People()
        await people.link.meet(nil)
        let pay = people.alice.pay()
        await pay.handoff.tap { _ in throw TapFailure.cancelled }
        #expect(pay.handoff.stage == .ready)
        await pay.handoff.tap()
        guard case .torn(let why, nil) = pay.handoff.stage else {
            Issue.record("\(pay.handoff.stage)")
            return
        }
        #expect(why.english == "No other phone came near: hold the phones together, and try again.")
    }

    @Test func aDismissedPromptSignsNothing() async throws {
        let sandbox = try Sandbox(seed: 1)
        let vault = try DismissedVault()
        let device = try TestDevice(in: sandbox, vault: vault, asksHolder: true)
        let home = try await openAccount(on: device, in: sandbox)
        try sandbox.payIn(account: try await home.wallet.account(), amount: .parse("500.00"))
        try await home.wallet.load(amount: .parse("500.00"))
        let bob = try sandbox.phone(name: "Bob")
        let request = try await bob.request(amount: .parse("300.00"))
        await device.link.meet(try await bob.receive(request: request.id, side: .card))
        let pay = home.pay()
        await pay.handoff.tap()
        await pay.confirm()
        #expect(pay.trouble == Phrase(VaultError.userCancelled))
        #expect(try await home.wallet.balance().spendable == .parse("500.00"))
        #expect(try await home.wallet.inDoubt() == [])
    }

    /// Where nobody asks for a face, the PIN confirms.
    @Test func thePinConfirmsWhereTheVaultCannotAsk() async throws {
        let people = try await People()
        try await people.alice.wallet.setPin(pin: Pin(typing: "1234"))
        let taking = try await people.bobAsks("250.00")
        let pay = people.alice.pay()
        #expect(await pay.asksForPin())
        await pay.handoff.tap()
        await pay.confirm(pin: "9999")
        #expect(pay.trouble?.english == "That is not the PIN: try again.")
        guard case .confirm = pay.step else {
            Issue.record("\(pay.step)")
            return
        }
        await pay.confirm(pin: "1234")
        #expect(pay.trouble == nil)
        await people.link.meet(taking)
        await pay.handoff.tap()
        #expect(pay.handoff.ending?.kind == .paid)
    }

    @Test func cancellingTheTaskOfATapLosesNothing() async throws {
        let people = try await People()
        let taking = try await people.bobAsks("37.45")
        let pay = people.alice.pay()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await pay.handoff.tap { paying in try await paying.tap { await taking.respond(to: $0) } }
        }
        await task.value
        #expect(pay.handoff.ending?.kind == .paid)
        #expect(try await people.bob.wallet.balance().spendable == .parse("37.45"))
    }
}
