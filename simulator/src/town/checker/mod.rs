//! The checker: after every step it holds wallets and bank against the truth.
//!
//! It learns the truth from outside. What a phone signs, its witnessed vault tells; what a transfer consumes, the wallet
//! tells at the moment before the first byte leaves; what the bank issued and credited, its own answers tell, whether they
//! arrived or not. From these three it knows where every piece of value must be, by its name, and then asks the wallets what
//! they hold.
//!
//! Only what a step touched is read again. A full audit, every so often and at the end, reads everything.

mod allowance;
mod bank;
mod learn;
mod ledger;
mod lost;
mod refund;
mod truth;

pub(super) use allowance::Paid;
pub(super) use truth::Party;

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Amount, Id, Limits, Outpoint, RequestId, VerifyingKey, key::KeyHash};
use wallet_core::{Fault, Holdings, guard::RollbackGuard as _, handoff::PayerState};

use super::{
    cast::Who,
    violation::{Guarantee, Violation},
};
use crate::{phone::Phone, rogue::Split};
use allowance::Allowance;
use ledger::Ledger;
use truth::{Known, Truth};

/// What is known of a phone from the last time it was looked at.
struct View {
    honest: bool,
    account: VerifyingKey,
    limits: Limits,
    pieces: BTreeMap<Outpoint, Amount>,
    doubts: BTreeSet<Id>,
    /// What it holds under keys that are retired: no longer its to pay with.
    stranded: BTreeSet<Outpoint>,
    /// What it held when it was lost.
    mislaid: BTreeMap<Outpoint, Amount>,
    /// The keys that it made since it was last rolled back, if it ever was: the only ones that it still signs with.
    new_keys: Option<BTreeSet<KeyHash>>,
    /// Its requests that are paid, and by which transfer.
    paid: BTreeMap<[u8; 16], Id>,
    /// What it paid that the bank or its holder has not seen yet.
    allowance: Allowance,
    ledger: Ledger,
    /// How many signatures and keys of its vault are known.
    signatures: usize,
    keys: usize,
}

/// Holds wallets and bank against the truth.
#[derive(Default)]
pub(super) struct Checker {
    truth: Truth,
    views: Vec<View>,
    /// Whose every key is.
    keys: BTreeMap<KeyHash, Who>,
    /// Accounts of which some wallet was rolled back, copied or lost, and may have retired keys.
    retiring: BTreeSet<VerifyingKey>,
    /// Which payment every refund gives back, wholly or partly.
    refunds: BTreeMap<Id, Id>,
    /// Proofs at the bank that were looked at.
    proofs: u64,
}

impl Checker {
    /// Somebody new, under the next number.
    pub(super) fn meet(&mut self, phone: &Phone, honest: bool, limits: &Limits) -> Result<(), Violation> {
        self.views.push(View {
            honest,
            account: phone.wallet().account()?,
            limits: limits.clone(),
            pieces: BTreeMap::new(),
            doubts: BTreeSet::new(),
            stranded: BTreeSet::new(),
            mislaid: BTreeMap::new(),
            new_keys: None,
            paid: BTreeMap::new(),
            allowance: Allowance::default(),
            ledger: Ledger::default(),
            signatures: 0,
            keys: 0,
        });
        Ok(())
    }

    /// A byte is about to leave a phone. Whatever the phone has signed until now is on its disk, and its guard knows (DESIGN
    /// section 6, rule 1); and none of it forks what it signed before.
    pub(super) fn leaving(&mut self, phone: &Phone, who: Who) -> Result<(), Violation> {
        let view = self.view(who)?;
        let signed = phone.hardware().vault().transfers_after(view.signatures);
        if signed.is_empty() {
            return Ok(());
        }
        let wallet = phone.wallet();
        let told = insist(|| wallet.holdings()).and_then(|held| Ok((held, insist(|| wallet.in_doubt())?)));
        let (holdings, listed) = match told {
            // A wallet that found itself rolled back has closed itself, and one without its disk knows nothing: neither
            // lets anything out.
            Err(Fault::Closed | Fault::Store(_)) => return Ok(()),
            told => told?,
        };
        view.signatures += signed.len();
        let head = phone.wallet().journal_head()?;
        let guarded = phone.hardware().guard().read(&head.wallet)?;
        let new = holdings
            .doubts
            .iter()
            .filter(|doubt| signed.contains(&doubt.transfer));
        for doubt in new {
            if doubt.state == PayerState::InDoubt && guarded != Some(head) {
                let what = format!("{who} lets {} leave before its guard knows", doubt.transfer);
                return Err(Violation::new(Guarantee::NoHonestFork, what));
            }
            self.learn(phone, who, doubt, &listed)?;
            self.check_time(phone, who, &doubt.transfer)?;
        }
        Ok(())
    }

    /// A step touched these phones: holds what they hold against the truth. First all of them tell what they signed, then what
    /// they hold, and last what they no longer doubt.
    pub(super) fn look(&mut self, touched: &[(&Phone, Who)]) -> Result<(), Violation> {
        let mut all = Vec::new();
        for (phone, who) in touched {
            self.learn_keys(phone, *who)?;
            let holdings = phone.wallet().holdings()?;
            let listed = phone.wallet().in_doubt()?;
            for doubt in &holdings.doubts {
                self.learn(phone, *who, doubt, &listed)?;
            }
            all.push(holdings);
        }
        for ((_, who), holdings) in touched.iter().zip(&all) {
            self.compare_pieces(holdings, *who)?;
            // The bank may bring more than the limit; a tap may not.
            if touched.len() > 1 {
                self.check_limits(holdings, *who)?;
            }
        }
        for ((phone, who), holdings) in touched.iter().zip(all) {
            if self.view(*who)?.honest {
                self.compare_doubts(phone, &holdings, *who)?;
                check_view(phone, &holdings, *who)?;
            }
            let view = self.view(*who)?;
            view.doubts = doubted(&holdings);
            view.pieces = holdings.pieces.into_iter().collect();
        }
        Ok(())
    }

    /// Files were put back, or a copy was opened. What the wallet holds now, it may hold no longer; and what it held it may
    /// have forgotten.
    pub(super) fn restored(&mut self, phone: &Phone, who: Who, rolled_back: bool) -> Result<(), Violation> {
        let holdings = phone.wallet().holdings()?;
        let view = self.view(who)?;
        let honest = view.honest;
        let now: BTreeMap<_, _> = holdings.pieces.iter().copied().collect();
        if rolled_back {
            view.stranded.extend(now.keys());
            view.new_keys = Some(BTreeSet::new());
            view.pieces = now;
            let account = view.account;
            self.retiring.insert(account);
            self.truth.owe(who, None);
            // A twin that is genuine may send what this one must not.
            if self.views.iter().filter(|view| view.account == account).count() == 1 {
                self.truth.freeze(doubted(&holdings));
            }
        } else {
            let forgotten: BTreeSet<_> = view
                .pieces
                .keys()
                .filter(|piece| !now.contains_key(*piece))
                .copied()
                .collect();
            view.pieces.retain(|piece, _| now.contains_key(piece));
            self.truth.owe(who, Some(&forgotten));
            if honest {
                let knows = |id: &Id| !matches!(phone.wallet().payer_state(id), Ok(PayerState::Choosing));
                self.truth.undo(who, knows)?;
            }
        }
        let view = self.view(who)?;
        view.doubts = doubted(&holdings);
        // It may have forgotten that a request was paid.
        view.paid.clear();
        view.allowance = Allowance::default();
        view.ledger = Ledger::default();
        Ok(())
    }

    /// A phone is gone, or its app was deleted: what it held is in no wallet any more.
    pub(super) fn lost(&mut self, who: Who) -> Result<(), Violation> {
        self.truth.owe(who, None);
        let view = self.view(who)?;
        view.pieces.clear();
        view.doubts.clear();
        view.stranded.clear();
        view.ledger = Ledger::default();
        let account = view.account;
        self.retiring.insert(account);
        Ok(())
    }

    /// Keys of any phone of this owner may be on the status list from now on: the owner wanted it so.
    pub(super) fn retires_keys(&mut self, who: Who) -> Result<(), Violation> {
        let account = self.view(who)?.account;
        self.retiring.insert(account);
        Ok(())
    }

    /// Whether two phones are one owner's.
    pub(super) fn same_owner(&self, one: Who, other: Who) -> bool {
        let account = |who: Who| self.views.get(who.0).map(|view| view.account);
        account(one) == account(other)
    }

    /// A wallet says that a request of its is paid, and by which transfer. That happens once.
    pub(super) fn received(&mut self, who: Who, request: RequestId, transfer: Id) -> Result<(), Violation> {
        match self.view(who)?.paid.insert(*request.as_bytes(), transfer) {
            Some(earlier) if earlier != transfer => {
                let what = format!("{who} took {transfer} for what {earlier} had paid");
                Err(Violation::new(Guarantee::ExactlyOnce, what))
            }
            _ => Ok(()),
        }
    }

    /// Who signed a transfer.
    pub(super) fn payer(&self, transfer: &Id) -> Option<Who> {
        self.truth.transfer(transfer).map(|known| known.payer)
    }

    /// How often an outpoint was signed away that had been passed on.
    pub(super) fn forks(&self) -> u64 {
        self.truth.forks.len() as u64
    }

    /// Fen that honest wallets still hold.
    pub(super) fn still_held(&self) -> u64 {
        self.truth
            .still_with(|who| self.views.get(who.0).is_some_and(|view| view.honest))
    }

    /// After a wallet has been to the bank it doubts nothing any more but what it must not send.
    pub(super) fn resolved(&self, phone: &Phone, who: Who) -> Result<(), Violation> {
        let doubts = phone.wallet().holdings()?.doubts;
        let open = doubts.iter().find(|doubt| doubt.state != PayerState::Frozen);
        match (open, self.views.get(who.0)) {
            (Some(doubt), Some(view)) if view.honest => {
                let what = format!("{who} has been to the bank, and still doubts {doubt:?}");
                Err(Violation::new(Guarantee::AllValueAccounted, what))
            }
            _ => Ok(()),
        }
    }

    /// Fen that nobody can show any more.
    pub(super) fn unprovable(&self) -> u64 {
        self.truth.unprovable()
    }

    /// How many fen outside the bank belong to every honest account.
    pub(super) fn claims(&self) -> BTreeMap<VerifyingKey, u64> {
        let honest = self.views.iter().filter(|view| view.honest);
        let mut claims: BTreeMap<_, _> = honest.map(|view| (view.account, 0)).collect();
        for (owner, amount) in self.truth.claims() {
            let Party::Phone(who) = owner else {
                continue;
            };
            let account = self.views.get(who.0).map(|view| view.account);
            if let Some(claim) = account.and_then(|account| claims.get_mut(&account)) {
                *claim += amount.fen();
            }
        }
        claims
    }

    /// Fraud proofs that the bank has.
    pub(super) const fn proofs(&self) -> u64 {
        self.proofs
    }

    /// How many fen a phone could pay with when it was last looked at.
    pub(super) fn purse(&self, who: Who) -> u64 {
        self.views.get(who.0).map_or(0, |view| {
            let live = view
                .pieces
                .iter()
                .filter(|(piece, _)| !view.stranded.contains(*piece));
            fen(live.map(|(_, amount)| amount))
        })
    }

    /// What a phone held when it was last looked at, and what it doubted.
    pub(super) fn shown(&self, who: Who) -> (usize, u64, usize) {
        self.views.get(who.0).map_or((0, 0, 0), |view| {
            (view.pieces.len(), fen(view.pieces.values()), view.doubts.len())
        })
    }

    /// Somebody wrote a transfer by hand.
    pub(super) fn wrote(&mut self, who: Who, payee: Party, split: &Split) -> Result<(), Violation> {
        let paid = split.piece(0)?.amount;
        let known = Known::new(who, payee, split.inputs.clone(), paid, true);
        self.truth.signed(split.transfer, known, false, |_| false)
    }

    /// Keys that no witnessed vault made.
    pub(super) fn know_keys(&mut self, who: Who, keys: impl Iterator<Item = VerifyingKey>) {
        self.keys.extend(keys.map(|key| (key.hash(), who)));
    }

    fn view(&mut self, who: Who) -> Result<&mut View, Violation> {
        let missing = || Violation::new(Guarantee::Working, format!("nobody knows {who}"));
        self.views.get_mut(who.0).ok_or_else(missing)
    }

    /// The phones of the same owner.
    fn family(&self, who: Who) -> BTreeSet<Who> {
        let account = self.views.get(who.0).map(|view| view.account);
        let phones = self.views.iter().enumerate();
        phones
            .filter(|(_, view)| Some(view.account) == account)
            .map(|(number, _)| Who(number))
            .collect()
    }

    fn learn_keys(&mut self, phone: &Phone, who: Who) -> Result<(), Violation> {
        let view = self.view(who)?;
        view.signatures += phone.hardware().vault().transfers_after(view.signatures).len();
        let keys = phone.hardware().vault().keys_after(view.keys);
        view.keys += keys.len();
        view.new_keys
            .iter_mut()
            .for_each(|new| new.extend(keys.iter().map(|key| key.hash())));
        self.keys.extend(keys.iter().map(|key| (key.hash(), who)));
        Ok(())
    }

    /// What came is somebody's payment, change or note; what went was passed on.
    fn compare_pieces(&mut self, holdings: &Holdings, who: Who) -> Result<(), Violation> {
        let now: BTreeMap<Outpoint, Amount> = holdings.pieces.iter().copied().collect();
        self.strand_old_notes(&now, who);
        let view = self.view(who)?;
        let honest = view.honest;
        let (known, stranded) = (view.pieces.clone(), view.stranded.clone());
        if now.len() != holdings.pieces.len() {
            let what = format!("{who} holds a piece twice");
            return Err(Violation::new(Guarantee::NoValueCreated, what));
        }
        let family = self.family(who);
        for (outpoint, amount) in now.iter().filter(|(piece, _)| !stranded.contains(*piece)) {
            if !known.contains_key(outpoint) {
                let arrived = self
                    .truth
                    .arrived(outpoint, *amount, who, |other| family.contains(&other));
                if honest {
                    arrived?;
                }
            }
        }
        // What came, came from somewhere; and what ought to be there is there, unless it was passed on.
        match self.truth.with(who).find(|piece| !now.contains_key(*piece)) {
            Some(missing) if honest => {
                let what = format!("{who} does not hold {missing:?}, and has not passed it on");
                Err(Violation::new(Guarantee::AllValueAccounted, what))
            }
            _ => Ok(()),
        }
    }

    /// A wallet that was rolled back asks again for the notes of orders it remembers. They may have come before, to its other self;
    /// but they are issued to keys that it has retired.
    fn strand_old_notes(&mut self, now: &BTreeMap<Outpoint, Amount>, who: Who) {
        let Self { truth, views, .. } = self;
        let Some(View {
            new_keys: Some(new),
            stranded,
            pieces,
            ..
        }) = views.get_mut(who.0)
        else {
            return;
        };
        let arrived = now.keys().filter(|piece| !pieces.contains_key(*piece));
        let old = arrived.filter(|piece| truth.issued_to(piece).is_some_and(|key| !new.contains(key)));
        stranded.extend(old);
    }

    /// A doubt ends with a receipt, or with the bank's record, and never by itself.
    fn compare_doubts(&mut self, phone: &Phone, holdings: &Holdings, who: Who) -> Result<(), Violation> {
        let now = doubted(holdings);
        let ended: Vec<_> = self.view(who)?.doubts.difference(&now).copied().collect();
        for id in ended {
            // Somebody has it. A refund is signed in one step, and may leave in the very tap that ends it.
            self.truth.has_left(&id);
            match phone.wallet().payer_state(&id)? {
                PayerState::Receipted | PayerState::Returned => self.truth.doubt_ended(&id)?,
                PayerState::Recorded => {}
                state => {
                    let what = format!("{who} no longer doubts {id}, and it is {state:?}");
                    return Err(Violation::new(Guarantee::AllValueAccounted, what));
                }
            }
        }
        Ok(())
    }

    /// No tap leaves an honest wallet with more than it may hold, but for its own money that came back.
    fn check_limits(&mut self, holdings: &Holdings, who: Who) -> Result<(), Violation> {
        let Self {
            truth,
            views,
            refunds,
            ..
        } = self;
        let own_money = |piece: &Outpoint| {
            let paid = refunds.get(&piece.origin).and_then(|paid| truth.transfer(paid));
            truth.came_back(piece, who) || paid.is_some_and(|paid| paid.payer == who)
        };
        let Some(view) = views.get(who.0).filter(|view| view.honest) else {
            return Ok(());
        };
        let came = holdings
            .pieces
            .iter()
            .filter(|(piece, _)| !view.pieces.contains_key(piece));
        let came = came.filter(|(piece, _)| !own_money(piece) && piece.output == 0);
        let held = fen(holdings.pieces.iter().map(|(_, amount)| amount));
        let limit = view.limits.balance.fen();
        if held > limit && came.count() > 0 {
            let what = format!("{who} holds {held} fen, and {limit} are permitted");
            return Err(Violation::new(Guarantee::Limit, what));
        }
        Ok(())
    }
}

/// Asks a wallet again whose disk failed once.
fn insist<T>(ask: impl Fn() -> Result<T, Fault>) -> Result<T, Fault> {
    match ask() {
        Err(Fault::Store(_)) => ask(),
        answer => answer,
    }
}

fn doubted(holdings: &Holdings) -> BTreeSet<Id> {
    holdings.doubts.iter().map(|doubt| doubt.transfer).collect()
}

fn fen<'a>(amounts: impl Iterator<Item = &'a Amount>) -> u64 {
    amounts.map(|amount| amount.fen()).sum()
}

/// What the wallet shows its holder are the sums of what it holds.
fn check_view(phone: &Phone, holdings: &Holdings, who: Who) -> Result<(), Violation> {
    let balance = phone.wallet().balance()?;
    let held = Amount::checked_sum(holdings.pieces.iter().map(|(_, amount)| *amount));
    let doubted = Amount::checked_sum(holdings.doubts.iter().map(|doubt| doubt.amount));
    let shown = balance.spendable.checked_add(balance.only_at_bank);
    if shown == held && Some(balance.in_doubt) == doubted && balance.largest_payment <= balance.spendable {
        return Ok(());
    }
    let what = format!("{who} shows {balance:?}, and holds {held:?} with {doubted:?} in doubt");
    Err(Violation::new(Guarantee::View, what))
}
