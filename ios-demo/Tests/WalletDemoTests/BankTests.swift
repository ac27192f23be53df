import DcepWallet
import Testing

@testable import WalletDemo

@MainActor @Suite struct BankTests {
    @Test func connectingSettlesAndSaysWhatItDid() async throws {
        let people = try await People()
        try await people.pay("40.00")
        let bank = people.bob.bank()
        await bank.connect()
        #expect(bank.result.map(\.english) == ["Payments that the bank put on record: 1"])
        #expect(bank.result.map(\.chinese) == ["银行已登记的付款：1"])
        #expect(bank.account?.english == "0.00 yuan" && bank.freshness?.english == "Up to date." && !bank.isBusy)
        await bank.connect()
        #expect(bank.result.map(\.english) == ["Everything is settled."])
        await people.bob.refresh()
        #expect(people.bob.unsettled == nil)
    }

    @Test func moneyGoesToTheAccountAndBack() async throws {
        let people = try await People()
        let bank = people.alice.bank()
        bank.amount = "300"
        await bank.deposit()
        #expect(bank.result.map(\.english) == ["Deposited 300.00 yuan."] && bank.account?.english == "300.00 yuan")
        #expect(bank.amount == "")
        bank.amount = "100.5"
        await bank.load()
        #expect(bank.result.map(\.english) == ["Loaded 100.50 yuan."] && bank.account?.english == "199.50 yuan")
        await bank.deposit()
        #expect(bank.result.map(\.english) == ["Deposited 800.50 yuan."])
        #expect(try await people.alice.wallet.balance().spendable == .zero)
        bank.amount = "1000.01"
        await bank.load()
        #expect(bank.hasFailed && bank.amount == "1000.01")
        #expect(bank.result.map(\.english) == ["There is not enough money on the account: choose a smaller amount."])
        bank.amount = "a lot"
        await bank.load()
        #expect(bank.result == [Phrase(AmountError.malformed)])
    }

    @Test func withoutANetworkNothingIsLost() async throws {
        let people = try await People()
        try people.sandbox.setOffline(offline: true)
        let bank = people.alice.bank()
        bank.amount = "300"
        await bank.deposit()
        #expect(bank.hasFailed && bank.account == nil)
        #expect(
            bank.result.map(\.english) == [
                "The bank cannot be reached: check the network, and try again later; nothing is lost."
            ])
        await people.alice.refresh()
        #expect(people.alice.inDoubt.map(\.what.english) == ["Deposit with the bank"])
        #expect(people.alice.inDoubt.first?.endsByTap == false)
        try people.sandbox.setOffline(offline: false)
        await bank.connect()
        #expect(!bank.hasFailed && bank.account?.english == "300.00 yuan")
        await people.alice.refresh()
        #expect(people.alice.inDoubt == [])
    }
}
