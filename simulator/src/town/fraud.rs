//! Fraud: the owner of a rooted phone passes the same money on twice.

use protocol::{Amount, Reference, RequestId};

use super::{
    Town,
    cast::{Character, Who},
    checker::Party,
    nobody,
    step::ForkShape,
    violation::Violation,
};
use crate::rogue::{Rogue, RoguePiece, Said, Split};

impl Town {
    pub(super) fn fork(
        &mut self,
        who: Who,
        victims: [Who; 2],
        amount: Amount,
        shape: ForkShape,
    ) -> Result<String, Violation> {
        let person = self.person_mut(who)?;
        if person.character != Character::Rooted {
            return Ok("this is somebody honest".to_owned());
        }
        let Some(mut rogue) = person.rogue.take() else {
            return Ok("found out before".to_owned());
        };
        let said = self.fork_with(&mut rogue, who, victims, amount, shape)?;
        let online = self.checker.heard(rogue.line(), who)?;
        self.person_mut(who)?.rogue = Some(rogue);
        self.look(&victims)?;
        if online {
            self.checker.look_at_bank(&self.world)?;
        }
        Ok(said)
    }

    fn fork_with(
        &mut self,
        rogue: &mut Rogue,
        who: Who,
        victims: [Who; 2],
        amount: Amount,
        shape: ForkShape,
    ) -> Result<String, Violation> {
        let Ok(key) = rogue.certified_key() else {
            return Ok("no bank certifies that".to_owned());
        };
        let notes = rogue.load(amount, &key)?;
        self.checker.heard(rogue.line(), who)?;
        let Some(note) = notes.into_iter().next() else {
            return Ok("nothing was loaded".to_owned());
        };
        let mut branches = vec![note.clone(), note.clone()];
        if shape == ForkShape::ThroughUncertified {
            branches = self.branch(rogue, who, &note)?;
        }
        self.checker.know_keys(who, rogue.keys());
        if shape == ForkShape::AfterDeposit {
            rogue.deposit(&[&note])?;
            self.checker.heard(rogue.line(), who)?;
        }
        let mut said = Vec::new();
        for (victim, branch) in victims.into_iter().zip(&branches) {
            said.push(self.defraud(rogue, who, victim, branch)?);
        }
        Ok(said.join(", "))
    }

    /// The same piece for two certified keys, by way of one that nobody ever certified.
    fn branch(
        &mut self,
        rogue: &mut Rogue,
        who: Who,
        note: &RoguePiece,
    ) -> Result<Vec<RoguePiece>, Violation> {
        let hidden = rogue.secret_key()?;
        let away = rogue.pass(&[note], &[(hidden, note.amount)], self.reference())?;
        self.checker.wrote(who, Party::Phone(who), &away)?;
        let mut branches = Vec::new();
        for _ in 0..2 {
            let key = rogue.certified_key()?;
            let branch = rogue.pass(&[away.piece(0)?], &[(key, note.amount)], self.reference())?;
            self.checker.wrote(who, Party::Phone(who), &branch)?;
            branches.push(branch.piece(0)?.clone());
        }
        Ok(branches)
    }

    fn defraud(
        &mut self,
        rogue: &Rogue,
        who: Who,
        victim: Who,
        piece: &RoguePiece,
    ) -> Result<String, Violation> {
        let phone = &self.people.get(victim.0).ok_or_else(|| nobody(victim))?.phone;
        let Ok(request) = phone.wallet().request(Some(piece.amount)) else {
            return Ok(format!("{victim} asks for nothing"));
        };
        let (payment, split): (_, Split) = rogue.pay(&[piece], &request, piece.amount)?;
        self.checker.wrote(who, Party::Phone(victim), &split)?;
        Ok(match rogue.hand(&payment, &request, phone)? {
            Said::Receipt(_) => format!("{victim} took it"),
            Said::Refused(refusal) => format!("{victim} refused: {}", refusal.code.summary()),
            Said::Nothing => format!("{victim} said nothing"),
        })
    }

    /// A reference that means nothing.
    fn reference(&mut self) -> Reference {
        let mut id = [0; 16];
        id.iter_mut()
            .for_each(|byte| *byte = u8::try_from(self.dice.below(256)).unwrap_or_default());
        Reference::to_request(&RequestId::from_bytes(id))
    }
}
