//! The truth: every piece of value there is, known from outside the wallets, by what their hardware signed and by what the
//! bank answered. No wallet and no bank is asked for it.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Amount, Id, Outpoint, key::KeyHash};

use super::super::{
    cast::Who,
    violation::{Guarantee, Violation},
};

/// Who can be paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Party {
    Phone(Who),
    Bank,
}

/// Where a piece of value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In this wallet.
    With(Who),
    /// Signed away by this wallet, and not in anybody else's yet.
    Travelling(Who),
    /// This phone's, but in no wallet: its files were put back or copied, it lies at the bottom of a lake, or the answer that
    /// would have brought it was lost. It comes home through the bank.
    Owed(Who),
}

/// A transfer that somebody signed.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) payer: Who,
    pub(super) payee: Party,
    pub(super) inputs: Vec<Outpoint>,
    pub(super) paid: Amount,
    /// Whether a byte of it may have left the phone.
    pub(super) left: bool,
}

impl Known {
    pub(super) fn new(payer: Who, payee: Party, inputs: Vec<Outpoint>, paid: Amount, left: bool) -> Self {
        Self {
            payer,
            payee,
            inputs,
            paid,
            left,
        }
    }
}

/// All there is.
#[derive(Default)]
pub(super) struct Truth {
    /// What nobody has passed on yet.
    values: BTreeMap<Outpoint, (Amount, Place)>,
    /// For whom every outpoint that ever was was made.
    owners: BTreeMap<Outpoint, Party>,
    /// What it is worth.
    worth: BTreeMap<Outpoint, Amount>,
    /// By which transfers an outpoint was passed on, the first one first.
    spent: BTreeMap<Outpoint, Vec<Id>>,
    /// The transfers that the bank was shown.
    shown: BTreeSet<Id>,
    transfers: BTreeMap<Id, Known>,
    /// To which key each note was issued.
    notes: BTreeMap<Id, KeyHash>,
    /// Transfers that must not leave any more: their wallet was rolled back after it had signed them.
    frozen: BTreeSet<Id>,
    settled: BTreeSet<Id>,
    /// Outpoints that were signed away again after they had been passed on.
    pub(super) forks: Vec<Outpoint>,
    /// In fen.
    pub(super) issued: u64,
    /// What the bank credited because it was claimed, and because it was not.
    pub(super) redeemed: u64,
    pub(super) closed: u64,
    /// What forks added to what was issued.
    pub(super) excess: u64,
}

impl Truth {
    /// The issuer signed a note. Hearing of it again changes nothing.
    pub(super) fn issued(&mut self, note: Id, amount: Amount, key: KeyHash, holder: Who) {
        if self.notes.insert(note, key).is_none() {
            let outpoint = output(note, 0);
            self.add(outpoint, amount, Place::Owed(holder), Party::Phone(holder));
            self.issued += amount.fen();
        }
    }

    /// To which key a piece was issued, if it is a note.
    pub(super) fn issued_to(&self, outpoint: &Outpoint) -> Option<&KeyHash> {
        self.notes.get(&outpoint.origin)
    }

    /// A phone signed a transfer, and committed it. `honest` phones never sign one outpoint away twice. `family` are the
    /// phones of the same owner: what is owed to one of them may have been delivered to this one, and signed away, in one sync.
    pub(super) fn signed(
        &mut self,
        id: Id,
        transfer: Known,
        honest: bool,
        family: impl Fn(Who) -> bool,
    ) -> Result<(), Violation> {
        if let Some(known) = self.transfers.get_mut(&id) {
            known.left |= transfer.left;
            return Ok(());
        }
        let payer = transfer.payer;
        let mut consumed = 0_u64;
        for input in &transfer.inputs {
            let worth = self.worth.get(input).ok_or_else(|| {
                created(format!(
                    "{payer} signed {id}, which consumes something that nobody made"
                ))
            })?;
            consumed += worth.fen();
        }
        let change = consumed
            .checked_sub(transfer.paid.fen())
            .ok_or_else(|| created(format!("{payer} signed {id}, which pays more than it consumes")))?;
        for input in &transfer.inputs {
            let consumers = self.spent.entry(*input).or_default();
            consumers.push(id);
            let Some((amount, place)) = self.values.remove(input) else {
                if honest {
                    let what = format!("{payer} is honest, and signed {input:?} away in {consumers:?}");
                    return Err(Violation::new(Guarantee::NoHonestFork, what));
                }
                self.excess += self.worth.get(input).map_or(0, |worth| worth.fen());
                self.forks.push(*input);
                continue;
            };
            let own = match place {
                Place::With(holder) => holder == payer,
                Place::Owed(holder) => holder == payer || family(holder),
                Place::Travelling(_) => self.owners.get(input) == Some(&Party::Phone(payer)),
            };
            if honest && !own {
                let what = format!("{payer} signed {amount} away that is {place:?}");
                return Err(created(what));
            }
        }
        let change = Amount::from_fen(change).unwrap_or(Amount::MAX);
        self.add(
            output(id, 0),
            transfer.paid,
            Place::Travelling(payer),
            transfer.payee,
        );
        if !change.is_zero() {
            self.add(output(id, 1), change, Place::With(payer), Party::Phone(payer));
        }
        self.transfers.insert(id, transfer);
        Ok(())
    }

    /// A byte of this transfer has left the phone.
    pub(super) fn has_left(&mut self, id: &Id) {
        if let Some(known) = self.transfers.get_mut(id) {
            known.left = true;
        }
    }

    /// A transfer of which nothing had left was undone together with everything else by putting files back.
    fn unsigned(&mut self, id: &Id) {
        if let Some(transfer) = self.transfers.remove(id) {
            for number in [0, 1] {
                self.values.remove(&output(*id, number));
                self.worth.remove(&output(*id, number));
            }
            for input in transfer.inputs {
                self.spent.remove(&input);
                if let Some(worth) = self.worth.get(&input) {
                    self.values.insert(input, (*worth, Place::Owed(transfer.payer)));
                }
            }
        }
    }

    /// Undoes what a phone had signed, if nothing of it has left and the phone no longer `knows` it.
    pub(super) fn undo(&mut self, who: Who, knows: impl Fn(&Id) -> bool) -> Result<(), Violation> {
        let mine = |known: &Known| known.payer == who && !known.left;
        let undone: Vec<Id> = self
            .transfers
            .iter()
            .filter(|(id, known)| mine(known) && !knows(id))
            .map(|(id, _)| *id)
            .collect();
        for id in undone {
            // Its payer says that nothing has left; then nobody can have it.
            let there = self.values.get(&output(id, 0)).map(|(_, place)| *place);
            if there != Some(Place::Travelling(who)) {
                let what = format!("{who} forgot that it signed {id}, which is {there:?}");
                return Err(Violation::new(Guarantee::NoHonestFork, what));
            }
            self.unsigned(&id);
        }
        Ok(())
    }

    /// A piece turns up in a wallet. `family` are the phones of the same owner.
    pub(super) fn arrived(
        &mut self,
        outpoint: &Outpoint,
        found: Amount,
        who: Who,
        family: impl Fn(Who) -> bool,
    ) -> Result<(), Violation> {
        let payee = self.owners.get(outpoint).copied();
        let Some((amount, place)) = self.values.get_mut(outpoint) else {
            let why = match self.spent.get(outpoint) {
                Some(by) => format!("was passed on in {by:?}"),
                None => "nobody made".to_owned(),
            };
            return Err(created(format!("{who} holds {found} that {why}: {outpoint:?}")));
        };
        let theirs = match place {
            Place::With(holder) => *holder == who,
            Place::Owed(holder) => family(*holder),
            Place::Travelling(_) => payee == Some(Party::Phone(who)),
        };
        if *amount != found || !theirs {
            let what = format!(
                "{who} holds {found}, and the truth is {amount} at {place:?}, paid to {payee:?}: {outpoint:?}"
            );
            return Err(created(what));
        }
        if matches!(place, Place::Travelling(_)) && self.frozen.contains(&outpoint.origin) {
            let what = format!(
                "{who} got {found} by {}, which its payer must not send",
                outpoint.origin
            );
            return Err(Violation::new(Guarantee::NoHonestFork, what));
        }
        *place = Place::With(who);
        Ok(())
    }

    /// A wallet was rolled back after it had signed these. What the bank has heard of by then, it delivers.
    pub(super) fn freeze(&mut self, transfers: impl IntoIterator<Item = Id>) {
        let unheard = transfers.into_iter().filter(|id| !self.shown.contains(id));
        self.frozen.extend(unheard);
    }

    /// Whether a piece is this phone's own money, given back by whom it had paid.
    pub(super) fn came_back(&self, outpoint: &Outpoint, who: Who) -> bool {
        let returned = self
            .transfers
            .get(&outpoint.origin)
            .map(|known| known.inputs.as_slice());
        let Some([paid]) = returned else {
            return false;
        };
        let first = self.transfers.get(&paid.origin);
        paid.output == 0 && first.is_some_and(|first| first.payer == who)
    }

    /// What must be in this wallet.
    pub(super) fn with(&self, who: Who) -> impl Iterator<Item = &Outpoint> {
        let held = self
            .values
            .iter()
            .filter(move |(_, (_, place))| *place == Place::With(who));
        held.map(|(outpoint, _)| outpoint)
    }

    /// Everything in a wallet is in no wallet any more; or, if some is named, that.
    pub(super) fn owe(&mut self, who: Who, only: Option<&BTreeSet<Outpoint>>) {
        for (outpoint, (_, place)) in &mut self.values {
            if *place == Place::With(who) && only.is_none_or(|only| only.contains(outpoint)) {
                *place = Place::Owed(who);
            }
        }
    }

    /// What a lost phone held is in its wallet again.
    pub(super) fn found<'a>(&mut self, who: Who, held: impl Iterator<Item = &'a Outpoint>) {
        for outpoint in held {
            if let Some((_, place)) = self.values.get_mut(outpoint)
                && *place == Place::Owed(who)
            {
                *place = Place::With(who);
            }
        }
    }

    /// The bank was shown this transfer, and did not find it wanting.
    pub(super) fn shown(&mut self, transfer: Id) {
        self.shown.insert(transfer);
    }

    /// The outpoints of which the bank was shown two ways or more.
    pub(super) fn shown_forks(&self) -> impl Iterator<Item = &Outpoint> {
        let shown = |ids: &[Id]| ids.iter().filter(|id| self.shown.contains(*id)).count();
        let forked = self.spent.iter().filter(move |(_, ids)| shown(ids) > 1);
        forked.map(|(outpoint, _)| outpoint)
    }

    /// What the bank has to pay out in the end, to whom, as far as anybody could show it.
    ///
    /// A transfer of which the bank never heard is one that nobody can show any more: payer and payee were lost or rolled
    /// back before either had told. Then it is as if it had never been, and what it consumed is its owner's.
    pub(super) fn claims(&self) -> Vec<(Party, Amount)> {
        let mut provable = BTreeSet::new();
        let mut open: Vec<Outpoint> = self.values.keys().copied().collect();
        while let Some(outpoint) = open.pop() {
            match self.transfers.get(&outpoint.origin) {
                Some(transfer) if !self.shown.contains(&outpoint.origin) => open.extend(&transfer.inputs),
                _ => {
                    provable.insert(outpoint);
                }
            }
        }
        // Another branch of a fork may have been heard of.
        let spent = |outpoint: &Outpoint| {
            let by = self.spent.get(outpoint);
            by.is_some_and(|by| by.iter().any(|id| self.shown.contains(id)))
        };
        provable
            .iter()
            .filter(|outpoint| !spent(outpoint))
            .filter_map(|outpoint| Some((*self.owners.get(outpoint)?, *self.worth.get(outpoint)?)))
            .collect()
    }

    /// Fen that went to somebody and that nobody can show any more.
    pub(super) fn unprovable(&self) -> u64 {
        let unheard = self.values.iter().filter(|(outpoint, (_, place))| {
            let unheard =
                self.transfers.contains_key(&outpoint.origin) && !self.shown.contains(&outpoint.origin);
            unheard && outpoint.output == 0 && matches!(place, Place::Owed(_))
        });
        unheard.map(|(_, (amount, _))| amount.fen()).sum()
    }

    /// Fen in wallets.
    pub(super) fn still_with(&self, whose: impl Fn(Who) -> bool) -> u64 {
        let held = self.values.values().filter(|(_, place)| match place {
            Place::With(who) => whose(*who),
            Place::Travelling(_) | Place::Owed(_) => false,
        });
        held.map(|(amount, _)| amount.fen()).sum()
    }

    /// The claim window of a piece closed, and its worth was credited. Hearing of it again changes nothing.
    pub(super) fn window_closed(&mut self, outpoint: &Outpoint) {
        if let Some((amount, _)) = self.values.remove(outpoint) {
            self.closed += amount.fen();
        }
    }

    /// The bank credited what this transfer paid it.
    pub(super) fn settled(&mut self, transfer: Id) -> Result<(), Violation> {
        if self.settled.insert(transfer) {
            let (amount, _) = self
                .values
                .remove(&output(transfer, 0))
                .ok_or_else(|| created(format!("the bank credited {transfer}, which brings nothing")))?;
            self.redeemed += amount.fen();
        }
        Ok(())
    }

    /// A payer no longer doubts that a payment arrived.
    pub(super) fn doubt_ended(&mut self, transfer: &Id) -> Result<(), Violation> {
        let Some(Known {
            payee: Party::Phone(payee),
            ..
        }) = self.transfers.get(transfer)
        else {
            return Ok(());
        };
        match self.values.get(&output(*transfer, 0)) {
            Some((amount, Place::Travelling(payer))) => {
                let what =
                    format!("{payer} no longer doubts {transfer}, and {payee} does not have the {amount}");
                Err(Violation::new(Guarantee::AllValueAccounted, what))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn transfer(&self, id: &Id) -> Option<&Known> {
        self.transfers.get(id)
    }

    /// The sum of all that nobody has passed on yet.
    pub(super) fn outstanding(&self) -> u64 {
        self.values.values().map(|(amount, _)| amount.fen()).sum()
    }

    fn add(&mut self, outpoint: Outpoint, amount: Amount, place: Place, owner: Party) {
        self.owners.insert(outpoint, owner);
        self.worth.insert(outpoint, amount);
        self.values.insert(outpoint, (amount, place));
    }
}

fn output(origin: Id, number: u8) -> Outpoint {
    Outpoint {
        origin,
        output: number,
    }
}

fn created(what: String) -> Violation {
    Violation::new(Guarantee::NoValueCreated, what)
}
