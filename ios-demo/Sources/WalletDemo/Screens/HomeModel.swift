import DcepWallet
import Observation

/// The first screen of an open wallet: the balance at a glance, what of it is in doubt or only at the bank, and what has
/// happened. From here all other screens of the wallet are made.
@MainActor @Observable
public final class HomeModel: Identifiable {
    /// What can be paid, offline, now.
    public private(set) var spendable: Phrase?
    /// The part of it that the bank does not know of yet.
    public private(set) var unsettled: Phrase?
    /// What a single payment cannot move, and why.
    public private(set) var largest: Phrase?
    public private(set) var inDoubt: [DoubtRow] = []
    public private(set) var atBank: [AtBankRow] = []
    public private(set) var freshness: Phrase?
    /// Whether its account has still to be opened, on the bank's screen.
    public private(set) var needsAccount = false
    /// Why the wallet cannot be read now.
    public private(set) var trouble: Phrase?
    /// What just happened. It stays until it was shown.
    public private(set) var banner: Banner?

    let wallet: Wallet
    let device: any Device
    private var shown: AsyncStream<Void>.Continuation?

    init(_ wallet: Wallet, device: any Device) {
        self.wallet = wallet
        self.device = device
    }

    /// Reads the wallet again.
    public func refresh() async {
        do {
            let balance = try await wallet.balance()
            spendable = .yuan(balance.spendable)
            unsettled = balance.unsettled > .zero ? .yuan(balance.unsettled) : nil
            largest = .largest(balance)
            atBank = balance.reasons.map(AtBankRow.init)
            inDoubt = try await wallet.inDoubt().map(DoubtRow.init)
            freshness = .freshness(try await wallet.freshness())
            needsAccount = await wallet.needsAccount()
            trouble = nil
        } catch {
            trouble = Phrase(error)
        }
    }

    /// Connects in passing: what the bank can settle is settled, and without a network nothing is said.
    public func settle() async {
        _ = try? await wallet.sync()
        await refresh()
    }

    /// Shows what happened, one thing after the other, until the task is cancelled or the wallet is locked. What was not
    /// shown comes again, over any number of restarts.
    public func listen() async {
        do {
            for try await event in wallet.events {
                await refresh()
                await show(Banner(event))
                // Cancelled before anybody looked: leaving the loop does not acknowledge it.
                if Task.isCancelled { break }
            }
        } catch {
            // A locked wallet has nothing to tell; the lock screen says why.
        }
    }

    /// The holder has seen the banner.
    public func bannerWasShown() {
        banner = nil
        shown?.finish()
    }

    /// Until the holder has seen it, or the task is cancelled.
    private func show(_ next: Banner) async {
        let (stream, waiting) = AsyncStream<Void>.makeStream()
        (banner, shown) = (next, waiting)
        for await _ in stream {}
        if banner == next { banner = nil }
    }
}

/// The screens behind it.
extension HomeModel {
    private var holder: HolderCheck { HolderCheck(vaultAsks: device.asksHolder) }

    public func pay() -> PayModel { PayModel(wallet, radio: device.radio, holder: holder) }

    /// Reads a code that another phone shows, whatever it is.
    public func scan() -> CodesModel { CodesModel(wallet, holder: holder) }

    /// Shows what is in doubt as a code again: always the same.
    public func code(of doubt: DoubtRow) -> CodesModel {
        CodesModel(wallet, holder: holder) { try await $0.paymentSlip(transfer: doubt.id) }
    }

    public func receive() -> ReceiveModel { ReceiveModel(wallet, radio: device.radio, holder: holder) }

    /// Brings what is in doubt to whom it is for.
    public func resume() -> HandoffModel {
        let wallet = wallet
        return HandoffModel(wallet, radio: device.radio) { try await wallet.resume(side: $0) }
    }

    public func limits() -> LimitsModel { LimitsModel(wallet) }
    public func history() -> HistoryModel { HistoryModel(wallet, radio: device.radio, holder: holder) }
    public func bank() -> BankModel { BankModel(wallet) }
    public func settings() -> SettingsModel { SettingsModel(wallet) }
}
