//! The plain enums of the core, one for one.

use crate::mirror::mirrored;

mirrored! {
    /// The language of a sentence for people.
    Language = protocol::sentence::Language {
        /// English.
        English,
        /// Chinese, in simplified characters.
        SimplifiedChinese,
    }
}

/// The language for a locale as platforms write it (`zh-Hans-CN`, `zh_CN.UTF-8`, `en-GB`): Chinese of any kind gets
/// simplified Chinese, everybody else English.
#[uniffi::export]
#[must_use]
pub fn language_for_locale(locale: &str) -> Language {
    protocol::sentence::Language::for_locale(locale).into()
}

mirrored! {
    /// The algorithm of a signing key.
    Algorithm = protocol::Algorithm {
        /// Ed25519 (RFC 8032): keys in software.
        Ed25519,
        /// ECDSA over P-256 with SHA-256: the one that phone hardware signs with.
        P256,
    }
}

mirrored! {
    /// Where a holder key lives. Higher is better kept.
    Assurance = protocol::Assurance {
        /// In the app's memory.
        Software,
        /// In a trusted execution environment.
        TrustedEnvironment,
        /// In a security chip: StrongBox or Secure Enclave.
        SecureElement,
    }
}

mirrored! {
    /// The class that the operator gave the wallet: the better it knows the holder, the wider the limits.
    WalletClass = protocol::WalletClass {
        /// Opened in person at the counter.
        I,
        /// Identity document and bank account checked remotely.
        Ii,
        /// Identity document checked remotely.
        Iii,
        /// A phone number only: anonymous towards the issuer.
        Iv,
    }
}

mirrored! {
    /// The list that account words come from.
    WordList = wallet_core::WordList {
        /// English.
        English,
        /// Simplified Chinese.
        SimplifiedChinese,
    }
}

mirrored! {
    /// How many account words there are.
    WordCount = wallet_core::WordCount {
        /// 12 words: 128 bits.
        Twelve,
        /// 24 words: 256 bits.
        TwentyFour,
    }
}

mirrored! {
    /// Who speaks first on the link.
    Side = wallet_core::Side {
        /// This device is the NFC reader, or connects to the other one.
        Reader,
        /// This device is the card, or is connected to.
        Card,
    }
}

mirrored! {
    /// How long the frames of a tap may be (ISO 7816-4).
    FrameSize = wallet_core::link::apdu::FrameSize {
        /// At most 255 bytes of data a command: always possible.
        Short,
        /// Extended length: to be used where the device says that it passes.
        Extended,
    }
}

mirrored! {
    /// One limit of the policy.
    Limit = wallet_core::Limit {
        /// What the wallet may hold.
        Balance,
        /// What one payment may move.
        PerPayment,
        /// What the wallet may pay in one day; days begin at midnight UTC.
        PerDay,
        /// What it may pay in one calendar year.
        PerYear,
        /// What it may pay between two contacts with the bank.
        OfflineTotal,
        /// How many payments it may make between two contacts with the bank.
        OfflinePayments,
        /// How often value may be passed on before it goes past the bank.
        Hops,
        /// How many days old value may be before it goes past the bank.
        Age,
        /// What one payment may move that the holder did not confirm.
        UnconfirmedEach,
        /// What all such payments may move since the last confirmed one.
        UnconfirmedTotal,
        /// What the payee may still take.
        PayeeBalance,
    }
}

mirrored! {
    /// What happened, of a line of the history.
    HistoryKind = wallet_core::Kind {
        /// A payment to somebody.
        Paid,
        /// A payment from somebody.
        Received,
        /// A payment to this wallet that it did not want, given back.
        GaveBack,
        /// Of a payment to this wallet, this much was given back, because its holder decided so.
        GaveRefund,
        /// Of a payment of this wallet, this much came back.
        GotRefund,
        /// Account money became cash on this phone.
        Loaded,
        /// Cash became account money.
        Deposited,
        /// Cash became fresh cash of the same sum.
        Refreshed,
        /// The claim window of value closed, and the bank credited it to the account.
        Closed,
    }
}

mirrored! {
    /// How far a line of the history has come.
    HistoryState = wallet_core::State {
        /// Signed, possibly sent, not receipted. Ends with the receipt, or through the bank.
        InDoubt,
        /// Both sides know, or the bank does.
        Done,
        /// All of it was given back.
        Returned,
        /// It never came to the bank, and what it would have moved was credited to this account.
        PaidBack,
    }
}

mirrored! {
    /// What a transfer in doubt was signed for.
    Doubtful = wallet_core::Doubtful {
        /// A payment to a payee.
        Payment,
        /// Giving back a payment that this wallet did not want.
        Return,
        /// Giving back a payment, or a part of it, because the holder decided so.
        Refund,
        /// A deposit with the bank.
        Deposit,
        /// A refresh with the bank.
        Refresh,
    }
}

mirrored! {
    /// What ends a doubt. No clock ever does.
    EndsBy = wallet_core::EndsBy {
        /// Any tap with the same payee, in either role; or a sync.
        TapOrSync,
        /// A sync.
        Sync,
        /// The bank alone: this wallet was rolled back or copied, and must not send it again. A sync asks.
        Bank,
    }
}

mirrored! {
    /// Why value can only be taken to the bank.
    OnlyAtBank = wallet_core::OnlyAtBank {
        /// Its key is retired: the wallet was rolled back or copied, or the platform destroyed the key.
        KeyRetired,
        /// Another phone of the account declared this one lost.
        KeyFrozen,
        /// Its series is past the last day to pay with it.
        SeriesExpired,
        /// It is older than the policy permits.
        TooOld,
        /// One more transfer would be a hop too many.
        TooManyHops,
        /// Its key has no certificate that is valid today.
        CertificateExpired,
        /// Somebody in its history paid with the same money twice.
        Contested,
    }
}

mirrored! {
    /// Why money was given back at once.
    ReturnReason = wallet_core::ReturnReason {
        /// Its request had been paid by another payment meanwhile.
        PaidTwice,
        /// Its request had been withdrawn.
        Withdrawn,
        /// The wallet may not hold so much.
        BalanceLimit,
        /// The payer's keys are not kept as well as the request demands.
        AssuranceTooLow,
    }
}

mirrored! {
    /// What the age of trust means.
    TrustVerdict = wallet_core::Verdict {
        /// Nothing.
        Fresh,
        /// More than half of the permitted time has passed: a good moment to go online.
        Ageing,
        /// Nothing is paid and nothing asked for before a sync.
        TooOld,
    }
}

mirrored! {
    /// What happened on an earlier phone.
    PastKind = wallet_core::PastKind {
        /// A payment to somebody.
        Paid,
        /// A payment from somebody.
        Received,
        /// Account money became cash.
        Loaded,
        /// The claim window of value closed, and the bank credited it.
        Closed,
        /// A transfer to the bank, or giving something back.
        Other,
    }
}
