import DcepWallet
import Testing

@testable import WalletDemo

@MainActor @Suite struct TornTapTests {
    private static let amount = "37.45"

    /// Torn at every command, as reader and as card; then the same phones, or an app that was killed meanwhile.
    @Test(arguments: 0..<6, [true, false]) func aTornTapMendsItself(after commands: Int, restarted: Bool) async throws {
        var people = try await People(seed: UInt64(commands))
        let request = try await people.bob.wallet.request(amount: .typed(Self.amount))
        await people.link.meet(
            try await people.bob.wallet.receive(request: request.id, side: .card), breaksAfter: commands)
        var pay = people.alice.pay()
        await pay.handoff.tap()
        if pay.handoff.isTorn {
            let doubtful = try await people.alice.wallet.balance().inDoubt
            guard case .torn(let why, let inDoubt) = pay.handoff.stage else { return }
            #expect(why.english == "The phones came apart too early.")
            #expect(inDoubt?.english == (doubtful > .zero ? "37.45 yuan" : nil))
            if restarted {
                try people.restartAlice()
                pay = people.alice.pay()
            }
            await people.link.meet(try await people.bob.wallet.receive(request: request.id, side: .card))
            await pay.handoff.tap()
            if doubtful > .zero {
                #expect(pay.handoff.ending?.detail?.english == "The torn payment is mended. Nothing was paid twice.")
                #expect(pay.handoff.ending?.detail?.chinese == "中断的付款已恢复，没有重复支付。")
            }
        }
        #expect(pay.handoff.ending?.kind == .paid)
        #expect(try await people.alice.wallet.inDoubt() == [])
        #expect(try await people.bob.wallet.balance().spendable == .typed(Self.amount))
        await people.alice.refresh()
        #expect(people.alice.spendable?.english == "962.55 yuan")
    }

    @Test func theHomeScreenSaysWhatIsInDoubtAndWhatEndsIt() async throws {
        let people = try await People()
        let request = try await people.bob.wallet.request(amount: .typed(Self.amount), name: "Bob")
        let taking = try await people.bob.wallet.receive(request: request.id, side: .card)
        // The payment has left; the receipt has not come.
        let pay = people.alice.pay()
        await pay.handoff.tap { paying in
            _ = try await offMain { try simulatedTap(reader: paying, card: taking, frames: .extended, tearAfter: 700) }
            return try await paying.outcome()
        }
        #expect(pay.handoff.isTorn)
        await people.alice.refresh()
        let doubt = try #require(people.alice.inDoubt.first)
        #expect(people.alice.inDoubt.count == 1 && doubt.endsByTap)
        #expect(doubt.amount.english == "37.45 yuan")
        #expect(doubt.what.english == "Payment to “Bob” (name not checked)")
        #expect(doubt.endsBy.english == "Hold the phones together again, or connect to the bank.")
        #expect(doubt.endsBy.chinese == "请再次贴近两部手机，或连接银行。")
        #expect(people.alice.spendable?.english == "962.55 yuan")

        // From that screen it is brought to whom it is for.
        let resume = people.alice.resume()
        await people.link.meet(try await people.bob.wallet.receive(request: request.id, side: .card))
        await resume.tap()
        #expect(resume.ending?.kind == .paid)
        await people.alice.refresh()
        #expect(people.alice.inDoubt == [])
    }

    @Test func theBankEndsADoubtToo() async throws {
        let people = try await People()
        let taking = try await people.bobAsks(Self.amount)
        await people.alice.pay().handoff.tap { paying in
            _ = try await offMain { try simulatedTap(reader: paying, card: taking, frames: .extended, tearAfter: 700) }
            return nil
        }
        let bank = people.alice.bank()
        await bank.connect()
        #expect(bank.result.map(\.english).contains("Doubts that ended: 1"))
        await people.bob.bank().connect()
        #expect(try await people.bob.wallet.balance().spendable == .typed(Self.amount))
    }
}
