import DcepWallet

/// What a handoff came to.
public struct Ending: Hashable, Sendable {
    /// How it looks.
    public enum Kind: Sendable { case paid, received, returned, refunded, declined, refused }

    public let kind: Kind
    public let title: Phrase
    public let detail: Phrase?

    /// Whether another tap makes sense: who said no may say yes, and a payee repeats its receipt to a payer whose tap was
    /// torn. Who has paid is through.
    public let mayRepeat: Bool

    private init(_ kind: Kind, _ title: Phrase, _ detail: Phrase? = nil, mayRepeat: Bool = false) {
        self.kind = kind
        self.title = title
        self.detail = detail
        self.mayRepeat = mayRepeat
    }

    /// - Parameter isRepeated: A code that was read before: no news, and above all no new money.
    init(_ outcome: HandoffOutcome, isPayee: Bool, isRepeated: Bool = false) {
        switch outcome {
        case .received(_, _, let amount) where isRepeated:
            self.init(
                .received, Phrase("%@ had been received before", .yuan(amount)),
                Phrase("This is the same payment again. Nothing new was paid."), mayRepeat: true)
        case .paid(_, let amount, let payee, let mended):
            self.init(
                .paid, Phrase("Paid %1$@ to %2$@", .yuan(amount), .payee(payee)),
                mended ? Phrase("The torn payment is mended. Nothing was paid twice.") : nil)
        case .received(_, _, let amount):
            self.init(.received, Phrase("Received %@", .yuan(amount)), mayRepeat: true)
        case .returned(_, let amount):
            self.init(
                .returned, Phrase("%@ was given back", .yuan(amount)),
                isPayee
                    ? Phrase("You have not kept this payment.")
                    : Phrase("The payee did not keep it. The money is here again."),
                mayRepeat: isPayee)
        case .refunded(_, _, let amount):
            self.init(
                .refunded, Phrase("Refunded %@", .yuan(amount)),
                isPayee ? Phrase("The money is here again.") : Phrase("The other phone has it."), mayRepeat: isPayee)
        case .declined(let error, let request):
            self.init(.declined, Phrase(error), room(in: error) ?? request.map(Phrase.asked), mayRepeat: true)
        case .refused(let reason, let atMost):
            self.init(
                .refused, Phrase(reason), atMost.map { Phrase("It takes at most %@.", .yuan($0)) }, mayRepeat: true)
        }
    }
}

extension Phrase {
    /// What the payer is asked.
    static func asked(_ request: PaymentRequest) -> Phrase {
        guard let amount = request.amount else { return Phrase("Pay how much to %@?", .payee(request.payee)) }
        return Phrase("Pay %1$@ to %2$@?", .yuan(amount), .payee(request.payee))
    }

    /// What the payee asks.
    static func asking(_ request: PaymentRequest) -> Phrase {
        guard let amount = request.amount else { return Phrase("You leave the amount to the payer.") }
        return Phrase("You ask for %@.", .yuan(amount))
    }
}
