import Foundation

/// What every error of this package is.
///
/// Every family of calls has its own error, an `enum` with fields: switch over it. Every case of it has a row in the table
/// of errors (`docs/errors.md`), which this protocol asks for. `"\(error)"` is the row's name and its sentence in English,
/// for logs, and holds nothing secret; `localizedDescription` is the sentence alone, in the user's language.
public protocol DcepError: LocalizedError, CustomStringConvertible, Sendable {
    /// The number of its row: stable, for programs and for support.
    var code: UInt16 { get }

    /// The name of its row, such as `balance-limit`: stable, for logs.
    var name: String { get }

    /// Whether the same call may succeed later without anybody changing what is asked.
    var isRetryable: Bool { get }

    /// What happened and what to do, in one sentence for whoever holds the phone.
    func sentence(_ language: Language) -> String
}

extension DcepError {
    /// The sentence in the user's language: simplified Chinese for Chinese of any kind, English for everybody else.
    public var errorDescription: String? { sentence(.preferred) }
}

extension Language {
    /// The language of the user's first choice.
    public static var preferred: Language {
        languageForLocale(locale: Locale.preferredLanguages.first ?? Locale.current.identifier)
    }
}

/// This software failed in a way in which it should not, in a call whose own error has no case for that. What is on the disk
/// is sound, and the process and every wallet in it go on. Report it.
///
/// Everywhere else it is ``WalletError/internal``, alone or as the `error` of a case `wallet`.
public struct InternalError: DcepError, Equatable {
    /// What it said last, in English, for a report.
    public let reason: String

    /// The number of its row.
    public var code: UInt16 { WalletError.internal.code }
    /// The name of its row: `internal`.
    public var name: String { WalletError.internal.name }
    /// Whether the same call may succeed later.
    public var isRetryable: Bool { WalletError.internal.isRetryable }
    /// The name of the row and its sentence in English, with what it said.
    public var description: String { "\(WalletError.internal) (\(reason))" }

    /// What happened and what to do, in one sentence for whoever holds the phone.
    public func sentence(_ language: Language) -> String { WalletError.internal.sentence(language) }
}

/// The error that a panic of the library is, in a call that fails with `E`. The generated code throws it.
func panicked<E>(in family: E.Type, saying reason: String) -> any Error {
    switch family {
    case is WalletError.Type: WalletError.internal
    case is OpenError.Type: OpenError.internal
    case is PinError.Type: PinError.wallet(error: .internal)
    case is RestoreError.Type: RestoreError.wallet(error: .internal)
    case is PayError.Type: PayError.wallet(error: .internal)
    case is ReceiveError.Type: ReceiveError.wallet(error: .internal)
    case is RefundError.Type: RefundError.wallet(error: .internal)
    case is BankError.Type: BankError.wallet(error: .internal)
    case is ReceiptError.Type: ReceiptError.wallet(error: .internal)
    case is TapError.Type: TapError.wallet(error: .internal)
    default: InternalError(reason: reason)
    }
}
