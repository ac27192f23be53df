import DcepWallet
import Foundation
import Testing

/// What a platform written in Swift may do wrong: every callback throws, at every step. Afterwards every fen is where it
/// was, and the payment is made.
@Suite struct CallbackTests {
    private static let amount = Amount.fen(2_500)
    private static let start = Amount.fen(10_000)

    /// An error of the app's own, which may say anything.
    struct Odd: Error {
        let secret = "s3cret"
    }

    enum Thrown: CaseIterable {
        case odd, cancellation, foundation

        var error: any Error {
            switch self {
            case .odd: Odd()
            case .cancellation: CancellationError()
            case .foundation: NSError(domain: "s3cret", code: 7)
            }
        }
    }

    /// Two wallets over platforms in Swift, of which the payer has money.
    private struct Scene {
        let sandbox: Sandbox
        let fuse = Fuse()
        var payer: Owner
        var payee: Owner

        init() throws {
            sandbox = try Sandbox(seed: 5)
            payer = try Owner(lentPlatform(sandbox, fuse), root: sandbox.root())
            payee = try Owner(lentPlatform(sandbox, fuse), root: sandbox.root())
            try fill()
        }

        /// Whatever there was goes to the bank, and the payer begins with the same money.
        func fill() throws {
            for wallet in [payer.wallet, payee.wallet] where try wallet.balance().spendable > .zero {
                _ = try wallet.deposit(amount: nil)
            }
            try sandbox.payIn(account: payer.wallet.account(), amount: start)
            try payer.wallet.load(amount: start)
        }

        /// A payment from the request to the receipt. A call that fails ends it.
        func handoff(_ request: String? = nil) throws -> HandoffOutcome? {
            let armed = try Armed(payer.wallet, payee.wallet, amount, request: request)
            _ = try armed.tap()
            return try armed.paying.outcome()
        }

        /// Every fen is at one of the two, or in doubt at the payer, where it may have been taken already.
        func check() throws {
            let (paid, taken) = (try payer.wallet.balance(), try payee.wallet.balance())
            #expect(paid.onlyAtBank == .zero && taken.onlyAtBank == .zero)
            #expect([.zero, amount].contains(paid.inDoubt) && [.zero, amount].contains(taken.spendable))
            let here = try paid.spendable.adding(paid.inDoubt)
            #expect(here == start || here == start.subtracting(amount))
            if paid.inDoubt == .zero { #expect(try paid.spendable.adding(taken.spendable) == start) }
        }
    }

    @Test(arguments: Thrown.allCases) func everyCallbackOfAHandoffMayThrow(_ thrown: Thrown) throws {
        var scene = try Scene()
        scene.fuse.reset()
        #expect(try scene.handoff()?.isPaid == true)
        let steps = scene.fuse.calls.count
        #expect(Set(["signAll", "advance", "now", "authorize"]).isSubset(of: scene.fuse.calls))
        var failed = Set<String>()
        for step in 0..<steps {
            scene.fuse.reset()
            try scene.fill()
            scene.fuse.reset(at: step, throwing: thrown.error)
            do {
                _ = try scene.handoff()
            } catch {
                failed.insert(scene.fuse.blown ?? "nothing")
                #expect(error is any DcepError)
                #expect(!"\(error)\(error.localizedDescription)\(String(reflecting: error))".contains("s3cret"))
            }
            #expect(scene.fuse.blown != nil)
            scene.fuse.reset()
            try scene.check()
            try scene.payer.reopen()
            try scene.payee.reopen()
            try scene.check()
            let (requests, doubts) = (try scene.payee.wallet.openRequests(), try scene.payer.wallet.inDoubt())
            if !requests.isEmpty || !doubts.isEmpty {
                #expect(try scene.handoff(requests.first?.id)?.isPaid == true, "\(step)")
            }
            let (payer, payee) = (try scene.payer.wallet.balance(), try scene.payee.wallet.balance())
            #expect(try payer.spendable.adding(payee.spendable) == Self.start, "\(step)")
            #expect(payer.inDoubt == .zero && payee.spendable <= Self.amount)
        }
        #expect(Set(["signAll", "advance", "now", "authorize"]).isSubset(of: failed))
    }

    @Test func everyCallbackOfDealingWithTheBankMayThrow() throws {
        let scene = try Scene()
        let wallet = scene.payer.wallet
        let deals: [() throws -> Void] = [
            { try wallet.load(amount: .fen(100)) }, { _ = try wallet.deposit(amount: .fen(100)) },
            { _ = try wallet.sync() },
        ]
        var failed = Set<String>()
        for deal in deals {
            try scene.sandbox.payIn(account: wallet.account(), amount: .fen(100_000))
            for step in 0... {
                let before = try wallet.balance().spendable.adding(wallet.accountBalance())
                scene.fuse.reset(at: step, throwing: Odd())
                do {
                    try deal()
                } catch let error as BankError {
                    failed.insert(scene.fuse.blown ?? "nothing")
                    if ["call", "trust"].contains(scene.fuse.blown) {
                        #expect(error == .transport(error: .unreachable))
                    }
                }
                let done = scene.fuse.blown == nil
                scene.fuse.reset()
                _ = try wallet.sync()
                #expect(try wallet.balance().spendable.adding(wallet.accountBalance()) == before)
                #expect(try wallet.inDoubt() == [])
                if done {
                    #expect(step > 3)
                    break
                }
            }
        }
        #expect(failed.isSuperset(of: ["call", "trust"]))
    }

    @Test func everyCallbackOfOpeningMayThrow() throws {
        var scene = try Scene()
        let balance = try scene.payer.wallet.balance()
        try scene.payer.wallet.shutDown()
        var seen = Set<String>()
        for step in 0... {
            scene.fuse.reset(at: step, throwing: Odd())
            let opened = Result { try Wallet.open(path: scene.payer.path, platform: scene.payer.platform) }
            if case .failure(let error) = opened { #expect(error is OpenError) }
            seen.formUnion(scene.fuse.calls)
            let done = scene.fuse.blown == nil
            scene.fuse.reset()
            if case .success(let wallet) = opened {
                scene.payer.wallet = wallet
                if done { break }
                try wallet.shutDown()
            }
        }
        #expect(seen.isSuperset(of: ["unwrap", "read"]))
        #expect(try scene.payer.wallet.balance() == balance)
        #expect(try !scene.payer.wallet.openReport().rolledBack)
    }

    @Test func aDeclaredErrorArrivesAsItIs() throws {
        let scene = try Scene()
        scene.fuse.reset()
        _ = try scene.handoff()
        let step = try #require(scene.fuse.calls.firstIndex(of: "authorize"))
        scene.fuse.reset(at: step, throwing: VaultError.userCancelled)
        #expect(throws: WalletError.vault(error: .userCancelled)) { try scene.handoff() }
        for step in 0... {
            scene.fuse.reset(at: step, throwing: TransportError.status(status: 503))
            do {
                _ = try scene.payer.wallet.sync()
                if scene.fuse.blown == nil { break }
            } catch let error as BankError where ["call", "trust"].contains(scene.fuse.blown) {
                #expect(error == .transport(error: .status(status: 503)))
                return
            } catch {}
        }
        Issue.record("the line was never asked")
    }

    @Test func aCallbackMayNotCallItsWallet() throws {
        final class Nosy: Clock, @unchecked Sendable {
            let lock = NSLock()
            let inner: Clock
            var wallet: Wallet?
            var heard: [any Error] = []
            init(_ inner: Clock) { self.inner = inner }
            func now() throws -> Date {
                let wallet = lock.withLock { self.wallet }
                do { _ = try wallet?.balance() } catch { lock.withLock { heard.append(error) } }
                return try inner.now()
            }
        }
        let sandbox = try Sandbox(seed: 5)
        let clock = Nosy(try sandbox.clock())
        let owner = try Owner(softwarePlatform(bank: sandbox.bank(), clock: clock), root: sandbox.root())
        clock.lock.withLock { clock.wallet = owner.wallet }
        _ = try owner.wallet.request(amount: .fen(1), name: nil)
        clock.lock.withLock { clock.wallet = nil }
        #expect(!clock.heard.isEmpty)
        #expect(clock.heard.allSatisfy { $0 as? WalletError == .reentrant })
    }

    @Test func nothingComesOfAnObserverThatThrows() throws {
        final class Broken: EventObserver, @unchecked Sendable {
            let lock = NSLock()
            var rung = 0
            func eventsWaiting() throws {
                lock.withLock { rung += 1 }
                throw Odd()
            }
        }
        let (people, observer) = (try Funded(), Broken())
        try people.bob.setObserver(observer: observer)
        #expect(try pay(people.alice, people.bob, .fen(100))?.isPaid == true)
        #expect(observer.rung == 1)
        #expect(try people.bob.heard().count == 1)
    }
}
