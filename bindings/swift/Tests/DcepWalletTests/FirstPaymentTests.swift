import DcepWallet
import Foundation
import Testing

@Suite struct FirstPaymentTests {
    @Test func overTheSimulatedTap() throws {
        let people = try Funded()
        let armed = try Armed(people.alice, people.bob, .parse("37.45"))
        #expect(try armed.tap().completed)
        guard case .paid(let transfer, let amount, _, mended: false) = try armed.paying.outcome() else {
            Issue.record("not paid")
            return
        }
        let balance = try people.bob.balance()
        #expect(try amount == .parse("37.45") && balance.spendable == amount && balance.unsettled == amount)
        #expect(try people.alice.balance().spendable == .parse("62.55"))
        #expect(try people.alice.inDoubt() == [])
        #expect(try people.bob.history(query: HistoryQuery(kind: .received)).entries.map(\.transfer) == [transfer])
    }

    /// Two wallets in files, a bank in another process over HTTP, a simulated tap; everything survives a restart.
    @Test func withABankOnLoopback() throws {
        let bank = try LoopbackBank()
        let line = try #require(HttpBank(bank.address))
        let alice = try Owner(softwarePlatform(bank: line), root: bank.root)
        var bob = try Owner(softwarePlatform(bank: line), root: bank.root)
        try alice.wallet.load(amount: .parse("100.00"))
        #expect(try alice.wallet.accountBalance() == .parse("900.00"))

        let request = try bob.wallet.request(amount: .parse("37.45"), name: "Bob's stall")
        #expect("\(request.payee)" == "unverified “Bob's stall”")
        let armed = try Armed(alice.wallet, bob.wallet, .parse("37.45"), request: request.id)
        #expect(try armed.tap().completed)
        guard case .paid(let transfer, let amount, _, mended: false) = try armed.paying.outcome() else {
            Issue.record("not paid")
            return
        }
        #expect(
            try armed.taking.outcome() == .received(request: request.id, transfer: transfer, amount: amount))

        // A third person believes the receipt.
        let receipt = try alice.wallet.exportReceipt(transfer: transfer)
        let proven = try verifyReceipt(file: receipt, root: bank.root)
        #expect(proven.transfer == transfer && proven.amount == amount)

        // Both hear of it, once.
        #expect(
            try bob.wallet.heard() == [
                .received(transfer: transfer, request: request.id, amount: amount, payer: nil)
            ])
        #expect(
            try alice.wallet.heard() == [
                .paid(transfer: transfer, amount: amount, payee: .unverified(claimed: "Bob's stall"), mended: false)
            ])
        #expect(try alice.wallet.nextEvent() == nil)

        try bob.reopen()
        #expect(try bob.wallet.balance().spendable == amount)
        #expect(try bob.wallet.deposit(amount: nil) == amount)
        #expect(try bob.wallet.accountBalance() == .parse("1037.45"))
        _ = try alice.wallet.sync()
        try alice.wallet.shutDown()
        try bob.wallet.shutDown()
    }

    @Test func aBankThatIsNotThereIsUnreachable() throws {
        let line = try #require(HttpBank(URL(string: "http://127.0.0.1:1")!))
        #expect(throws: TransportError.unreachable) { try line.trust() }
        #expect(throws: TransportError.unreachable) { try line.call(call: Data([1])) }
        #expect(HttpBank(URL(string: "http://bank.example")!) == nil)
    }
}
