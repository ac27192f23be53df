//! What the payer's wallet does, and what is done to it.

use wallet_core::handoff::PayerState::{
    Choosing, Committed, Frozen, InDoubt, Receipted, Recorded, Returned, Signed,
};

use super::{
    Bounds, Rules, bank,
    world::{Entry, Payee, Payer, To, Transfer, World},
};

/// One step of a copy of the payer's wallet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PayerStep {
    /// The file is opened: rule 7, and the guard's verdict.
    Open,
    /// The power fails, or the process is killed.
    Crash,
    /// Chooses the piece and signs it over.
    Sign(To),
    /// The signed transfer goes to the disk.
    Commit,
    /// The guard learns of it.
    AdvanceGuard,
    /// The payment leaves: for the first time, to a payee that asks again, or to one that recognised its tag.
    Send,
    /// Asks the payee of the payment in doubt whether it recognises its tag.
    Resume,
    /// The receipt arrives, and goes to the disk.
    HearReceipt,
    /// Receipt and return arrive, and go to the disk.
    HearReturn,
    /// Tells the bank of its payment, and of what it got back.
    Report,
    /// The bank's answer arrives: recorded.
    HearRecorded,
    /// A rolled-back wallet asks what became of what it froze.
    Inquire,
    /// What was given back has come in at the bank.
    CollectReturn,
    /// Signs away to the bank what was given back: to the disk, and to the guard.
    DepositReturned,
    /// That claim arrives at the bank.
    ClaimReturned,
    /// The phone, or this copy of the file, is lost for ever.
    Lose,
    /// Broken rule: after some time a payment in doubt is taken for unpaid.
    TakeBack,
    /// Broken rule: a receipted payment is cleared away.
    Clear,
}

pub(super) fn step(
    rules: &Rules,
    bounds: &Bounds,
    world: &World,
    file: usize,
    step: PayerStep,
) -> Option<World> {
    let mut after = *world;
    let mut payer = world.payers[file]?;
    let running = payer.known.is_some();
    match step {
        PayerStep::Open if !running => open(rules, &mut payer, &mut after),
        PayerStep::Crash if running => crash(&mut payer),
        PayerStep::Sign(to) if running => sign(rules, &mut payer, &after, to)?,
        PayerStep::Commit if payer.state == Signed => {
            payer.state = Committed;
            payer.journal.commit(Entry::Transfer(payer.transfer?));
        }
        PayerStep::AdvanceGuard if running && payer.state == Committed => {
            if advance_guard(rules, &mut payer, &mut after) {
                payer.state = InDoubt;
            }
        }
        PayerStep::Send if running && may_leave(rules, &payer) => {
            let transfer = payer.transfer?;
            if !is_expected(&after, transfer) {
                return None;
            }
            after.leave(transfer);
        }
        PayerStep::Resume if running && matches!(payer.state, InDoubt | Receipted) => {
            // Whoever asks for it in its offer is sent it without a question.
            let payee = payer.transfer.and_then(|transfer| after.payee(transfer.to))?;
            if payee.gone || payee.asks() {
                return None;
            }
            after.air.resume = payer.transfer;
        }
        PayerStep::HearReceipt if running && payer.state == InDoubt => {
            payer.transfer.filter(|own| after.air.receipt == Some(*own))?;
            payer.state = Receipted;
            payer.journal.commit(Entry::Receipt);
        }
        PayerStep::HearReturn if running => {
            payer
                .transfer
                .filter(|own| after.air.receipt_and_return == Some(*own))?;
            gain(&mut payer)?;
            after.air.receipt_of_return = true;
        }
        PayerStep::Report if running && reports(&payer) => {
            let transfer = payer.transfer?;
            if rules.bank_ends_doubt || transfer.to == To::Bank {
                bank::record(&mut after.bank, transfer, rules);
            }
            if transfer.to == To::Bank {
                after.leave(transfer);
            }
            if payer.gained {
                bank::record_return(&mut after.bank, transfer, rules);
            }
        }
        PayerStep::HearRecorded if running && reports(&payer) && payer.state != Recorded => {
            payer.transfer.filter(|own| after.bank.recorded == Some(*own))?;
            payer.state = Recorded;
            payer.journal.commit(Entry::Recorded);
        }
        PayerStep::Inquire if running && payer.state == Frozen => {
            // Recorded, it or what the twin did with the same piece; or the window over the piece has closed.
            if after.bank.recorded.is_none() && !after.bank.closed {
                return None;
            }
            payer.state = Recorded;
            if payer.transfer != after.bank.recorded {
                // It never counted, and is never to be shown to anybody.
                payer.transfer = None;
            }
        }
        PayerStep::CollectReturn if running && after.bank.return_recorded => {
            payer.transfer.filter(|own| after.bank.recorded == Some(*own))?;
            gain(&mut payer)?;
        }
        PayerStep::DepositReturned if running && payer.gained && !payer.gained_spent && !payer.retired => {
            payer.gained_spent = true;
            payer.journal.commit(Entry::ReturnDeposited);
            advance_guard(rules, &mut payer, &mut after);
        }
        PayerStep::ClaimReturned if running && payer.gained_spent && !payer.retired => {
            bank::record(&mut after.bank, payer.transfer?, rules);
            bank::record_return(&mut after.bank, payer.transfer?, rules);
            bank::credit(&mut after.bank, To::Bank, rules);
        }
        PayerStep::Lose if bounds.payer_lost => {
            after.payers[file] = None;
            return Some(after);
        }
        PayerStep::TakeBack if !rules.signed_stays_signed && running && payer.state == InDoubt => {
            forget(&mut payer, Choosing);
        }
        PayerStep::Clear if !rules.payer_keeps_receipted && running && payer.state == Receipted => {
            forget(&mut payer, Recorded);
        }
        _ => return None,
    }
    after.payers[file] = Some(payer);
    Some(after)
}

/// A copy of the file, made at any moment: whatever is only in memory is not in it.
pub(super) fn copied(original: &Payer) -> Payer {
    let mut copy = *original;
    crash(&mut copy);
    copy
}

fn crash(payer: &mut Payer) {
    payer.known = None;
    if payer.state == Signed {
        payer.state = Choosing;
        payer.transfer = None;
    }
}

fn open(rules: &Rules, payer: &mut Payer, world: &mut World) {
    if payer.is_genuine(world.guard) {
        if payer.state == Committed {
            payer.state = InDoubt;
        }
    } else {
        if matches!(payer.state, Committed | InDoubt) {
            payer.state = Frozen;
        }
        if rules.rolled_back_retires && !payer.retired {
            payer.retired = true;
            payer.journal.commit(Entry::Retired);
        }
    }
    world.guard = payer.journal;
    payer.known = Some(payer.journal);
}

fn sign(rules: &Rules, payer: &mut Payer, world: &World, to: To) -> Option<()> {
    // Past `spend_until` nobody pays on; a claim is signed as long as nothing says that the window has closed.
    let asked = world.payee(to).is_none_or(Payee::asks);
    let may = asked
        && payer.state == Choosing
        && !(payer.retired && rules.rolled_back_retires)
        && !world.bank.closed;
    if !may {
        return None;
    }
    payer.state = Signed;
    payer.transfer = Some(world.fresh(to));
    Some(())
}

/// Compare and swap; a copy that has gone on meanwhile stops this one.
fn advance_guard(rules: &Rules, payer: &mut Payer, world: &mut World) -> bool {
    let swapped = payer.known == Some(world.guard) || world.guard == payer.journal;
    if swapped || !rules.guard_compares {
        world.guard = payer.journal;
        payer.known = Some(payer.journal);
        true
    } else {
        crash(payer);
        false
    }
}

fn may_leave(rules: &Rules, payer: &Payer) -> bool {
    match payer.state {
        InDoubt | Receipted => true,
        Signed => !rules.commit_before_bytes,
        Committed => !rules.guard_before_bytes,
        Frozen => !rules.frozen_stays,
        Choosing | Returned | Recorded => false,
    }
}

/// A payee that asks again for what was signed, or that named its request back.
fn is_expected(world: &World, transfer: Transfer) -> bool {
    world.air.recognised == Some(transfer) || world.payee(transfer.to).is_some_and(Payee::asks)
}

/// What is frozen is never shown to anybody; what is merely signed does not exist yet.
const fn reports(payer: &Payer) -> bool {
    matches!(payer.state, InDoubt | Receipted | Returned | Recorded)
}

fn gain(payer: &mut Payer) -> Option<()> {
    if payer.gained || !reports(payer) {
        return None;
    }
    payer.gained = true;
    payer.state = Returned;
    payer.journal.commit(Entry::Return);
    Some(())
}

fn forget(payer: &mut Payer, state: wallet_core::handoff::PayerState) {
    payer.state = state;
    payer.transfer = None;
    payer.journal.commit(Entry::Forgotten);
}
