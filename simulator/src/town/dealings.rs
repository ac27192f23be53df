//! Dealings with the bank, over lines that fail.

use protocol::Amount;
use wallet_core::BankError;

use super::{Town, cast::Who, violation::Violation};
use crate::line::LineTrouble;

impl Town {
    pub(super) fn sync(&mut self, who: Who, line: &[LineTrouble]) -> Result<String, Violation> {
        self.counts.syncs += 1;
        self.online(who, line, |phone| {
            phone
                .wallet()
                .sync(phone.line())
                .map(|report| format!("{report:?}"))
        })
    }

    pub(super) fn load(
        &mut self,
        who: Who,
        amount: Amount,
        line: &[LineTrouble],
    ) -> Result<String, Violation> {
        self.counts.loads += 1;
        self.online(who, line, |phone| {
            phone
                .wallet()
                .load(phone.line(), amount)
                .map(|()| "loaded".to_owned())
        })
    }

    pub(super) fn deposit(
        &mut self,
        who: Who,
        amount: Option<Amount>,
        line: &[LineTrouble],
    ) -> Result<String, Violation> {
        self.counts.deposits += 1;
        self.online(who, line, |phone| {
            let deposited = phone.wallet().deposit(phone.line(), amount)?;
            Ok(format!("deposited {deposited}"))
        })
    }

    /// Lets a phone deal with the bank. That the bank refuses, or cannot be reached, is part of life.
    pub(super) fn online(
        &mut self,
        who: Who,
        line: &[LineTrouble],
        deal: impl FnOnce(&crate::Phone) -> Result<String, BankError>,
    ) -> Result<String, Violation> {
        let phone = self.phone(who)?;
        phone.line().expect(line.iter().copied());
        let result = deal(phone);
        phone.line().expect([]);
        self.counts.line_troubles += line
            .iter()
            .filter(|trouble| **trouble != LineTrouble::None)
            .count() as u64;
        self.look(&[who])?;
        Ok(result.unwrap_or_else(|error| error.to_string()))
    }
}
