//! What the bank says, held against the truth.

use std::collections::BTreeSet;

use protocol::{
    Body as _, Code, Note, Outpoint, Payment, Signed, Trust, VerifyingKey,
    bank::{Answer, Call, Delivery, Order, Reply},
    cbor,
    message::Refusal,
};

use super::{Checker, Known, Party};
use crate::{
    line::{BankLine, Exchange},
    town::{
        cast::Who,
        violation::{Guarantee, Violation},
    },
    world::World,
};

impl Checker {
    /// Somebody was online: what reached the bank, and what it answered, is new truth.
    pub(in super::super) fn heard(&mut self, line: &BankLine, who: Who) -> Result<bool, Violation> {
        let exchanges = line.heard();
        for exchange in &exchanges {
            self.hear(exchange, who)?;
        }
        if !exchanges.is_empty() {
            self.view(who)?.allowance.online();
        }
        Ok(!exchanges.is_empty())
    }

    fn hear(&mut self, Exchange { call, reply }: &Exchange, who: Who) -> Result<(), Violation> {
        let call: Signed<Call> = cbor::decode("call", call)?;
        let reply: Signed<Reply> = cbor::decode("reply", reply)?;
        if let Order::Deposit { payment } | Order::Refresh { payment, .. } | Order::Report { payment, .. } =
            &call.body.order
        {
            let payment = Payment::decode(payment)?;
            self.hear_payment(&payment, who)?;
            let wanting = |refusal: &Refusal| refusal.code != Code::ConsumedTwice;
            if !matches!(&reply.body.answer, Answer::Refused(refusal) if wanting(refusal)) {
                let shown = payment.transfers().iter().map(|signed| signed.transfer.id());
                shown.for_each(|id| self.truth.shown(id));
            }
        }
        match reply.body.answer {
            Answer::Loaded { notes } => self.hear_notes(&notes, who),
            Answer::Refreshed { receipt, notes } => {
                self.truth.settled(receipt.body.transfer)?;
                self.hear_notes(&notes, who);
            }
            Answer::Deposited { receipt } => self.truth.settled(receipt.body.transfer)?,
            Answer::Delivered { deliveries, .. } => {
                for delivery in &deliveries {
                    if let Delivery::Closed { outpoint, .. } = delivery {
                        self.truth.window_closed(outpoint);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn hear_notes(&mut self, notes: &[Signed<Note>], who: Who) {
        for note in notes {
            let Note {
                amount, holder_key, ..
            } = &note.body;
            self.truth.issued(note.body.id(), *amount, holder_key.hash(), who);
        }
    }

    /// Every transfer in the history of a payment that reached the bank is known to have been signed, and consumes what it is
    /// known to consume.
    fn hear_payment(&mut self, payment: &Payment, who: Who) -> Result<(), Violation> {
        let honest = self.view(who)?.honest;
        let ids: BTreeSet<_> = payment.consumptions().map(|(_, by)| by).collect();
        for signed in payment.transfers() {
            let (transfer, id) = (&signed.transfer, signed.transfer.id());
            let known = self.truth.transfer(&id);
            if let Some(known) = known {
                if known.inputs != transfer.inputs || !ids.contains(&id) {
                    let what = format!("{id} is known to consume something else than it says at the bank");
                    return Err(Violation::new(Guarantee::NoHonestFork, what));
                }
                continue;
            }
            if id != payment.id() {
                let what = format!("{who} shows the bank {id}, which nobody is known to have signed");
                return Err(Violation::new(Guarantee::NoValueCreated, what));
            }
            let Some(paid) = transfer.outputs.first() else {
                continue;
            };
            let owner = self.keys.get(&paid.holder_key.hash());
            let payee = owner.map_or(Party::Bank, |who| Party::Phone(*who));
            let known = Known::new(who, payee, transfer.inputs.clone(), paid.amount, true);
            let family = self.family(who);
            self.truth
                .signed(id, known, honest, |other| family.contains(&other))?;
        }
        Ok(())
    }

    /// The books balance, and say what the truth says.
    pub(in super::super) fn look_at_bank(&mut self, world: &World) -> Result<(), Violation> {
        let books = world.books()?;
        let unequal = |what: &str, theirs: u64, ours: u64| {
            let what = format!("the bank has {what} {theirs} fen, the truth is {ours}");
            Err(Violation::new(Guarantee::NoValueCreated, what))
        };
        if !books.balanced {
            let what = format!("the books do not balance: {:?}", books.checks);
            return Err(Violation::new(Guarantee::AllValueAccounted, what));
        }
        if books.issued.fen() != self.truth.issued {
            return unequal("issued", books.issued.fen(), self.truth.issued);
        }
        // Every claim was paid in full: out of circulation, or by whoever had too much.
        let paid = books.redeemed.fen() + books.covered.fen();
        let claimed = paid.saturating_sub(books.closed.fen());
        if claimed != self.truth.redeemed {
            return unequal("paid on claims", claimed, self.truth.redeemed);
        }
        // Nothing that a wallet or the bank says went into this sum but what each piece is worth.
        let (there, made) = (
            self.truth.outstanding() + self.truth.redeemed + self.truth.closed,
            self.truth.issued + self.truth.excess,
        );
        if there != made {
            return unequal("and the phones have", there, made);
        }
        if books.forks != self.proofs {
            self.look_at_proofs(world)?;
            self.proofs = books.forks;
        }
        Ok(())
    }

    /// Every proof convinces a stranger, and so does whom the bank names for it: phones that are not honest, and nobody else.
    /// The same goes for the status list.
    fn look_at_proofs(&self, world: &World) -> Result<(), Violation> {
        for proof in world.bank().issuer().fork_proofs()? {
            self.not_honest(&proof.verify()?.culprit)?;
        }
        self.answered_for(world)?;
        self.look_at_status(world)
    }

    /// The forks that somebody answers for, by what was forked.
    fn answered_for(&self, world: &World) -> Result<BTreeSet<Outpoint>, Violation> {
        let bundle = world.bank().trust_bundle()?;
        let mut trust = Trust::new(world.bank().root());
        trust.merge(&bundle)?;
        let mut forked = BTreeSet::new();
        for attribution in world.bank().attributions()? {
            for key in attribution.verify(&trust)? {
                self.not_honest(&key)?;
                if !bundle.status.iter().any(|list| list.body.contains(&key)) {
                    let what = format!("{key:?} answers for a fork, and is not on the status list");
                    return Err(Violation::new(Guarantee::Attribution, what));
                }
            }
            forked.insert(attribution.proof.verify()?.outpoint);
        }
        Ok(forked)
    }

    fn not_honest(&self, key: &VerifyingKey) -> Result<(), Violation> {
        let who = self.keys.get(&key.hash());
        match who.and_then(|who| self.views.get(who.0)) {
            Some(view) if !view.honest => Ok(()),
            _ => {
                let what = format!("{key:?} of {who:?} is accused");
                Err(Violation::new(Guarantee::Attribution, what))
            }
        }
    }

    /// Nobody is on the status list but forgers, and keys that their own wallets retired.
    pub(in super::super) fn look_at_status(&self, world: &World) -> Result<(), Violation> {
        let bundle = world.bank().trust_bundle()?;
        let listed = bundle.status.iter().flat_map(|list| list.body.keys());
        for key in listed {
            let who = self.keys.get(key);
            let view = who.and_then(|who| self.views.get(who.0));
            if view.is_none_or(|view| view.honest && !self.retiring.contains(&view.account)) {
                let what = format!("the status list has {key:?} of {who:?}");
                return Err(Violation::new(Guarantee::Attribution, what));
            }
        }
        Ok(())
    }

    /// How many outpoints the bank was shown two ways of, and names nobody for.
    pub(in super::super) fn unattributed(&self, world: &World) -> Result<u64, Violation> {
        let answered_for = self.answered_for(world)?;
        let forked = self.truth.shown_forks();
        Ok(forked
            .filter(|outpoint| !answered_for.contains(*outpoint))
            .count() as u64)
    }

    /// Reads everything: the bank's books down to every signature, and every key on the list.
    pub(in super::super) fn audit(&self, world: &World) -> Result<(), Violation> {
        self.look_at_status(world)?;
        world.bank().audit()??;
        Ok(())
    }
}
