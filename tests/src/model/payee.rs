//! What a payee does, and what is done to it.

use wallet_core::handoff::PayeeState::{Asking, Recorded, Returned, Signed, Taken, Verified};

use super::{
    Bounds, Rules, bank,
    world::{Payee, To, Transfer, World},
};

/// One step of a payee.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PayeeStep {
    /// A payment arrives, and holds.
    HearPayment,
    /// The bank delivers a payment that was reported to it.
    Collect,
    /// Signs the receipt.
    SignReceipt,
    /// Does not want it, for whatever reason: signs the receipt and a transfer back.
    SignReturn,
    /// Payment and receipt, and the transfer back, go to the disk.
    Commit,
    /// The receipt leaves.
    SendReceipt,
    /// Receipt and return leave.
    SendReturn,
    /// Is asked whether it recognises a tag: says yes, with the receipt if there is one.
    Recognise,
    /// The payer's receipt for what was given back arrives.
    HearReceiptOfReturn,
    /// The power fails, or the process is killed; and it is opened again.
    Crash,
    /// Another payer pays the same request.
    PaidByAnother,
    /// Tells the bank of the payment it took, and of what it gave back.
    Report,
    /// The bank's answer arrives: recorded.
    HearRecorded,
    /// Signs the money away to the bank.
    SignDeposit,
    /// The claim arrives at the bank.
    Claim,
    /// An older copy of its files is restored, from before the payment.
    Restore,
    /// The phone is lost for ever.
    Lose,
}

pub(super) fn step(rules: &Rules, bounds: &Bounds, world: &World, to: To, step: PayeeStep) -> Option<World> {
    let mut after = *world;
    let index = match to {
        To::First => 0,
        To::Second => 1,
        To::Bank => return None,
    };
    let mut payee = world.payees[index];
    if payee.gone {
        return None;
    }
    let own = |transfer: Option<Transfer>| transfer.filter(|transfer| transfer.to == to);
    match step {
        PayeeStep::HearPayment => {
            let transfer = own(after.air.payment)?;
            // Past `spend_until` it takes nothing more.
            if payee.state == Asking && !after.bank.closed {
                verified(&mut payee, transfer);
            } else if payee.has_taken() && !payee.giving_back && !rules.repeated_payment_is_no_news {
                // Twice is enough to be wrong.
                payee.credited = 2;
            } else {
                return None;
            }
        }
        PayeeStep::Collect if payee.state == Asking && !after.bank.closed => {
            verified(&mut payee, own(after.bank.recorded)?);
        }
        PayeeStep::SignReceipt if payee.state == Verified && !payee.paid_by_another => {
            payee.state = Signed;
        }
        PayeeStep::SignReturn if to == To::First && payee.state == Verified => {
            payee.state = Signed;
            payee.giving_back = true;
        }
        PayeeStep::Commit if payee.state == Signed => {
            if payee.giving_back {
                payee.state = Returned;
            } else if payee.paid_by_another && rules.commit_looks_again {
                // While the vault was signing, another has paid.
                payee.state = Verified;
            } else {
                payee.state = Taken;
                payee.credited = 1;
            }
        }
        PayeeStep::SendReceipt => after.air.receipt = Some(receipt(rules, &payee, false)?),
        PayeeStep::SendReturn => after.air.receipt_and_return = Some(receipt(rules, &payee, true)?),
        PayeeStep::Recognise => {
            let transfer = own(after.air.resume)?;
            if !payee.has_taken() {
                after.air.recognised = Some(transfer);
            } else if payee.giving_back {
                after.air.receipt_and_return = Some(transfer);
            } else {
                after.air.receipt = Some(transfer);
            }
        }
        PayeeStep::HearReceiptOfReturn if payee.has_given_back() && after.air.receipt_of_return => {
            payee.thanked = true;
        }
        PayeeStep::Crash if matches!(payee.state, Verified | Signed) => start_over(&mut payee),
        PayeeStep::PaidByAnother if bounds.paid_by_another && is_being_paid(world, to) && payee.asks() => {
            payee.paid_by_another = true
        }
        PayeeStep::Report if rules.bank_ends_doubt && payee.has_taken() => {
            bank::record(&mut after.bank, payee.transfer?, rules);
            if payee.giving_back {
                bank::record_return(&mut after.bank, payee.transfer?, rules);
            }
        }
        PayeeStep::HearRecorded if matches!(payee.state, Taken | Returned) => {
            own(after.bank.recorded)?;
            if payee.giving_back && !after.bank.return_recorded {
                return None;
            }
            payee.state = Recorded;
        }
        PayeeStep::SignDeposit if payee.has_taken() && !payee.giving_back => payee.depositing = true,
        PayeeStep::Claim if payee.depositing => {
            bank::record(&mut after.bank, payee.transfer?, rules);
            bank::credit(&mut after.bank, to, rules);
        }
        PayeeStep::Restore
            if bounds.payee_restored && to == To::First && payee.has_taken() && !payee.forgot =>
        {
            if payee.giving_back || payee.depositing {
                // Its own guard knows that it has signed value away: it is found out, and retires the key.
                payee.gone = true;
            } else {
                start_over(&mut payee);
                payee.credited = 0;
            }
            payee.forgot = true;
        }
        PayeeStep::Lose if bounds.payee_lost && is_being_paid(world, to) => payee.gone = true,
        _ => return None,
    }
    after.payees[index] = payee;
    Some(after)
}

/// Before somebody is about to pay it, it does not matter what happens to a payee; and the second need not suffer it all again.
fn is_being_paid(world: &World, to: To) -> bool {
    let pays_it = |transfer: Transfer| transfer.to == to;
    to == To::First && world.wallets().any(|payer| payer.transfer.is_some_and(pays_it))
}

const fn verified(payee: &mut Payee, transfer: Transfer) {
    payee.state = Verified;
    payee.transfer = Some(transfer);
}

const fn start_over(payee: &mut Payee) {
    payee.state = Asking;
    payee.transfer = None;
    payee.giving_back = false;
}

/// What may leave: from the disk, or, where that rule is broken, from memory.
fn receipt(rules: &Rules, payee: &Payee, returning: bool) -> Option<Transfer> {
    let rule = if returning {
        rules.commit_before_return
    } else {
        rules.commit_before_receipt
    };
    let may = payee.giving_back == returning && (payee.has_taken() || (payee.state == Signed && !rule));
    payee.transfer.filter(|_| may)
}
