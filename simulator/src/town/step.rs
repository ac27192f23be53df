//! Steps: what can happen in a town, as data. A plan draws them; a test may write them by hand.

use protocol::Amount;
use wallet_core::{Consent, vault::VaultError};

use super::cast::Who;
use crate::{
    disk::{self, Kept},
    handoff::{Link, Roles},
    line::LineTrouble,
    phone::GuardTrouble,
};

/// One thing that happens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// The payee asks, the payer agrees, and they hold their phones together.
    Pay {
        /// Who pays.
        payer: Who,
        /// Who is paid.
        payee: Who,
        /// What is asked; nothing, if it is left to the payer.
        asked: Option<Amount>,
        /// What the payer has agreed to.
        agreed: Agreed,
        /// How the tap goes.
        tap: Tap,
    },
    /// The payee shows a request as a code, the payer the payment, the payee the receipt.
    Codes {
        /// Who pays.
        payer: Who,
        /// Who is paid.
        payee: Who,
        /// What is asked; nothing, if it is left to the payer.
        asked: Option<Amount>,
        /// What the payer has agreed to.
        agreed: Agreed,
        /// How many of the codes are read, before somebody puts the phone away.
        reads: usize,
        /// What goes wrong in the phones.
        trouble: Trouble,
    },
    /// Somebody shows to another, as codes, whatever it has in doubt; also what is not for that one.
    Show {
        /// Who shows it.
        who: Who,
        /// Who reads it, and shows the answers.
        to: Who,
        /// How many of the codes of each are read.
        reads: usize,
    },
    /// A handoff that was torn is gone on with.
    Again {
        /// Which, by its place among the torn ones.
        encounter: usize,
        /// With which sessions.
        sessions: Sessions,
        /// How the tap goes. Sessions that live on keep their roles.
        tap: Tap,
    },
    /// Somebody else pays what a torn handoff was about, and finds it paid, or pays it.
    Instead {
        /// Which, by its place among the torn ones.
        encounter: usize,
        /// Who pays.
        payer: Who,
        /// How the tap goes.
        tap: Tap,
    },
    /// Who was paid gives money back.
    Refund {
        /// Of which payment, by its place among those that were taken.
        sold: usize,
        /// How much; all that is left, if nothing is said.
        amount: Option<Amount>,
        /// How the tap goes that brings it, if one does.
        tap: Option<Tap>,
    },
    /// A refund that was signed before is brought to who had paid.
    Bring {
        /// Which, by its place among those that are owed.
        owed: usize,
        /// How the tap goes.
        tap: Tap,
    },
    /// The owner of a rooted phone pays two people with the same money, written by hand.
    Fork {
        /// Whose owner.
        who: Who,
        /// Who is paid with it.
        victims: [Who; 2],
        /// How much.
        amount: Amount,
        /// Which way it takes.
        shape: ForkShape,
    },
    /// The power goes, or an app is killed, and starts again.
    Crash {
        /// Whose.
        who: Who,
        /// What the disk keeps of what was not synced.
        kept: Kept,
    },
    /// All of an app's files are copied.
    Snapshot(Who),
    /// All of an app's files are put back to one of the copies.
    Restore {
        /// Whose.
        who: Who,
        /// Which copy.
        snapshot: usize,
    },
    /// A copy of all of an app's files is opened on another device.
    Clone {
        /// Whose.
        who: Who,
        /// Which copy.
        snapshot: usize,
        /// Whether the secrets of the vault were taken along.
        with_vault: bool,
    },
    /// A backup is made, and put away.
    BackUp(Who),
    /// A phone is lost; its owner sets up another one from the words, and from the backup if there is one.
    Lose(Who),
    /// All other phones of an owner are declared lost.
    Freeze {
        /// With which phone.
        who: Who,
        /// What the line does to the calls.
        line: Vec<LineTrouble>,
    },
    /// A lost phone turns up again.
    Find(Who),
    /// An app is deleted and installed again.
    Reinstall(Who),
    /// The platform destroys keys, as some do when a fingerprint is enrolled.
    DestroyKeys {
        /// Whose.
        who: Who,
        /// Which, by its place in the vault; all of them, if nothing is said.
        key: Option<usize>,
    },
    /// A phone with a PIN is in other hands for a while.
    GuessPin {
        /// Whose.
        who: Who,
        /// How many wrong ones are tried.
        tries: u32,
    },
    /// A clock is set wrong.
    Clock {
        /// Whose.
        who: Who,
        /// By how much.
        seconds: i64,
    },
    /// A clock is set right.
    ClockRight(Who),
    /// Account money becomes notes.
    Load {
        /// For whom.
        who: Who,
        /// How much.
        amount: Amount,
        /// What the line does to the calls.
        line: Vec<LineTrouble>,
        /// Whether the phone's vault says no on the way.
        vault: Option<VaultRefusal>,
    },
    /// Value becomes account money.
    Deposit {
        /// Whose.
        who: Who,
        /// How much; everything, if nothing is said.
        amount: Option<Amount>,
        /// What the line does to the calls.
        line: Vec<LineTrouble>,
        /// Whether the phone's vault says no on the way.
        vault: Option<VaultRefusal>,
    },
    /// A phone is online for a moment.
    Sync {
        /// Which.
        who: Who,
        /// What the line does to the calls.
        line: Vec<LineTrouble>,
        /// Whether the phone's vault says no on the way.
        vault: Option<VaultRefusal>,
    },
    /// A payee no longer wants what it asked for.
    Withdraw {
        /// Whose request.
        who: Who,
        /// Which, by its place among the open ones.
        request: usize,
    },
    /// An app shows its holder what happened since the last time.
    ReadEvents(Who),
    /// Days pass for everybody.
    Days(u32),
}

/// What a payer has agreed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agreed {
    /// Exactly this.
    Exactly(Amount),
    /// Whatever is asked, up to this.
    UpTo(Amount),
    /// To nothing: the phone is held out, and this is asked. What is above the limits for that is confirmed afterwards.
    Unconfirmed(Amount),
}

impl Agreed {
    pub(super) const fn consent(self) -> Consent {
        match self {
            Self::Exactly(amount) => Consent::Exactly(amount),
            Self::UpTo(amount) => Consent::UpTo(amount),
            Self::Unconfirmed(_) => Consent::Unconfirmed,
        }
    }

    pub(super) const fn amount(self) -> Amount {
        match self {
            Self::Exactly(amount) | Self::UpTo(amount) | Self::Unconfirmed(amount) => amount,
        }
    }
}

/// With what a torn handoff is gone on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sessions {
    /// With the same ones, if neither app was killed meanwhile.
    Same,
    /// With new ones.
    New,
    /// With new ones, after the payer's app was killed.
    PayerRestarts,
    /// With new ones, after the payee's app was killed.
    PayeeRestarts,
    /// With new ones, after both were killed.
    BothRestart,
}

/// Which way forked money takes to its victims.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ForkShape {
    /// A certified key signs the same note away twice.
    Straight,
    /// The note goes to a key that nobody ever certified; that one forks; and two certified keys pay with the branches.
    ThroughUncertified,
    /// What is paid had been deposited before.
    AfterDeposit,
}

impl ForkShape {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Straight, Self::ThroughUncertified, Self::AfterDeposit];
}

/// One contact of two phones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tap {
    /// Who is the card.
    pub roles: Roles,
    /// What carries the messages.
    pub link: Link,
    /// What the air does.
    pub weather: Weather,
    /// What goes wrong in the phones.
    pub trouble: Trouble,
}

/// What goes wrong in two phones while they deal with each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Trouble {
    /// Whether the payer's guard is out of order.
    pub guard: Option<GuardTrouble>,
    /// Whether a disk is.
    pub disk: Option<DiskTrouble>,
    /// Whether the payer's vault says no on the way.
    pub payer_vault: Option<VaultRefusal>,
    /// Whether the payee's does.
    pub payee_vault: Option<VaultRefusal>,
}

/// A vault that says no in the middle of something. It signs nothing then, and no money moves for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VaultRefusal {
    /// Why: the user cancels the prompt, the device is locked, or the hardware does not answer.
    pub why: VaultError,
    /// After how many calls that it answers.
    pub after: usize,
}

/// A disk that goes wrong in the middle of a tap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiskTrouble {
    /// Whether it is the payer's; else it is the payee's.
    pub of_payer: bool,
    /// In which way.
    pub trouble: disk::Trouble,
    /// After how many operations.
    pub after: u64,
}

impl DiskTrouble {
    pub(super) const fn whose(&self, payer: Who, payee: Who) -> Who {
        if self.of_payer { payer } else { payee }
    }
}

/// What the air does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weather {
    /// It lets everything pass.
    Fine,
    /// A phone slips away after so many bytes.
    Cut(usize),
    /// One bit of this byte arrives wrong.
    Flip(usize, u8),
    /// About one frame in six is lost, or comes twice, late, early, short, wrong or instead of another; the number says which.
    Storm(u64),
}
