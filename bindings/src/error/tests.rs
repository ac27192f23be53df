//! Whatever the core says, the same row is told here; and an error speaks to programs and to people.

use super::*;
use wallet_core::{
    BankError as Bank, Fault, HandoffError, ReceiveError as Receive, link::qr, platform, store,
};

/// Whatever the core says, the same row is told here.
#[test]
fn every_error_keeps_its_row() {
    fn same<Core: protocol::Coded + Clone, Here: Row + From<Core> + core::fmt::Display>(errors: &[Core]) {
        for error in errors {
            let (here, row) = (Here::from(error.clone()), error.code());
            assert_eq!(here.row(), row, "{here}");
            assert!(here.to_string().starts_with(row.name()), "{here}");
        }
    }
    let amount = protocol::Amount::from_fen(5).unwrap_or_default();
    let faults = [
        Fault::Closed,
        Fault::Locked,
        Fault::Reentrant,
        Fault::Busy,
        Fault::RolledBack,
        Fault::NotEnrolled,
        Fault::DeviceFrozen,
        Fault::KeyRetired,
        Fault::Store(store::StoreError::Full),
        Fault::Store(store::StoreError::Damaged),
        Fault::Store(store::StoreError::Overtaken),
        Fault::Vault(wallet_core::vault::VaultError::UserCancelled),
        Fault::Vault(wallet_core::vault::VaultError::Locked),
        Fault::Vault(wallet_core::vault::VaultError::KeyInvalidated),
        Fault::Guard(wallet_core::guard::GuardUnavailable),
        Fault::Clock(platform::ClockUnavailable),
        Fault::Entropy(platform::EntropyUnavailable),
    ];
    same::<_, WalletError>(&faults);
    let limit = |limit| wallet_core::PayError::Limit {
        limit,
        asked: amount,
        left: amount,
        lifts: wallet_core::Lift::Sync,
    };
    let pays = [
        wallet_core::PayError::Fault(Fault::Busy),
        wallet_core::PayError::Zero,
        limit(wallet_core::Limit::Balance),
        limit(wallet_core::Limit::PerDay),
        limit(wallet_core::Limit::OfflinePayments),
        limit(wallet_core::Limit::UnconfirmedEach),
        wallet_core::PayError::TooFragmented {
            asked: amount,
            largest: amount,
        },
        wallet_core::PayError::Payee(protocol::CertificateError::Revoked),
        wallet_core::PayError::OwnRequest,
        wallet_core::PayError::RequestForged,
        wallet_core::PayError::ConfirmOnDevice { amount },
        wallet_core::PayError::NothingAsked,
        wallet_core::PayError::UnknownPolicy,
        wallet_core::PayError::AmountOpen,
    ];
    same::<_, PayError>(&pays);
    same::<_, RefundError>(&[
        wallet_core::RefundError::UnknownPayment,
        wallet_core::RefundError::Pay(wallet_core::PayError::Zero),
        wallet_core::RefundError::TooLarge { left: amount },
    ]);
    same::<_, ReceiveError>(&[
        Receive::Fault(Fault::Closed),
        Receive::UnknownRequest,
        Receive::ReceiptForged,
        Receive::RefundTooLarge { left: amount },
        Receive::BalanceLimit { room: amount },
    ]);
    same::<_, BankError>(&[
        Bank::Transport(platform::TransportError::TimedOut),
        Bank::Transport(platform::TransportError::Status { status: 500 }),
        Bank::InvalidAnswer,
        Bank::Refused {
            code: Code::DeviceFrozen,
        },
        Bank::Pay(wallet_core::PayError::Zero),
    ]);
    same::<_, TapError>(&[
        wallet_core::TapError::Handoff(HandoffError::Closed),
        wallet_core::TapError::Handoff(HandoffError::OutOfOrder),
        wallet_core::TapError::Handoff(HandoffError::Fault(Fault::Busy)),
        wallet_core::TapError::Link(LinkError::NotArmed),
        wallet_core::TapError::Link(LinkError::UnsupportedVersion { version: 9 }),
        wallet_core::TapError::Link(LinkError::NotSelected),
        wallet_core::TapError::SameRole,
    ]);
    same::<_, SlipError>(&[
        qr::SlipError::Foreign,
        qr::SlipError::TooLarge { bytes: 50_000 },
        qr::SlipError::Decode(protocol::DecodeError::NotCanonical { object: "slip" }),
    ]);
    same::<_, OpenError>(&[
        wallet_core::OpenError::AlreadyOpen,
        wallet_core::OpenError::NoWallet,
        wallet_core::OpenError::PinRequired,
        wallet_core::OpenError::NoPin,
        wallet_core::OpenError::Superseded,
        wallet_core::OpenError::WalletExists,
        wallet_core::OpenError::TooNew { found: 2, known: 1 },
        wallet_core::OpenError::WrongKey,
        wallet_core::OpenError::DataKeyDestroyed,
        wallet_core::OpenError::Damaged { copy: None },
        wallet_core::OpenError::Unavailable,
    ]);
    same::<_, PinError>(&[
        wallet_core::PinError::Wrong { failed: 1, wait: 0 },
        wallet_core::PinError::TooSoon { wait: 1 },
        wallet_core::PinError::AlreadySet,
        wallet_core::PinError::NotSet,
        wallet_core::PinError::NotLocked,
        wallet_core::PinError::OutOfMemory,
        wallet_core::PinError::Open(wallet_core::OpenError::WrongKey),
    ]);
    same::<_, RestoreError>(&[
        wallet_core::RestoreError::Foreign,
        wallet_core::RestoreError::Damaged,
        wallet_core::RestoreError::TooNew { found: 3 },
        wallet_core::RestoreError::Open(wallet_core::OpenError::WalletExists),
    ]);
    same::<_, ReceiptError>(&[
        wallet_core::ReceiptError::NoReceipt,
        wallet_core::ReceiptError::Fault(Fault::Locked),
    ]);
}

#[test]
fn an_error_speaks_to_programs_and_to_people() {
    let error = PayError::NothingAsked;
    assert_eq!((error.code(), error.name().as_str()), (405, "nothing-asked"));
    assert!(error.is_retryable());
    assert_ne!(
        error.sentence(Language::English),
        error.sentence(Language::SimplifiedChinese)
    );
    let reason = Reason::from(Code::HolderRevoked);
    assert_eq!((reason.code, reason.retryable), (214, false));
    assert_eq!(
        sentence_for(&reason, Language::English),
        Code::HolderRevoked.sentence(Language::English.into())
    );
    let unknown = Reason {
        code: 9_999,
        ..reason
    };
    assert_eq!(unknown.row(), Code::Malformed);
}
