import Foundation

/// The calls of a wallet for asynchronous code.
///
/// Each does what the call of the same name does, which blocks, on a queue of its own: none of them blocks the cooperative
/// pool. In asynchronous code Swift chooses these, so that nobody blocks it by mistake.
///
/// Cancelling the task does not reach the call: it is awaited to its end, and its result is returned.
extension Wallet {
    /// Makes a wallet in a new file at `path`, for the account of these words. `root` is the issuer's root key as it comes
    /// with the app, such as `ed25519:9f2c…`; `algorithm` is what the vault's hardware signs with.
    public static func create(
        path: String, platform: Platform, words: AccountWords, root: String, algorithm: Algorithm
    ) async throws -> Wallet {
        try await OffThePool.run(on: .wallet) { () throws -> Wallet in
            try Wallet.create(path: path, platform: platform, words: words, root: root, algorithm: algorithm)
        }
    }

    /// Opens the wallet at `path`, and brings it back to a sound state after any crash: `open_report` says what was found.
    /// `PinRequired` if it has a PIN: then open it as a `LockedWallet`.
    public static func `open`(path: String, platform: Platform) async throws -> Wallet {
        try await OffThePool.run(on: .wallet) { () throws -> Wallet in
            try Wallet.`open`(path: path, platform: platform)
        }
    }

    /// Makes a wallet on a new device from the account's words, and takes in a backup if there is one. What comes next is
    /// `enrol`, which finds the account again with all the money on it; and `freeze_others`, if the old phone is lost. The
    /// cash on the old device is in no words and in no backup: the bank pays it out.
    public static func restore(
        path: String, platform: Platform, words: AccountWords, root: String, algorithm: Algorithm, backup: Data?
    ) async throws -> Wallet {
        try await OffThePool.run(on: .wallet) { () throws -> Wallet in
            try Wallet.restore(path: path, platform: platform, words: words, root: root, algorithm: algorithm, backup: backup)
        }
    }

    /// The account towards the operator, by its public key: `ed25519:…`. No secret.
    public func account() async throws -> String {
        try await OffThePool.run(on: .wallet) { [self] () throws -> String in try account() }
    }

    /// How much is on the account with the operator.
    public func accountBalance() async throws -> Amount {
        try await OffThePool.run(on: .bank) { [self] () throws -> Amount in try accountBalance() }
    }

    /// The holder has heard of it. Acknowledging twice, or what never was, does nothing.
    public func acknowledgeEvent(id: UInt64) async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in try acknowledgeEvent(id: id) }
    }

    /// A handoff as the payee that asks for nothing: it takes what is given back of the payment `paid` that this wallet made.
    public func awaitRefund(paid: String, side: Side) async throws -> Handoff {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Handoff in
            try awaitRefund(paid: paid, side: side)
        }
    }

    /// An encrypted backup that only the account's words open: the history, whom to believe, the class and name of the
    /// enrolment, and open requests. It holds no money and no keys.
    public func backup() async throws -> Data {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Data in try backup() }
    }

    /// The money, by what can be done with it.
    public func balance() async throws -> Balance {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Balance in try balance() }
    }

    /// Puts a new PIN in the place of the old one, which must be given once more.
    public func changePin(old: Pin, new: Pin) async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in
            try changePin(old: old, new: new)
        }
    }

    /// Asks whether this is the PIN, before something that the holder is to agree to. It is a try like any other: a wrong one
    /// is counted, and may have to wait.
    public func checkPin(pin: Pin) async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in try checkPin(pin: pin) }
    }

    /// From now on requests demand that the payer's keys are kept at least so well; `nil` demands nothing. Kept over
    /// restarts.
    public func demandAssurance(least: Assurance?) async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in
            try demandAssurance(least: least)
        }
    }

    /// What requests demand of the payer's keys.
    public func demandedAssurance() async throws -> Assurance? {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Assurance? in try demandedAssurance() }
    }

    /// Turns cash on this phone into account money: `amount`, or everything. Returns how much was credited. What was signed
    /// stays in doubt until the bank has answered, here or in the next sync.
    public func deposit(amount: Amount?) async throws -> Amount {
        try await OffThePool.run(on: .bank) { [self] () throws -> Amount in try deposit(amount: amount) }
    }

    /// Opens the account, or finds it again, and fetches certified keys. A merchant gives its registered name.
    public func enrol(walletClass: WalletClass, name: String? = nil) async throws {
        try await OffThePool.run(on: .bank) { [self] () throws -> Void in
            try enrol(walletClass: walletClass, name: name)
        }
    }

    /// A receipt as a file that a third person checks with `verify_receipt`: for every payment, return and refund of this
    /// wallet that is receipted. It shows the whole history of the money, so it is not for everybody.
    public func exportReceipt(transfer: String) async throws -> Data {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Data in
            try exportReceipt(transfer: transfer)
        }
    }

    /// Declares every other phone of this account lost. What they hold comes back to the account when they claim it, or when
    /// its claim window closes. The wish is stored first, and the next sync repeats it until the bank confirms it.
    public func freezeOthers() async throws {
        try await OffThePool.run(on: .bank) { [self] () throws -> Void in try freezeOthers() }
    }

    /// How old is what the wallet believes about keys and policies, and what that means.
    public func freshness() async throws -> Freshness {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Freshness in try freshness() }
    }

    /// Whether the wallet has a PIN.
    public func hasPin() async throws -> Bool {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Bool in try hasPin() }
    }

    /// What of the history matches, newest first, a page at a time.
    public func history(query: HistoryQuery) async throws -> HistoryPage {
        try await OffThePool.run(on: .wallet) { [self] () throws -> HistoryPage in try history(query: query) }
    }

    /// What is signed, possibly sent, and confirmed by nobody, newest first. Nothing has to be done about it but to hold the
    /// phones together again, or to sync.
    public func inDoubt() async throws -> [InDoubt] {
        try await OffThePool.run(on: .wallet) { [self] () throws -> [InDoubt] in try inDoubt() }
    }

    /// Every limit of the policy: how much it permits, how much of that is used and left, and what gives more.
    /// `NotEnrolled` while the wallet has no policy.
    public func limits() async throws -> Allowances {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Allowances in try limits() }
    }

    /// Turns account money into cash on this phone. Unless the error is `Refused`, the order stands, and the next sync
    /// repeats it.
    public func load(amount: Amount) async throws {
        try await OffThePool.run(on: .bank) { [self] () throws -> Void in try load(amount: amount) }
    }

    /// Locks the wallet with its PIN: it forgets its keys and all that it knows of its money, and keeps its file. Until it is
    /// unlocked, every other call of every handle gets `Locked`. Drop a handoff that is under way.
    public func lock() async throws -> LockedWallet {
        try await OffThePool.run(on: .wallet) { [self] () throws -> LockedWallet in try lock() }
    }

    /// The oldest thing that happened and was not acknowledged: the same one again and again, over any number of restarts,
    /// until it is. `nil`: there is nothing new.
    public func nextEvent() async throws -> Event? {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Event? in try nextEvent() }
    }

    /// The time the wallet goes by: the device's, but never before a time it has already seen.
    public func now() async throws -> Date {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Date in try now() }
    }

    /// The requests of this wallet that nobody has paid yet, newest first.
    public func openRequests() async throws -> [PaymentRequest] {
        try await OffThePool.run(on: .wallet) { [self] () throws -> [PaymentRequest] in try openRequests() }
    }

    /// What the backup told from which this wallet was restored; `nil` if it was not.
    public func past() async throws -> Past? {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Past? in try past() }
    }

    /// A handoff in which this wallet pays what a payee asks, within the holder's consent, or resumes a payment in doubt. If
    /// there is a consent to an amount, the vault asks the holder now: `WalletError.Vault` if it says no.
    public func pay(consent: Consent, side: Side) async throws -> Handoff {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Handoff in
            try pay(consent: consent, side: side)
        }
    }

    /// Pays a request that was read, within the holder's consent, and returns the payment to show to the payee. The vault asks
    /// the holder as in `pay`. A request that was paid before gets the same payment again.
    public func payRequest(slip: Slip, consent: Consent) async throws -> SlipPayment {
        try await OffThePool.run(on: .wallet) { [self] () throws -> SlipPayment in
            try payRequest(slip: slip, consent: consent)
        }
    }

    /// What this wallet once signed for somebody, to show it again: a payment, a return or a refund, always the same. `nil` if
    /// there is no such transfer, or it is for the bank.
    public func paymentSlip(transfer: String) async throws -> Slip? {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Slip? in try paymentSlip(transfer: transfer) }
    }

    /// What a request that was read asks, with the payee's certificate checked: to show to the holder before it pays.
    public func readRequest(slip: Slip) async throws -> PaymentRequest {
        try await OffThePool.run(on: .wallet) { [self] () throws -> PaymentRequest in try readRequest(slip: slip) }
    }

    /// A handoff in which a payer can pay this request, or resume a payment of an earlier one. A request that was paid
    /// already is not asked for again: the handoff then only repeats receipts.
    public func receive(request: String, side: Side) async throws -> Handoff {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Handoff in
            try receive(request: request, side: side)
        }
    }

    /// Turns cash that will soon be awkward to pay with into fresh cash of the same sum; a sync does the same. Returns how
    /// much that was.
    public func refresh() async throws -> Amount {
        try await OffThePool.run(on: .bank) { [self] () throws -> Amount in try refresh() }
    }

    /// Gives back `amount` of a payment that this wallet took, to the key that paid it. Returns the transfer, which is in doubt
    /// until the one who paid has it: hold the phones together in a `resume` here and an `await_refund` there, or sync.
    public func refund(paid: String, amount: Amount) async throws -> String {
        try await OffThePool.run(on: .wallet) { [self] () throws -> String in
            try refund(paid: paid, amount: amount)
        }
    }

    /// How much of a payment that this wallet took can still be given back.
    public func refundable(paid: String) async throws -> Amount {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Amount in try refundable(paid: paid) }
    }

    /// Removes the PIN: the vault alone opens the wallet again.
    public func removePin(pin: Pin) async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in try removePin(pin: pin) }
    }

    /// Makes a request for `amount`, or for whatever the payer chooses to give, and stores it. `name` is what the holder
    /// calls itself, and is shown marked as unverified; a wallet with a registered name shows that, and no other.
    public func request(amount: Amount?, name: String? = nil) async throws -> PaymentRequest {
        try await OffThePool.run(on: .wallet) { [self] () throws -> PaymentRequest in
            try request(amount: amount, name: name)
        }
    }

    /// A request of this wallet, to show it to a payer. Whoever sees it can pay it: once.
    public func requestSlip(request: String) async throws -> Slip {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Slip in try requestSlip(request: request) }
    }

    /// A handoff as the payer that pays nothing new: it brings what is in doubt, a payment, a return or a refund, to whom it
    /// is for.
    public func resume(side: Side) async throws -> Handoff {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Handoff in try resume(side: side) }
    }

    /// Gives the wallet a PIN. From then on it takes both to open it, the device's vault and the PIN; whoever forgets it
    /// restores the account from its words.
    public func setPin(pin: Pin) async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in try setPin(pin: pin) }
    }

    /// Gives the file back: it can be opened again, and every later call of every handle gets `Closed`. To shut down twice
    /// does nothing. (The `close` of Kotlin and the end of an object only give back a handle.)
    public func shutDown() async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in
            try shutDown()
            // Whoever waits for events waits no more.
            try setObserver(observer: nil)
        }
    }

    /// Does everything that contact with the bank allows, and mends what was torn. Safe to call at any time, any number of
    /// times. The error is the first of any step; the other steps were tried all the same.
    public func sync() async throws -> SyncReport {
        try await OffThePool.run(on: .bank) { [self] () throws -> SyncReport in try sync() }
    }

    /// Takes a payment of one of this wallet's requests, a receipt for what it signed, or a refund. The same slip again changes
    /// nothing and gets the same answer. A payment that cannot be taken has the outcome `Refused`.
    public func takeSlip(slip: Slip) async throws -> TakenSlip {
        try await OffThePool.run(on: .wallet) { [self] () throws -> TakenSlip in try takeSlip(slip: slip) }
    }

    /// Asks for this no more. A payment that is signed already is taken when it comes, and given back in the same tap.
    public func withdraw(request: String) async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in try withdraw(request: request) }
    }
}

/// The calls of a locked wallet for asynchronous code.
///
/// Each does what the call of the same name does, which blocks, on a queue of its own: none of them blocks the cooperative
/// pool. In asynchronous code Swift chooses these, so that nobody blocks it by mistake.
///
/// Cancelling the task does not reach the call: it is awaited to its end, and its result is returned.
extension LockedWallet {
    /// Takes ownership of the wallet at `path`, which has a PIN, and leaves it locked. `NoPin` if it has none.
    public static func `open`(path: String, platform: Platform) async throws -> LockedWallet {
        try await OffThePool.run(on: .wallet) { () throws -> LockedWallet in
            try LockedWallet.`open`(path: path, platform: platform)
        }
    }

    /// In how many seconds a PIN may be tried; 0: now.
    public func secondsUntilTry() async throws -> UInt64 {
        try await OffThePool.run(on: .wallet) { [self] () throws -> UInt64 in try secondsUntilTry() }
    }

    /// Gives the file back, as `Wallet.shut_down` does.
    public func shutDown() async throws {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Void in try shutDown() }
    }

    /// Unlocks the wallet. All its handles are the open wallet again, also those from before it was locked. Wrong PINs slow
    /// down, and never destroy.
    public func unlock(pin: Pin) async throws -> Wallet {
        try await OffThePool.run(on: .wallet) { [self] () throws -> Wallet in try unlock(pin: pin) }
    }
}
