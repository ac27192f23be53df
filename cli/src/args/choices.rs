//! What can be chosen, and what the libraries call it.

use bank::operator::policies::Profile;
use clap::ValueEnum;
use protocol::{Algorithm, Assurance, WalletClass};
use wallet_core::{State, WordCount, WordList, link::apdu::FrameSize};

/// How far something in the history has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum StateName {
    /// Signed, and confirmed by nobody.
    InDoubt,
    /// Both sides know, or the bank does.
    Done,
    /// Given back.
    Returned,
    /// Credited to the account, because it never arrived.
    PaidBack,
}

impl StateName {
    /// As the wallet calls it.
    pub(crate) const fn state(self) -> State {
        match self {
            Self::InDoubt => State::InDoubt,
            Self::Done => State::Done,
            Self::Returned => State::Returned,
            Self::PaidBack => State::PaidBack,
        }
    }
}

/// Signature algorithms of holder keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum Keys {
    /// Ed25519: small and fast, in software.
    #[default]
    Ed25519,
    /// ECDSA over P-256: what phone hardware can sign.
    P256,
}

impl Keys {
    /// As the wallet calls it.
    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            Self::Ed25519 => Algorithm::Ed25519,
            Self::P256 => Algorithm::P256,
        }
    }

    /// As the command line calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::P256 => "p256",
        }
    }
}

/// Frame sizes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum Frames {
    /// Up to 255 bytes: what every device can.
    Short,
    /// Up to 65,535 bytes.
    #[default]
    Extended,
}

impl Frames {
    /// As the link calls it.
    pub(crate) const fn size(self) -> FrameSize {
        match self {
            Self::Short => FrameSize::Short,
            Self::Extended => FrameSize::Extended,
        }
    }
}

/// Numbers of words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum Words {
    /// 12 words.
    #[default]
    #[value(name = "12")]
    Twelve,
    /// 24 words.
    #[value(name = "24")]
    TwentyFour,
}

impl Words {
    /// As the wallet calls it.
    pub(crate) const fn count(self) -> WordCount {
        match self {
            Self::Twelve => WordCount::Twelve,
            Self::TwentyFour => WordCount::TwentyFour,
        }
    }
}

/// Languages of words and sentences.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// As the wallet calls it.
    pub(crate) const fn list(self) -> WordList {
        match self {
            Self::En => WordList::English,
            Self::Zh => WordList::SimplifiedChinese,
        }
    }

    /// As the table of errors calls it.
    pub(crate) const fn sentences(self) -> protocol::Language {
        match self {
            Self::En => protocol::Language::English,
            Self::Zh => protocol::Language::SimplifiedChinese,
        }
    }
}

/// Wallet classes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum Class {
    /// Opened in person at the counter.
    I,
    /// Identity document and bank account checked remotely.
    Ii,
    /// Identity document checked remotely.
    Iii,
    /// A phone number only.
    #[default]
    Iv,
}

impl Class {
    /// As certificates call it.
    pub(crate) const fn class(self) -> WalletClass {
        match self {
            Self::I => WalletClass::I,
            Self::Ii => WalletClass::Ii,
            Self::Iii => WalletClass::Iii,
            Self::Iv => WalletClass::Iv,
        }
    }
}

/// Published limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(crate) enum ProfileName {
    /// The bank test app of August 2020.
    #[default]
    #[value(name = "cn-2020")]
    Cn2020,
    /// The Lujiazui forum of June 2021.
    #[value(name = "cn-2021")]
    Cn2021,
}

impl ProfileName {
    /// As the bank calls it.
    pub(crate) const fn profile(self) -> Profile {
        match self {
            Self::Cn2020 => Profile::Cn2020,
            Self::Cn2021 => Profile::Cn2021,
        }
    }
}

/// How well a payer's keys must be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Demand {
    /// However they are kept.
    Nothing,
    /// At least in a trusted execution environment.
    TrustedEnvironment,
    /// In a security chip.
    SecureElement,
}

impl Demand {
    /// As the wallet calls it.
    pub(crate) const fn assurance(self) -> Option<Assurance> {
        match self {
            Self::Nothing => None,
            Self::TrustedEnvironment => Some(Assurance::TrustedEnvironment),
            Self::SecureElement => Some(Assurance::SecureElement),
        }
    }
}
