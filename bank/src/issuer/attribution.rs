//! Attributing forks: from a proof to those who answer for it.
//!
//! The issuer has the evidence, the operators have the registries. So the issuer asks: which certificate is there of this
//! key? What it cannot conclude yet from the answers it has becomes a question; when no question is left, every fork of
//! which anybody certified took anything is attributed. Forks whose key is not certified are looked at again whenever
//! somebody asks for questions, because new evidence may name more of those who took.

use std::collections::BTreeSet;

use protocol::{
    Attribution, Body as _, Id, OperatorId, Outpoint, Transfer, VerifyingKey,
    attribution::{Act, Basis, NeverCertified, Taking},
    cbor,
    fraud::Branch,
};
use protocol::{ForkProof, HolderCertificate, Signed};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    Issuer,
    api::{Accused, IssuerError, IssuerRefusal, Testimony},
    evidence,
    failure::{IssuerFailure, Stop},
};
use crate::{
    sql::{Sql, stored},
    store::StoreError,
};

impl Issuer {
    /// Attributes what can be attributed, and returns the keys of which this operator has to say what it knows.
    pub(super) fn investigate(&self, operator: OperatorId) -> Result<Vec<VerifyingKey>, IssuerFailure> {
        let open = self
            .store
            .read::<_, StoreError>(|connection| Ok(unsettled(connection)?.is_empty()))?;
        if open {
            return Ok(Vec::new());
        }
        let (questions, listed) = self.store.write::<_, IssuerFailure>(|tx| {
            let (mut questions, mut listed) = (BTreeSet::new(), false);
            for (fork, proof) in unsettled(tx)? {
                let mut trail = Trail::new(tx)?;
                if let Some(basis) = trail.follow_up(&proof)? {
                    listed |= self.attribute(tx, fork, &proof, &basis)?;
                }
                questions.append(&mut trail.questions);
            }
            let mut mine = Vec::new();
            for key in questions {
                if testimony_of(tx, &key, operator)?.is_none() {
                    mine.push(key);
                }
            }
            Ok((mine, listed))
        })?;
        if listed {
            self.reload_trust()?;
        }
        Ok(questions)
    }

    /// Writes down who answers for a fork, and puts those keys on the status list. Whether that changed the list.
    fn attribute(
        &self,
        connection: &Connection,
        fork: i64,
        proof: &ForkProof,
        basis: &Basis,
    ) -> Result<bool, IssuerFailure> {
        let (state, accused) = match basis {
            Basis::Certified(certificate) => ("certified", vec![certificate.body.holder_key]),
            Basis::Taken { takings, .. } => {
                let takers = takings.iter().map(|taking| taking.certificate.body.holder_key);
                ("taken", takers.collect())
            }
        };
        debug_assert!(proof.verify().is_ok());
        let changed = connection
            .prepare_cached("UPDATE fork SET state = ?2, basis = ?3 WHERE fork = ?1 AND basis IS NOT ?3")?
            .execute((fork, state, cbor::encode(basis)))?;
        if changed == 0 {
            return Ok(false);
        }
        // A certificate that was not known before clears those who seemed to have dealt with a nobody.
        if state == "certified" {
            connection
                .prepare_cached("DELETE FROM accused WHERE fork = ?1")?
                .execute([fork])?;
        }
        for key in &accused {
            connection
                .prepare_cached(
                    "INSERT INTO accused (fork, holder_key) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute((fork, Sql(*key)))?;
        }
        self.publish_status_list(connection, &accused)
    }

    /// Takes an operator's word, if it is signed as it must be. A certificate is never taken back.
    pub(super) fn hear(&self, operator: OperatorId, testimonies: &[Testimony]) -> Result<(), IssuerError> {
        let trust = self.believed().trust.clone();
        let certifying = trust
            .operator(operator)
            .ok_or(IssuerRefusal::UnknownOperator { operator })?
            .certifying_key;
        for testimony in testimonies {
            let (said_by, holds) = match testimony {
                Testimony::Certified(certificate) => (
                    certificate.body.grant.operator,
                    certificate.verify(&certifying).is_ok(),
                ),
                Testimony::Never(statement) => {
                    (statement.body.operator, statement.verify(&certifying).is_ok())
                }
            };
            if said_by != operator || !holds {
                return Err(IssuerRefusal::TestimonyForged.into());
            }
        }
        self.store.write::<_, Stop>(|tx| {
            for testimony in testimonies {
                let certified = matches!(testimony, Testimony::Certified(_));
                tx.prepare_cached(
                    "INSERT INTO testimony (holder_key, operator, said) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET said = excluded.said WHERE ?4",
                )?
                .execute((
                    Sql(testimony.holder_key()),
                    operator.0,
                    cbor::encode(testimony),
                    certified,
                ))?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Those who answer for forks, in the order in which that was found out.
    pub(super) fn accused_after(&self, after: u64) -> Result<Vec<Accused>, IssuerFailure> {
        self.store.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT number, holder_key FROM accused WHERE number > ?1 ORDER BY number")?;
            let accused = query
                .query_map([Sql(after)], |row| {
                    let (Sql(number), Sql(holder_key)) = (row.get(0)?, row.get(1)?);
                    Ok(Accused { number, holder_key })
                })?
                .collect::<Result<_, _>>()?;
            Ok(accused)
        })
    }

    /// Every fork that somebody answers for, the oldest first. Anybody can check them with the root.
    ///
    /// # Errors
    /// [`IssuerFailure`].
    pub fn attributions(&self) -> Result<Vec<Attribution>, IssuerFailure> {
        self.store.read(|connection| Ok(attributions(connection)?))
    }
}

pub(super) fn attributions(connection: &Connection) -> Result<Vec<Attribution>, StoreError> {
    let rows: Vec<(Vec<u8>, Vec<u8>)> = connection
        .prepare_cached("SELECT proof, basis FROM fork WHERE basis IS NOT NULL ORDER BY fork")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    rows.iter()
        .map(|(proof, basis)| {
            Ok(Attribution {
                proof: stored(proof)?,
                basis: stored(basis)?,
            })
        })
        .collect()
}

/// The forks of which no certificate says whose they are.
fn unsettled(connection: &Connection) -> Result<Vec<(i64, ForkProof)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = connection
        .prepare_cached("SELECT fork, proof FROM fork WHERE state <> 'certified' ORDER BY fork")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|(fork, proof)| Ok((fork, stored(&proof)?)))
        .collect()
}

fn testimony_of(
    connection: &Connection,
    key: &VerifyingKey,
    operator: OperatorId,
) -> Result<Option<Testimony>, StoreError> {
    let said: Option<Vec<u8>> = connection
        .prepare_cached("SELECT said FROM testimony WHERE holder_key = ?1 AND operator = ?2")?
        .query_row((Sql(*key), operator.0), |row| row.get(0))
        .optional()?;
    said.map(|said| stored(&said)).transpose()
}

/// What the operators together say of a key.
enum Said {
    /// One of them certified it.
    Certified(Box<Signed<HolderCertificate>>),
    /// None of them ever did.
    Never(Vec<Signed<NeverCertified>>),
    /// Somebody has not said yet.
    NotYet,
}

/// The search for those who took what came from a fork.
struct Trail<'c> {
    connection: &'c Connection,
    operators: Vec<OperatorId>,
    questions: BTreeSet<VerifyingKey>,
    statements: Vec<Signed<NeverCertified>>,
    takings: Vec<Taking>,
    visited: BTreeSet<Id>,
}

impl<'c> Trail<'c> {
    fn new(connection: &'c Connection) -> Result<Self, StoreError> {
        let operators = connection
            .prepare_cached("SELECT operator FROM operator ORDER BY operator")?
            .query_map([], |row| row.get(0).map(OperatorId))?
            .collect::<Result<_, _>>()?;
        Ok(Self {
            connection,
            operators,
            questions: BTreeSet::new(),
            statements: Vec::new(),
            takings: Vec::new(),
            visited: BTreeSet::new(),
        })
    }

    /// Who answers for a fork, as far as that can be said now.
    fn follow_up(&mut self, proof: &ForkProof) -> Result<Option<Basis>, IssuerFailure> {
        let fork = proof.verify().map_err(|_| IssuerFailure::Inconsistent {
            what: "a proof on file proves nothing",
        })?;
        match self.ask(&fork.culprit)? {
            Said::Certified(certificate) => return Ok(Some(Basis::Certified(*certificate))),
            Said::NotYet => return Ok(None),
            Said::Never(statements) => self.statements.extend(statements),
        }
        for branch in [&proof.first, &proof.second] {
            self.follow(vec![branch.transfer.clone()])?;
        }
        // While an answer is missing, what is known already stands.
        Ok((!self.takings.is_empty()).then(|| Basis::Taken {
            statements: std::mem::take(&mut self.statements),
            takings: std::mem::take(&mut self.takings),
        }))
    }

    /// Looks at who took an output of the last transfer on this path. Certified holders end it; keys of nobody lead on.
    fn follow(&mut self, path: Vec<Transfer>) -> Result<(), StoreError> {
        let Some(last) = path.last() else { return Ok(()) };
        let origin = last.id();
        if !self.visited.insert(origin) {
            return Ok(());
        }
        for (output, created) in (0..).zip(&last.outputs) {
            let taken = Outpoint { origin, output };
            let acts = self.acts(&taken, &created.holder_key)?;
            let Some(act) = acts.first() else { continue };
            match self.ask(&created.holder_key)? {
                Said::NotYet => {}
                Said::Certified(certificate) => self.takings.push(Taking {
                    path: path.clone(),
                    output,
                    certificate: *certificate,
                    act: act.clone(),
                }),
                Said::Never(statements) => {
                    self.statements.extend(statements);
                    for act in acts {
                        if let Act::PaidOn(branch) = act {
                            self.follow([path.as_slice(), &[branch.transfer]].concat())?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Everything its owner signed that took this output.
    fn acts(&self, taken: &Outpoint, owner: &VerifyingKey) -> Result<Vec<Act>, StoreError> {
        let spent_by: Vec<(Sql<Id>, i64)> = self
            .connection
            .prepare_cached(
                "SELECT transfer, evidence FROM seen WHERE origin = ?1 AND output = ?2 ORDER BY evidence, transfer",
            )?
            .query_map((Sql(taken.origin), taken.output), |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        let mut acts = Vec::new();
        for (Sql(transfer), shown_by) in spent_by {
            let payment = evidence::read(self.connection, shown_by)?;
            let signed = payment
                .transfers()
                .iter()
                .find(|signed| signed.transfer.id() == transfer);
            acts.extend(
                signed
                    .and_then(|signed| Branch::signed_by(owner, signed))
                    .map(Act::PaidOn),
            );
        }
        if taken.output == 0 {
            acts.extend(evidence::receipt_of(self.connection, taken.origin)?.map(Act::Receipt));
        }
        Ok(acts)
    }

    /// What the operators say of a key; what they have not said yet becomes a question.
    fn ask(&mut self, key: &VerifyingKey) -> Result<Said, StoreError> {
        let (mut statements, mut all_said) = (Vec::new(), true);
        for operator in &self.operators {
            match testimony_of(self.connection, key, *operator)? {
                Some(Testimony::Certified(certificate)) => {
                    return Ok(Said::Certified(certificate));
                }
                Some(Testimony::Never(statement)) => statements.push(statement),
                None => all_said = false,
            }
        }
        if all_said {
            statements.retain(|statement| !self.statements.contains(statement));
            Ok(Said::Never(statements))
        } else {
            self.questions.insert(*key);
            Ok(Said::NotYet)
        }
    }
}
