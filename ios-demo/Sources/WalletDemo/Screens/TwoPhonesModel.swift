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
    /// After how many bytes the phones slip apart; `nil`: they do not.
    public var tearAfter: UInt64?
    /// How many bytes the last whole tap took: the end of the slider.
    public private(set) var wholeTap: UInt64 = 1_200
    /// How many bytes have passed in the last tap.
    public private(set) var passed: Phrase?
    public private(set) var isOffline = false
    public private(set) var trouble: Phrase?
    /// The payment that both screens show.
    public private(set) var paying: PayModel?
    public private(set) var receiving: ReceiveModel?

    private let sandbox: Sandbox
    private let device: any Device

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
        paying?.handoff.choose(payingSide)
        receiving?.handoff?.choose(payingSide.other)
    }

    /// Cuts every line to the bank, or mends them.
    public func setOffline(_ offline: Bool) async {
        await attempt { [sandbox] in try sandbox.setOffline(offline: offline) }
        isOffline = offline
    }

    /// Kills the app of a phone, and starts it again. What was under way is found again by the next tap.
    public func restart(_ phone: PhoneModel) async {
        let (sandbox, name) = (sandbox, phone.name)
        guard let wallet = await attempt({ try sandbox.restart(name: name) }) else { return }
        phone.home = HomeModel(wallet, device: device)
        let request = receiving?.request
        forget()
        if let request { arm(for: request) }
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
        if paying?.handoff.isOver == true { forget() }
        if receiving == nil { await ask() }
        guard let taking = receiving?.handoff, let paying = paying?.handoff else { return }
        var passed: UInt64 = 0
        await taking.tap { taking in
            var met = false
            await paying.tap { paying in
                met = true
                passed = try await self.touch(paying: paying, taking: taking)
                return try await paying.outcome()
            }
            guard met else { throw TapFailure.lost }
            return try await taking.outcome()
        }
        self.passed = Phrase("Bytes that passed: %@", .verbatim(passed))
        await refresh()
    }

    /// Begins a new payment.
    public func forget() {
        (paying, receiving) = (nil, nil)
    }

    /// Reads both phones again.
    public func refresh() async {
        for phone in phones { await phone.home.refresh() }
    }
}

extension TwoPhonesModel {
    private var payingSide: Side { payer == reader ? .reader : .card }

    /// The payee asks, on its own screen.
    private func ask() async {
        let model = receivingPhone.home.receive()
        model.amount = amount
        await model.ask()
        trouble = model.trouble
        if let request = model.request { arm(for: request) }
    }

    /// Both phones are ready for this request.
    private func arm(for request: PaymentRequest) {
        let receive = receivingPhone.home.receive()
        receive.show(request)
        receive.handoff?.choose(payingSide.other)
        let pay = payingPhone.home.pay()
        pay.handoff.choose(payingSide)
        (receiving, paying) = (receive, pay)
    }

    private func touch(paying: Handoff, taking: Handoff) async throws -> UInt64 {
        let (reader, card) = payingSide == .reader ? (paying, taking) : (taking, paying)
        let (frames, tearAfter) = (usesShortFrames ? FrameSize.short : .extended, tearAfter)
        let tap = try await offMain {
            try simulatedTap(reader: reader, card: card, frames: frames, tearAfter: tearAfter)
        }
        if tap.completed { wholeTap = tap.bytes }
        return tap.bytes
    }

    @discardableResult
    private func attempt<T: Sendable>(_ call: @escaping @Sendable () throws -> T) async -> T? {
        do {
            return try await offMain(call)
        } catch {
            trouble = Phrase(error)
            return nil
        }
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
