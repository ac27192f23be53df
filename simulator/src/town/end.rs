//! The end of a town: everybody goes to the bank, and every fen must be home.

use core::fmt;
use std::collections::BTreeMap;

use protocol::VerifyingKey;

use super::{
    Broken, Counts, Town,
    cast::Who,
    violation::{Guarantee, Violation},
};

/// How a town ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    /// What it came to.
    pub verdict: Verdict,
    /// What it went through.
    pub counts: Counts,
    /// Everything that happened, one line for every step.
    pub log: Vec<String>,
}

/// What a town came to. Four zeros are what this project is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// Fen that came from nowhere.
    pub created: u64,
    /// Fen that honest people do not have although they are theirs.
    pub lost: u64,
    /// Honest phones that a proof or the status list accuses.
    pub accused_honest: u64,
    /// Forks that both sides showed the bank, and that nobody is named for.
    pub unattributed_forks: u64,
}

impl Verdict {
    /// Whether all of it is nothing.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// What a town came to that broke before its end: at least something of what its broken guarantee forbids.
    #[must_use]
    pub fn of(violation: &Violation) -> Self {
        let mut verdict = Self::default();
        match violation.guarantee {
            Guarantee::NoValueCreated | Guarantee::NoHonestFork => verdict.created = 1,
            Guarantee::AllValueAccounted => verdict.lost = 1,
            Guarantee::Attribution => verdict.accused_honest = 1,
            Guarantee::ExactlyOnce
            | Guarantee::Refund
            | Guarantee::Limit
            | Guarantee::View
            | Guarantee::Working => {}
        }
        verdict
    }

    /// Adds what another town came to.
    pub fn add(&mut self, other: &Self) {
        self.created += other.created;
        self.lost += other.lost;
        self.accused_honest += other.accused_honest;
        self.unattributed_forks += other.unattributed_forks;
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "created={} lost={} accused_honest={} unattributed_forks={}",
            self.created, self.lost, self.accused_honest, self.unattributed_forks
        )
    }
}

impl Town {
    /// Everybody's clock is set right, everybody goes to the bank, and takes everything there.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn end(mut self) -> Result<End, Box<Broken>> {
        self.counts.steps += 1;
        let verdict = self.settle_all().map_err(|violation| self.broken(violation))?;
        self.counts.towns += 1;
        self.counts.forks = self.checker.forks();
        self.counts.proofs = self.checker.proofs();
        Ok(End {
            verdict,
            counts: self.counts,
            log: self.log,
        })
    }

    /// Everybody goes to the bank twice: what one reports the first time, the other collects the second time. What is still
    /// outside then comes home when its claim window closes.
    fn settle_all(&mut self) -> Result<Verdict, Violation> {
        let people = self.present();
        for who in &people {
            self.set_clock(*who, None)?;
        }
        for who in people.iter().chain(&people) {
            self.go_to_bank(*who)?;
        }
        for who in &people {
            self.checker.resolved(self.phone(*who)?, *who)?;
        }
        self.audit()?;
        self.counts.unprovable = self.checker.unprovable();
        let held = self.checker.still_held();
        let claims = self.checker.claims();
        let before = self.accounts(&claims)?;
        if self.waits {
            let days = self.days_until_windows_close()?;
            self.pass(days)?;
            for who in people.iter().chain(&people) {
                let synced = self.sync(*who, &[], None)?;
                self.log.push(format!("late {who}: {synced}"));
            }
            self.audit()?;
        }
        let after = self.accounts(&claims)?;
        let mut verdict = Verdict {
            unattributed_forks: self.checker.unattributed(&self.world)?,
            lost: if self.waits { 0 } else { held },
            ..Verdict::default()
        };
        for (account, claim) in &claims {
            let balance = |of: &BTreeMap<VerifyingKey, u64>| of.get(account).copied().unwrap_or_default();
            let (expected, found) = (balance(&before) + claim, balance(&after));
            self.log.push(format!(
                "end of {account:?}: {} fen and {claim} to come, {found} in the end",
                balance(&before)
            ));
            verdict.lost += expected.saturating_sub(found);
            verdict.created += found.saturating_sub(expected);
        }
        Ok(verdict)
    }

    fn days_until_windows_close(&self) -> Result<u32, Violation> {
        let series = self.world.bank().trust_bundle()?.series;
        let last = series.iter().map(|series| series.body.claim_until).max();
        Ok(last
            .unwrap_or_default()
            .plus(1)
            .since(self.world.clock().now().day()))
    }

    fn accounts(&self, of: &BTreeMap<VerifyingKey, u64>) -> Result<BTreeMap<VerifyingKey, u64>, Violation> {
        let bank = self.world.bank();
        of.keys()
            .map(|account| Ok((*account, bank.balance(account)?.fen())))
            .collect()
    }

    fn go_to_bank(&mut self, who: Who) -> Result<(), Violation> {
        let synced = self.sync(who, &[], None)?;
        let deposited = self.deposit(who, None, &[], None)?;
        self.log.push(format!("end {who}: {synced}; {deposited}"));
        Ok(())
    }
}
