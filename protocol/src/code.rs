//! The table of errors: one stable number and name for everything that can go wrong anywhere.
//!
//! Error enums stay narrow, one per family of operations; each of their cases has a row here, and
//! [`Coded`] connects the two. A refusal on the wire carries the number. `docs/errors.md` is printed from this
//! table by a test; [`crate::sentence`] has what people read, for every row.

use core::fmt;

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

/// Whether asking again can help, without anybody changing what is asked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Retry {
    /// The same call may succeed later.
    May,
    /// The same call will fail again.
    Never,
}

/// An error that has a row in the table.
pub trait Coded {
    /// Its row.
    fn code(&self) -> Code;
}

macro_rules! codes {
    ($(#[doc = $doc:literal] $number:literal $variant:ident $name:literal $retry:ident)*) => {
        /// A row of the table of errors.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u16)]
        pub enum Code {
            $(#[doc = $doc] $variant = $number,)*
        }

        impl Code {
            /// Every row, in ascending order of numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable name, for logs and programs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether asking again can help.
            #[must_use]
            pub const fn retry(self) -> Retry {
                match self { $(Self::$variant => Retry::$retry,)* }
            }

            /// The row with this number.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }

            /// What happened, in one line for developers.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $doc.trim_ascii(),)* }
            }
        }
    };
}

codes! {
    /// Not an amount in yuan with two decimals.
    101 AmountMalformed "amount-malformed" Never
    /// An amount above the largest representable one.
    102 AmountTooLarge "amount-too-large" Never
    /// An amount of zero where money must move.
    103 AmountZero "amount-zero" Never

    /// Bytes that are not the object they were taken for.
    111 Malformed "malformed" Never
    /// An object that is not in its one canonical encoding.
    112 NotCanonical "not-canonical" Never
    /// An object larger than permitted.
    113 TooLarge "too-large" Never
    /// Notes and transfers that are not the well-formed history of one transfer.
    114 IllFormedHistory "ill-formed-history" Never
    /// A transfer whose inputs and outputs do not add up.
    115 SumsDiffer "sums-differ" Never

    /// A part of the trust bundle that is not validly signed.
    201 TrustNotSigned "trust-not-signed" Never
    /// Two trust parts that contradict each other.
    202 TrustContradiction "trust-contradiction" Never
    /// A certificate of an unknown operator.
    211 UnknownOperator "unknown-operator" May
    /// A certificate that its operator did not sign.
    212 CertificateForged "certificate-forged" Never
    /// A certificate outside its validity.
    213 CertificateExpired "certificate-expired" Never
    /// A holder key on the status list.
    214 HolderRevoked "holder-revoked" Never
    /// The payee wants keys that are kept better than the payer's.
    215 AssuranceTooLow "assurance-too-low" Never

    /// A note of an unknown series.
    301 UnknownSeries "unknown-series" May
    /// A note past the last day it may be paid on offline.
    302 SeriesExpired "series-expired" Never
    /// A note that the issuer did not sign.
    303 NoteForged "note-forged" Never
    /// A transfer that an owner of its inputs did not sign.
    304 TransferForged "transfer-forged" Never
    /// A payment to another payee.
    305 WrongPayee "wrong-payee" Never
    /// A payment that answers another request.
    306 WrongRequest "wrong-request" Never
    /// A payment of another amount than asked.
    307 WrongAmount "wrong-amount" Never
    /// An outpoint consumed by two different transfers.
    308 ConsumedTwice "consumed-twice" Never
    /// A chain with more hops than the policy permits.
    309 TooManyHops "too-many-hops" Never
    /// A chain that goes back to an older note than the policy permits.
    310 TooOld "too-old" Never
    /// More than the policy permits in one payment.
    311 PaymentLimit "payment-limit" Never
    /// More than the policy permits in one wallet.
    312 BalanceLimit "balance-limit" Never
    /// A receipt that the payee did not sign.
    313 ReceiptForged "receipt-forged" Never
    /// No policy is known for a wallet.
    314 UnknownPolicy "unknown-policy" May
    /// A fraud proof that proves nothing.
    315 ForkProofInvalid "fork-proof-invalid" Never
    /// More than the payer may pay now. Which limit that is, is between the payer and its wallet.
    316 PayerLimit "payer-limit" May
    /// A request that the payee did not make, or that took the name of another.
    317 RequestForged "request-forged" Never
    /// A receipt file of another version than this software reads.
    331 ReceiptFileUnknown "receipt-file-unknown" Never
    /// A receipt and a certificate that are not of the payment they come with.
    332 ReceiptFileMismatch "receipt-file-mismatch" Never

    /// More than can be spent now.
    401 NotEnough "not-enough" May
    /// More than one payment can carry: too many small notes.
    402 TooFragmented "too-fragmented" Never
    /// The payer has to confirm on its own device, and to tap again.
    403 ConfirmOnDevice "confirm-on-device" May
    /// An open request, and no amount chosen for it.
    404 AmountOpen "amount-open" May
    /// Nothing is asked, and nothing is to be resumed.
    405 NothingAsked "nothing-asked" May
    /// More than the policy permits in one day.
    406 DayLimit "day-limit" May
    /// More than the policy permits in one year.
    407 YearLimit "year-limit" May
    /// More than the policy permits between two contacts with the bank, in sum.
    408 OfflineTotalLimit "offline-total-limit" May
    /// More payments than the policy permits between two contacts with the bank.
    409 OfflineCountLimit "offline-count-limit" May

    /// A request that this wallet never made.
    411 UnknownRequest "unknown-request" Never
    /// A request that has already been paid.
    412 RequestPaid "request-paid" Never
    /// A payment that this wallet never took, or that was money back itself.
    413 UnknownPayment "unknown-payment" Never
    /// More than is left of a payment to give back.
    414 RefundTooLarge "refund-too-large" Never
    /// A transfer for which this wallet has no receipt to show.
    415 NoReceipt "no-receipt" May
    /// The trust bundle is older than the policy permits, or its signer is no longer to be believed.
    416 TrustTooOld "trust-too-old" May

    /// A message that the handoff does not expect now.
    421 OutOfOrder "out-of-order" May
    /// The encrypted channel failed: tampering, or a torn tap.
    422 ChannelFailed "channel-failed" May
    /// The session is over and accepts nothing more.
    423 SessionClosed "session-closed" Never
    /// The two devices cannot work together: another protocol version, or the same role.
    424 Incompatible "incompatible" Never
    /// The link broke the rules of ISO 7816-4.
    425 LinkFailed "link-failed" May
    /// The other device is not ready to pay or to be paid.
    426 NotArmed "not-armed" May
    /// A code or a file that is no request, payment or receipt.
    427 NotASlip "not-a-slip" Never

    /// The store is owned by another instance.
    501 AlreadyOpen "already-open" May
    /// A store written by a newer version of this software.
    502 StoreTooNew "store-too-new" Never
    /// A store that another key sealed.
    503 WrongKey "wrong-key" Never
    /// A damaged store, set aside and untouched.
    504 StoreDamaged "store-damaged" Never
    /// The store cannot be read or written now.
    505 StoreUnavailable "store-unavailable" May
    /// A call from inside a callback of the same wallet.
    511 Reentrant "reentrant" Never
    /// The wallet is busy in a callback of the platform.
    512 Busy "busy" May
    /// The wallet is closed.
    513 Closed "closed" Never
    /// The wallet's files were rolled back or copied; its old keys are retired.
    514 RolledBack "rolled-back" Never
    /// The wallet has no certified keys left, or is not enrolled.
    515 NotEnrolled "not-enrolled" May
    /// The wallet is locked, and opens with its PIN.
    516 WalletLocked "wallet-locked" May
    /// A wrong PIN.
    517 WrongPin "wrong-pin" May
    /// After wrong PINs the next one has to wait.
    518 PinTooSoon "pin-too-soon" May
    /// A PIN that is too short or too long.
    519 BadPin "bad-pin" Never
    /// The wallet has a PIN already.
    520 PinAlreadySet "pin-already-set" Never
    /// The wallet has no PIN.
    521 NoPin "no-pin" Never
    /// The wallet is not locked.
    522 NotLocked "not-locked" Never
    /// There is not enough memory to check a PIN.
    523 PinOutOfMemory "pin-out-of-memory" May
    /// Files of the wallet from before its PIN was set, changed or removed.
    524 Superseded "superseded" Never
    /// This software failed in a way in which it should not. What is on the disk is sound.
    531 Internal "internal" May

    /// The user cancelled the prompt.
    601 UserCancelled "user-cancelled" May
    /// The vault is locked.
    602 VaultLocked "vault-locked" May
    /// The platform invalidated a key.
    603 KeyInvalidated "key-invalidated" Never
    /// The vault does not answer.
    604 VaultUnavailable "vault-unavailable" May
    /// The vault answered something that is no valid signature.
    605 VaultMisbehaved "vault-misbehaved" May
    /// The platform destroyed the key that opens the store.
    606 DataKeyDestroyed "data-key-destroyed" Never
    /// The key that this takes is retired: the bank pays out what it holds.
    607 KeyRetired "key-retired" Never
    /// The second place for the journal's head cannot be read or written.
    611 GuardUnavailable "guard-unavailable" May
    /// The platform has no randomness.
    621 EntropyUnavailable "entropy-unavailable" May
    /// The device does not tell the time.
    622 ClockUnavailable "clock-unavailable" May
    /// The words are not a BIP-39 mnemonic.
    631 BadMnemonic "bad-mnemonic" Never
    /// Another device of the account has declared this one lost.
    632 DeviceFrozen "device-frozen" Never
    /// A backup of another account.
    633 BackupForeign "backup-foreign" Never
    /// A backup that is damaged, or none.
    634 BackupDamaged "backup-damaged" Never
    /// A backup written by a newer version of this software.
    635 BackupTooNew "backup-too-new" Never
    /// A key of the account signed two payments with the same money, and nobody has answered for it yet.
    636 AccountBarred "account-barred" May

    /// The bank cannot be reached, or does not answer in time.
    701 BankUnreachable "bank-unreachable" May
    /// The bank's answer is not one.
    702 BankAnswerInvalid "bank-answer-invalid" May
    /// The account has less than was asked for.
    703 AccountTooLow "account-too-low" May
    /// The bank knows no such account.
    704 UnknownAccount "unknown-account" Never
    /// The call is not signed by the account it names.
    705 CallNotSigned "call-not-signed" Never
    /// The same idempotency key came with another order.
    706 IdempotencyConflict "idempotency-conflict" Never
    /// The operator's reserve does not cover the order.
    707 ReserveTooLow "reserve-too-low" May
    /// A key was already certified for another account.
    708 KeyTaken "key-taken" Never
    /// The bank had a fault of its own.
    709 BankFailed "bank-failed" May
    /// The last day on which a claim is certain has passed.
    710 ClaimClosed "claim-closed" Never
    /// A key that is not certified for the account that names it.
    711 KeyNotCertified "key-not-certified" Never
    /// A key application that the key itself did not sign, or that is for another account.
    712 KeyNotProven "key-not-proven" Never
    /// The account is open already, with another class or name.
    713 AlreadyEnrolled "already-enrolled" Never
    /// Neither the account of who forked nor the guarantee line covers this second payment of one outpoint.
    714 CoverExhausted "cover-exhausted" May
}

/// The stable name.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<C> Encode<C> for Code {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.u16(*self as u16)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Code {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        Self::from_number(d.u16()?).ok_or_else(|| decode::Error::message("unknown error code").at(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_names_unique() {
        assert!(Code::ALL.is_sorted_by(|a, b| a < b));
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::from_number(*code as u16), Some(*code));
            assert!(code.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            assert!(code.summary().trim().ends_with('.'));
        }
    }
}
