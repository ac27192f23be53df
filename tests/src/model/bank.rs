//! What the bank does: it records, it settles what is claimed, and one day the window closes.

use super::{
    Rules,
    world::{Account, Bank, To, Transfer},
};

/// Puts a transfer of the piece on record. Another one than is known would be a fork: it goes to the proofs, not here.
pub(super) fn record(bank: &mut Bank, transfer: Transfer, rules: &Rules) {
    if bank.recorded.is_some() {
        return;
    }
    bank.recorded = Some(transfer);
    if transfer.to == To::Bank && bank.credits == [0; 3] {
        settle(bank, Account::Payer);
    }
    correct(bank, rules);
}

/// Puts on record that the payee of `transfer` gave the money back.
pub(super) fn record_return(bank: &mut Bank, transfer: Transfer, rules: &Rules) {
    if bank.recorded == Some(transfer) {
        bank.return_recorded = true;
        correct(bank, rules);
    }
}

/// A holder claims its piece; `To::Bank` stands for the payer that claims what was given back.
pub(super) fn credit(bank: &mut Bank, holder: To, rules: &Rules) {
    if bank.credits == [0; 3] || !rules.settled_once {
        settle(bank, account(holder));
    }
    bank.provisional &= bank.closed;
}

/// `claim_until` has passed: whatever nobody claimed is credited to the latest holder that is known.
pub(super) fn close(bank: &mut Bank) -> Option<()> {
    if bank.closed {
        return None;
    }
    bank.closed = true;
    if bank.credits == [0; 3] {
        settle(bank, latest_holder(bank));
        bank.provisional = true;
    }
    Some(())
}

/// A late claim that proves a longer chain has the credit moved.
fn correct(bank: &mut Bank, rules: &Rules) {
    if bank.provisional && rules.longer_chain_moves_credit {
        bank.credits = [0; 3];
        settle(bank, latest_holder(bank));
    }
}

/// On whose account the piece ends if nobody claims it.
pub(super) fn latest_holder(bank: &Bank) -> Account {
    match bank.recorded {
        Some(_) if bank.return_recorded => Account::Payer,
        Some(transfer) => account(transfer.to),
        None => Account::Payer,
    }
}

const fn account(holder: To) -> Account {
    match holder {
        To::First => Account::First,
        To::Second => Account::Second,
        To::Bank => Account::Payer,
    }
}

const fn settle(bank: &mut Bank, account: Account) {
    let credit = &mut bank.credits[account as usize];
    // Twice is enough to be wrong.
    if *credit < 2 {
        *credit += 1;
    }
}
