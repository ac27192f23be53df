import DcepWallet
import Testing

@testable import WalletDemo

@MainActor @Suite struct AloneTests {
    private func twoPhones() async throws -> TwoPhonesModel {
        let app = AppModel(device: try TestDevice(in: Sandbox(seed: 9)))
        await app.start()
        await app.tryAlone()
        guard case .alone(let alone) = app.screen else { throw Unexpected.screen }
        return alone
    }

    @Test func onePersonPaysFromTheLeftHandToTheRight() async throws {
        let alone = try await twoPhones()
        #expect(alone.phones.map(\.name) == ["Alice", "Bob"])
        #expect(alone.phones.map(\.home.spendable?.english) == ["500.00 yuan", "500.00 yuan"])
        await alone.tap()
        #expect(alone.paying?.handoff.ending?.kind == .paid && alone.receiving?.handoff?.ending?.kind == .received)
        #expect(alone.phones.map(\.home.spendable?.english) == ["462.55 yuan", "537.45 yuan"])
        #expect(alone.passed?.english.hasPrefix("Bytes that passed: ") == true && alone.trouble == nil)
        // The next tap is a new payment; now the right hand pays, as the card, in short frames.
        alone.swapPayer()
        alone.usesShortFrames = true
        await alone.tap()
        #expect(alone.phones.map(\.home.spendable?.english) == ["500.00 yuan", "500.00 yuan"])
    }

    /// The slider from one end to the other, both ways round; then the phones meet again, or one was restarted.
    @Test(arguments: [0, 0.1, 0.4, 0.75, 0.9, 1], 0..<4)
    func whateverTheSliderTearsIsMended(tearPoint: Double, way: Int) async throws {
        let alone = try await twoPhones()
        if way == 1 { alone.swapReader() }
        (alone.slipsApart, alone.tearPoint) = (true, tearPoint)
        await alone.tap()
        #expect(alone.paying?.handoff.isTorn == (tearPoint < 1))
        if way == 2 { await alone.restart(alone.payingPhone) }
        if way == 3 { await alone.restart(alone.receivingPhone) }
        alone.slipsApart = false
        if alone.phones[1].home.spendable?.english == "500.00 yuan" || alone.phones[0].home.inDoubt != [] {
            await alone.tap()
        }
        #expect(alone.phones.map(\.home.spendable?.english) == ["462.55 yuan", "537.45 yuan"])
        #expect(alone.phones.allSatisfy { $0.home.inDoubt == [] })
        #expect(alone.trouble == nil)
    }

    @Test func theReaderIsSwappedBetweenTwoTaps() async throws {
        let alone = try await twoPhones()
        (alone.slipsApart, alone.tearPoint) = (true, 0.9)
        await alone.tap()
        alone.swapReader()
        alone.slipsApart = false
        await alone.tap()
        #expect(alone.paying?.handoff.ending?.detail?.english == "The torn payment is mended. Nothing was paid twice.")
        #expect(alone.phones.map(\.home.spendable?.english) == ["462.55 yuan", "537.45 yuan"])
    }

    @Test func aboveTheLimitThePayerConfirmsAndTheyMeetAgain() async throws {
        let alone = try await twoPhones()
        alone.amount = "300"
        await alone.tap()
        guard case .confirm = alone.paying?.step else { throw Unexpected.screen }
        #expect(alone.receiving?.handoff?.ending?.kind == .refused)
        await alone.paying?.confirm()
        await alone.tap()
        #expect(alone.phones.map(\.home.spendable?.english) == ["200.00 yuan", "800.00 yuan"])
    }

    @Test func withoutAnAmountThePayerChooses() async throws {
        let alone = try await twoPhones()
        alone.amount = ""
        await alone.tap()
        #expect(alone.paying?.leavesAmount == true)
        alone.paying?.amount = "10"
        await alone.paying?.confirm()
        await alone.tap()
        #expect(alone.phones.map(\.home.spendable?.english) == ["490.00 yuan", "510.00 yuan"])
    }

    @Test func offlineTheBankIsNotThereAndPaymentsGoOn() async throws {
        let alone = try await twoPhones()
        alone.isOffline = true
        await alone.tap()
        #expect(alone.phones.map(\.home.unsettled?.english) == [nil, "37.45 yuan"])
        await alone.connect()
        #expect(alone.trouble == Phrase(TransportError.unreachable))
        alone.isOffline = false
        await alone.connect()
        #expect(alone.trouble == nil)
    }

    @Test func whatIsNoAmountIsSaid() async throws {
        let alone = try await twoPhones()
        alone.amount = "-3"
        await alone.tap()
        #expect(alone.trouble == Phrase(AmountError.malformed) && alone.paying == nil)
    }
}

extension AloneTests {
    @Test func byCodesFromOneHandToTheOther() async throws {
        let alone = try await twoPhones()
        alone.isOffline = true
        await alone.payByCode()
        let codes = try #require(alone.codes)
        await alone.look()
        guard case .confirm = codes.payer.step else { throw Unexpected.screen }
        // Nothing to read before the payer has confirmed.
        await alone.look()
        await codes.payer.confirm()
        await alone.look()
        #expect(alone.phones[1].home.spendable?.english == "537.45 yuan")
        #expect(alone.phones[0].home.inDoubt.count == 1)
        await alone.look()
        guard case .over(let ending) = codes.payer.step else { throw Unexpected.screen }
        #expect(ending.kind == .paid && alone.phones[0].home.inDoubt == [])
        await alone.tap()
        // That was a new payment.
        #expect(alone.codes == nil)
        #expect(alone.phones.map(\.home.spendable?.english) == ["425.10 yuan", "574.90 yuan"])
    }

    @Test func aCodeThatWasNotReadBackIsMendedByATap() async throws {
        let alone = try await twoPhones()
        await alone.payByCode()
        await alone.look()
        await alone.codes?.payer.confirm()
        await alone.tap()
        #expect(alone.paying?.handoff.ending?.detail?.english == "The torn payment is mended. Nothing was paid twice.")
        #expect(alone.phones.map(\.home.spendable?.english) == ["462.55 yuan", "537.45 yuan"])
    }
}
