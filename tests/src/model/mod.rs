//! The handoff and the settlement as a state model: small enough to be explored to its end.
//!
//! The tests of the code run the code, and so can only ever sample. This is the other half: the *rules* of the handoff,
//! with everything that can go wrong happening at every moment it can, and every state that comes of it looked at. Its
//! states are [`PayerState`] and [`PayeeState`], the very types of the code; the table in [`wallet_core::handoff`] is what
//! its steps do.
//!
//! # What is in it
//!
//! One piece of value, and everybody who deals with it:
//!
//! - **The payer's wallet**: a file with a journal, and a process that has it open. It chooses, signs, commits, moves the
//!   guard, sends; or signs the piece away to the bank. The file can be copied at any moment, once; from then on there
//!   are two, open together, one after the other, or one lost for ever. A restored snapshot is the copy that goes on when
//!   the original is lost. What was rolled back retires its keys and freezes its doubts.
//! - **The guard**: one place for all copies, that moves from head to head. A head is the whole chain of commits before
//!   it, so "passes through" means here what it means there.
//! - **A payee**, which takes what it is paid, or takes it and gives it back; whose request another may pay at any moment,
//!   also while its vault is signing; which can be restored from before the payment, found out or not, and be lost. And **a
//!   second payee**, for a payer that would pay twice.
//! - **The link**: payment, receipt, receipt with return, the receipt for that, the resume tag and its answer. Each can
//!   arrive late, out of turn, as often as it likes, or never: what was once said stays in the air until the tap is cut.
//!   An encrypted session lets through far less; nothing here rests on that.
//! - **The bank**: records what is reported, delivers it, settles what is claimed; closes the window, credits the latest
//!   holder it knows, and moves that credit if a longer chain is proved later. A question and its answer are two steps,
//!   and the line can fail between them.
//!
//! Crashes, cuts, taps, repetitions and dropped signatures are not counted: the model has as many as it takes. Only what
//! would make another world each time is bounded, see [`Bounds`].
//!
//! # What is not
//!
//! - Amounts, change, several pieces: selection and conservation are other tests'. One piece is whole or is not there.
//! - Rooted phones. Everybody here keeps the rules, and so any fork is the rules' fault.
//! - Clocks. The window closes at any moment, at once for everybody; who pays on later than that is not in it.
//! - Offers. A payer sends to whoever asks in that moment, and a stale offer is a payment that is already in the air.
//! - A wallet's life after its keys are retired: new keys are a new wallet. That it *declares* them retired changes
//!   nothing about whose the money is, so it is no step.
//! - What goes on from the payee. It deposits, in two steps; paying on would be the payer's machine once more.
//! - Nonces. Two copies of the file that commit the same thing come to the same head, where the real ones never do: the
//!   guard of the model finds out less, and later.
//! - The writes inside `open`: a crash between retiring and the guard is another open.
//!
//! # What is checked
//!
//! [`Property`] says it in words. The first four are looked at in every state. *Claimable* is taken strictly: it takes a
//! fault that is no crash (a lost phone, files restored), or a payment that lies at the bank for its payee; and it takes
//! somebody who still has the payment to show.
//!
//! The last is about the graph: from every state, by steps that are no mishaps, a state is in reach in which nothing is
//! in doubt and the piece is in exactly one place, and whoever is still there agrees on it. Nobody has to crash, tear the
//! tap or lose a phone to get there; waiting for the window to close is allowed. It is *possible* from everywhere; that
//! it also *happens* takes people who tap again or sync, and no model can promise that.
//!
//! States are distilled before they are compared: what can make no difference any more, like a message that nobody is left
//! to hear or what all journals begin with, is left out. A test walks at random through the model with nothing left out,
//! and finds every state judged as its distilled one is, and leading to the same.
//!
//! [`Rules`] breaks one rule at a time, and each breaks a property.
//!
//! [`PayerState`]: wallet_core::handoff::PayerState
//! [`PayeeState`]: wallet_core::handoff::PayeeState

mod bank;
mod explore;
mod payee;
mod payer;
mod property;
#[cfg(test)]
mod tests;
mod world;

pub use explore::{Explored, Model, explore};
pub use payee::PayeeStep;
pub use payer::PayerStep;
pub use property::Property;
pub use world::{To, Transfer, World};

/// How often things happen that would never end. Taps, cuts, crashes and repetitions are not among them: of those there
/// are as many as it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Whether its file is copied once, at any moment.
    pub copied: bool,
    /// Whether its phone, and each copy, can be lost.
    pub payer_lost: bool,
    /// Whether another payer can pay the request meanwhile.
    pub paid_by_another: bool,
    /// Whether the payee can be restored from before the payment, once.
    pub payee_restored: bool,
    /// Whether its phone can be lost.
    pub payee_lost: bool,
}

impl Bounds {
    /// Everything can happen.
    pub const ALL: Self = Self {
        copied: true,
        payer_lost: true,
        paid_by_another: true,
        payee_restored: true,
        payee_lost: true,
    };

    /// Everything but a copy of the payer's file.
    pub const ONE_FILE: Self = Self {
        copied: false,
        ..Self::ALL
    };
}

/// The rules of the handoff that can be broken one at a time. All `true`: as the code does it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Rule 1: a signed transfer is on the disk before a byte of it leaves.
    pub commit_before_bytes: bool,
    /// Rule 1: and in the rollback guard.
    pub guard_before_bytes: bool,
    /// Rule 2: payment and receipt are on the payee's disk before the receipt leaves.
    pub commit_before_receipt: bool,
    /// Rule 2, for what is given back: payment, receipt and transfer back are on the disk before any of it leaves.
    pub commit_before_return: bool,
    /// Rule 2: the same payment again is no second credit.
    pub repeated_payment_is_no_news: bool,
    /// Rule 2: the payee's commit finds out whether another has paid the request while the vault was signing.
    pub commit_looks_again: bool,
    /// Rule 4: no timeout takes a signed transfer back.
    pub signed_stays_signed: bool,
    /// Rule 4: the bank records what is reported to it.
    pub bank_ends_doubt: bool,
    /// Rule 5: a receipted payment is kept until the bank has recorded it.
    pub payer_keeps_receipted: bool,
    /// Rule 6: the guard moves only from the head this copy knows.
    pub guard_compares: bool,
    /// Rule 6: a rolled-back wallet retires its keys.
    pub rolled_back_retires: bool,
    /// Rule 6: and never sends again what it had signed.
    pub frozen_stays: bool,
    /// Section 7: an outpoint is settled once.
    pub settled_once: bool,
    /// Section 7: after the window has closed, a claim that proves a longer chain has the credit moved.
    pub longer_chain_moves_credit: bool,
}

impl Rules {
    /// All of them kept.
    pub const KEPT: Self = Self {
        commit_before_bytes: true,
        guard_before_bytes: true,
        commit_before_receipt: true,
        commit_before_return: true,
        repeated_payment_is_no_news: true,
        commit_looks_again: true,
        signed_stays_signed: true,
        bank_ends_doubt: true,
        payer_keeps_receipted: true,
        guard_compares: true,
        rolled_back_retires: true,
        frozen_stays: true,
        settled_once: true,
        longer_chain_moves_credit: true,
    };
}

/// What can happen next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// To one of the payer's files. Which of the two is called 0 may change from step to step: a file and its copy are equals.
    Payer(u8, PayerStep),
    /// To a payee.
    Payee(To, PayeeStep),
    /// The payer's file is copied.
    CopyFile,
    /// The tap is torn: nothing in the air arrives any more.
    CutLink,
    /// The claim window closes.
    CloseWindow,
}

/// The model: the rules, and everything that can happen.
#[derive(Debug)]
pub struct Handoff {
    rules: Rules,
    bounds: Bounds,
    properties: Vec<Property>,
    steps: Vec<Step>,
}

impl Handoff {
    /// The handoff under these rules, and which of its properties to look at.
    #[must_use]
    pub fn new(rules: Rules, bounds: Bounds, properties: &[Property]) -> Self {
        use PayeeStep as E;
        use PayerStep as P;
        let payer = [
            P::Open,
            P::Crash,
            P::Sign(To::First),
            P::Sign(To::Second),
            P::Sign(To::Bank),
            P::Commit,
            P::AdvanceGuard,
            P::Send,
            P::Resume,
            P::HearReceipt,
            P::HearReturn,
            P::Report,
            P::HearRecorded,
            P::Inquire,
            P::CollectReturn,
            P::DepositReturned,
            P::ClaimReturned,
            P::Lose,
            P::TakeBack,
            P::Clear,
        ];
        let payee = [
            E::HearPayment,
            E::Collect,
            E::SignReceipt,
            E::SignReturn,
            E::Commit,
            E::SendReceipt,
            E::SendReturn,
            E::Recognise,
            E::HearReceiptOfReturn,
            E::Crash,
            E::PaidByAnother,
            E::Report,
            E::HearRecorded,
            E::SignDeposit,
            E::Claim,
            E::Restore,
            E::Lose,
        ];
        let files = [0, 1].into_iter();
        let payees = [To::First, To::Second].into_iter();
        let steps = files
            .flat_map(|file| payer.map(|step| Step::Payer(file, step)))
            .chain(payees.flat_map(|to| payee.map(|step| Step::Payee(to, step))))
            .chain([Step::CopyFile, Step::CutLink, Step::CloseWindow])
            .collect();
        Self {
            rules,
            bounds,
            properties: properties.to_vec(),
            steps,
        }
    }

    /// What comes of a step, with everything in it.
    fn undistilled(&self, world: &World, step: Step) -> Option<World> {
        Some(match step {
            Step::Payer(file, step) => {
                payer::step(&self.rules, &self.bounds, world, usize::from(file), step)?
            }
            Step::Payee(to, step) => payee::step(&self.rules, &self.bounds, world, to, step)?,
            Step::CopyFile => {
                let mut after = *world;
                let [Some(original), None] = &world.payers else {
                    return None;
                };
                if world.copied || !self.bounds.copied {
                    return None;
                }
                after.copied = true;
                after.payers[1] = Some(payer::copied(original));
                after
            }
            Step::CutLink => {
                let mut after = *world;
                after.air = world::Air::default();
                after
            }
            Step::CloseWindow => {
                let mut after = *world;
                bank::close(&mut after.bank)?;
                after
            }
        })
    }
}

impl Model for Handoff {
    type State = World;
    type Step = Step;
    type Property = Property;

    fn initial(&self) -> World {
        World::new().distilled()
    }

    fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn after(&self, world: &World, step: Step) -> Option<World> {
        let after = self.undistilled(world, step)?.distilled();
        (after != *world).then_some(after)
    }

    fn violated(&self, world: &World) -> Option<Property> {
        self.properties
            .iter()
            .copied()
            .find(|property| !property.holds(world))
    }

    fn is_resolved(&self, world: &World) -> bool {
        property::is_resolved(world)
    }

    fn resolvable(&self) -> Option<Property> {
        let property = Property::AlwaysEventuallyResolvable;
        self.properties.contains(&property).then_some(property)
    }

    fn is_mishap(&self, step: Step) -> bool {
        match step {
            Step::Payer(_, step) => matches!(step, PayerStep::Crash | PayerStep::Lose),
            Step::Payee(_, step) => matches!(
                step,
                PayeeStep::Crash | PayeeStep::PaidByAnother | PayeeStep::Restore | PayeeStep::Lose
            ),
            Step::CopyFile | Step::CutLink => true,
            Step::CloseWindow => false,
        }
    }
}
