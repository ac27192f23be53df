import DcepWallet

extension Phrase {
    /// What happened and what to do. The core says it for all of its errors; nobody is ever shown an error's own text.
    init(_ error: any Error) {
        switch error {
        case let error as any DcepError: self = .core(error.sentence)
        case let failure as TapFailure: self.init(failure)
        case let trouble as Trouble: self = trouble.phrase
        default: self = .core(WalletError.internal.sentence)
        }
    }

    private init(_ failure: TapFailure) {
        switch failure {
        case .notSupported: self = Phrase("This phone cannot do that here: pay with a QR code instead.")
        case .cancelled: self = Phrase("You ended the tap.")
        case .timedOut: self = Phrase("No other phone came near: hold the phones together, and try again.")
        case .lost: self = Phrase("The phones came apart too early.")
        case .busy: self = Phrase("The phone's radio is busy: wait a moment, and try again.")
        }
    }

    /// A reason that the other side gave.
    init(_ reason: Reason) {
        self = .core { sentenceFor(reason: reason, language: $0) }
    }
}

/// What can go wrong in the app itself, before anybody asks the wallet.
enum Trouble: Error {
    /// What was typed is no address of a bank.
    case noBankAddress
    /// The words were put into another order than they were shown in.
    case wrongOrder
    /// The new PIN was typed in two ways.
    case differentPins
    /// The app's own files cannot be read or written.
    case files

    var phrase: Phrase {
        switch self {
        case .noBankAddress: Phrase("Enter the bank's address, such as https://bank.example.")
        case .wrongOrder:
            Phrase("That is another order than you were shown: look at what you wrote down, and try again.")
        case .differentPins: Phrase("These are two different PINs: type the same one twice.")
        case .files: .core(OpenError.unavailable.sentence)
        }
    }
}

/// What a refusal adds in figures: how much would be possible.
func room(in error: PayError) -> Phrase? {
    switch error {
    case .notEnough(_, let spendable, _, _): Phrase("You can pay %@ now.", .yuan(spendable))
    case .tooFragmented(_, let largest): Phrase("One payment can be up to %@.", .yuan(largest))
    case .limit(_, _, let left, let lifts): Phrase("You can pay %1$@ now. %2$@", .yuan(left), .lift(lifts))
    default: nil
    }
}
