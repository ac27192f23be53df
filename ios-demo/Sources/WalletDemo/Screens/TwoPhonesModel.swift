import DcepWallet
import Observation

/// Two phones on one screen, with a bank in the same process: a simulated tap that can be torn on purpose, by the same
/// simulator that tests the core. Each phone is the whole app.
@MainActor @Observable
public final class TwoPhonesModel {
    /// Left and right.
    public private(set) var phones: [PhoneModel]
    /// Which of them pays.
    public private(set) var payer = 0
    /// Which of them is the reader, which speaks first.
    public private(set) var reader = 0
    public var amount = "37.45"
    public var usesShortFrames = false
    /// Whether the phones slip apart.
    public var slipsApart = false
    /// When they do: from 0, at once, to 1, when nearly all has passed.
    public var tearPoint = 0.5
    /// How many bytes have passed in the last tap.
    public private(set) var passed: Phrase?
    /// Whether every line to the bank is cut.
    public var isOffline = false {
        didSet { setOffline(isOffline) }
    }
    public private(set) var trouble: Phrase?
    /// The payment that both screens show.
    public private(set) var paying: PayModel?
    public private(set) var receiving: ReceiveModel?
    /// The same payment by codes, where that was chosen.
    public private(set) var codes: TwoCodesModel?

    private let sandbox: Sandbox
    private let device: any Device
    /// How many bytes the last whole tap took.
    private var wholeTap: UInt64 = 800

    /// Opens the bank, and hands each phone some money.
    init(device: any Device, seed: UInt64 = 1) async throws {
        let sandbox = try await offMain { try Sandbox(seed: seed) }
        self.sandbox = sandbox
        self.device = AloneDevice(device)
        phones = []
        for name in PhoneModel.names {
            let wallet = try await offMain {
                let wallet = try sandbox.phone(name: name)
                try sandbox.fund(name: name, amount: .fen(50_000))
                return wallet
            }
            phones.append(PhoneModel(name: name, home: HomeModel(wallet, device: self.device)))
        }
        await refresh()
    }

    public var payingPhone: PhoneModel { phones[payer] }
    public var receivingPhone: PhoneModel { phones[1 - payer] }

    /// The other one pays from now on.
    public func swapPayer() {
        payer = 1 - payer
        forget()
    }

    /// The other one is the reader from now on. What is under way goes on.
    public func swapReader() {
        reader = 1 - reader
        paying?.handoff.side = payingSide
        receiving?.handoff?.side = payingSide.other
    }

    /// Kills the app of a phone, and starts it again. What was under way is found again by the next tap.
    public func restart(_ phone: PhoneModel) async {
        let (sandbox, name) = (sandbox, phone.name)
        do {
            phone.home = HomeModel(try await offMain { try sandbox.restart(name: name) }, device: device)
        } catch {
            trouble = Phrase(error)
            return
        }
        forget()
        await refresh()
    }

    /// Both phones connect to the bank.
    public func connect() async {
        trouble = nil
        for phone in phones {
            let bank = phone.home.bank()
            await bank.connect()
            if bank.hasFailed { trouble = bank.result.first }
        }
        await refresh()
    }

    /// Holds the phones together: the next tap of the payment that is under way, or the first of a new one.
    public func tap() async {
        trouble = nil
        if isOver { forget() }
        if receiving == nil { await ask() }
        guard let taking = receiving?.handoff, let paying = paying?.handoff else { return }
        var passed: UInt64 = 0
        await taking.tap { taking in
            await paying.tap { paying in
                passed = try await self.touch(paying: paying, taking: taking)
                return try await paying.outcome()
            }
            return try await taking.outcome()
        }
        self.passed = Phrase("Bytes that passed: %@", .verbatim(passed))
        await refresh()
    }

    /// Begins a payment by codes: the payee asks, and shows its request.
    public func payByCode() async {
        trouble = nil
        forget()
        await ask()
        guard let receiving, receiving.request != nil else { return }
        let codes = TwoCodesModel(payer: payingPhone.home.scan(), payee: receiving.code())
        await codes.start()
        self.codes = codes
    }

    /// The one phone reads what the other one shows.
    public func look() async {
        await codes?.look()
        await refresh()
    }

    /// Begins a new payment.
    public func forget() {
        (paying, receiving, codes) = (nil, nil, nil)
    }

    /// Reads both phones again.
    public func refresh() async {
        for phone in phones { await phone.home.refresh() }
    }
}

extension TwoPhonesModel {
    private var payingSide: Side { payer == reader ? .reader : .card }

    /// Whether the payer is through: the next tap is a new payment.
    private var isOver: Bool {
        if case .over = codes?.payer.step { return true }
        return paying?.handoff.isOver == true
    }

    /// The payee asks, on its own screen, and both phones are ready for that.
    private func ask() async {
        let receive = receivingPhone.home.receive()
        receive.amount = amount
        await receive.ask()
        trouble = receive.trouble
        guard receive.request != nil else { return }
        receive.handoff?.side = payingSide.other
        let pay = payingPhone.home.pay()
        pay.handoff.side = payingSide
        (receiving, paying) = (receive, pay)
    }

    private func setOffline(_ offline: Bool) {
        do {
            try sandbox.setOffline(offline: offline)
        } catch {
            trouble = Phrase(error)
        }
    }

    private var tearAfter: UInt64? { slipsApart ? UInt64(tearPoint * Double(wholeTap)) : nil }

    private func touch(paying: Handoff, taking: Handoff) async throws -> UInt64 {
        let (reader, card) = payingSide == .reader ? (paying, taking) : (taking, paying)
        let (frames, tearAfter) = (usesShortFrames ? FrameSize.short : .extended, tearAfter)
        let tap = try await offMain {
            try simulatedTap(reader: reader, card: card, frames: frames, tearAfter: tearAfter)
        }
        if tap.completed { wholeTap = tap.bytes }
        return tap.bytes
    }
}

/// One of the two.
@MainActor @Observable
public final class PhoneModel: Identifiable {
    static let names = ["Alice", "Bob"]

    public let name: String
    /// Its app, as if it were on a phone of its own.
    public internal(set) var home: HomeModel

    init(name: String, home: HomeModel) {
        self.name = name
        self.home = home
    }
}
