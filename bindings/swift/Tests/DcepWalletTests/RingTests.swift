import DcepWallet
import Foundation
import Testing

/// The ring of payments between three languages, byte for byte: all of it, and this language's phone alone against the
/// frames of the others. Every call on a wallet draws from its phone's randomness, so nothing else is asked in between.
@Suite struct RingTests {
    struct Script: Decodable {
        let seed: UInt64
        let phones: [String]
        let fund: Fund
        let payments: [Payment]
    }

    struct Fund: Decodable {
        let phone: String
        let fen: UInt64
    }

    struct Payment: Decodable {
        let payer: String
        let payee: String
        let fen: UInt64
        let payer_side: String
        let frames: String
        let exchange: [Sent]

        var payerSide: Side { payer_side == "reader" ? .reader : .card }
        var frameSize: FrameSize { frames == "short" ? .short : .extended }
    }

    struct Sent: Decodable, Equatable {
        let from: String
        let hex: String
    }

    private let script: Script
    private let sandbox: Sandbox
    private let phones: [String: Wallet]

    init() throws {
        let file = repository.appendingPathComponent("tests/vectors/transcripts/ring.json")
        script = try JSONDecoder().decode(Script.self, from: Data(contentsOf: file))
        sandbox = try Sandbox(seed: script.seed)
        var phones: [String: Wallet] = [:]
        for name in script.phones { phones[name] = try sandbox.phone(name: name) }
        self.phones = phones
        try sandbox.fund(name: script.fund.phone, amount: .fen(script.fund.fen))
    }

    @Test func theRingReplaysByteForByte() throws {
        for payment in script.payments {
            let (payer, payee) = (try #require(phones[payment.payer]), try #require(phones[payment.payee]))
            let armed = try Armed(payer, payee, .fen(payment.fen), payerSide: payment.payerSide)
            let tap = try armed.tap(payment.frameSize)
            #expect(tap.completed)
            #expect(tap.frames.map { Sent(from: $0.from == .reader ? "reader" : "card", hex: hex($0.bytes)) }
                == payment.exchange)
        }
        let balances = try phones.mapValues { try $0.balance().spendable.description }
        #expect(balances == ["Kotlin": "70.00", "Swift": "20.00", "Python": "10.00"])
    }

    @Test func onePhoneAloneSaysWhatItSaid() throws {
        let wallet = try #require(phones["Swift"])
        for payment in script.payments {
            let (handoff, side): (Handoff, Side)
            if payment.payee == "Swift" {
                side = payment.payerSide.other
                handoff = try wallet.receive(
                    request: wallet.request(amount: .fen(payment.fen), name: nil).id, side: side)
            } else if payment.payer == "Swift" {
                side = payment.payerSide
                handoff = try wallet.pay(consent: .exactly(amount: .fen(payment.fen)), side: side)
            } else {
                continue
            }
            try play(handoff, as: side, payment)
            #expect(try handoff.outcome() != nil)
        }
        #expect(try wallet.balance().spendable == .fen(2_000))
    }

    private func play(_ handoff: Handoff, as side: Side, _ payment: Payment) throws {
        var own = side == .reader ? try handoff.beginTap(frames: payment.frameSize) : nil
        for sent in payment.exchange {
            if (sent.from == "reader") == (side == .reader) {
                #expect(own.map(hex) == sent.hex)
            } else if side == .reader {
                own = try handoff.receive(response: bytes(sent.hex))
            } else {
                own = try handoff.process(command: bytes(sent.hex))
            }
        }
        if side == .reader { #expect(own == nil) }
    }

    private func hex(_ data: Data) -> String { data.map { String(format: "%02x", $0) }.joined() }

    private func bytes(_ hex: String) -> Data {
        let digits = Array(hex)
        return Data(stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) })
    }
}
