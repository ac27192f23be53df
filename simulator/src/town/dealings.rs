//! Dealings with the bank, over lines that fail.

use protocol::Amount;
use wallet_core::BankError;

use super::{Town, cast::Who, step::VaultRefusal, violation::Violation};
use crate::line::LineTrouble;

impl Town {
    pub(super) fn sync(
        &mut self,
        who: Who,
        line: &[LineTrouble],
        vault: Option<VaultRefusal>,
    ) -> Result<String, Violation> {
        self.counts.syncs += 1;
        self.online(who, line, vault, |phone| {
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
        vault: Option<VaultRefusal>,
    ) -> Result<String, Violation> {
        self.counts.loads += 1;
        self.online(who, line, vault, |phone| {
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
        vault: Option<VaultRefusal>,
    ) -> Result<String, Violation> {
        self.counts.deposits += 1;
        self.online(who, line, vault, |phone| {
            let deposited = phone.wallet().deposit(phone.line(), amount)?;
            Ok(format!("deposited {deposited}"))
        })
    }

    /// A vault refuses nothing more. Whether it did is counted.
    pub(super) fn appease(&mut self, who: Who, refusal: Option<VaultRefusal>) -> Result<(), Violation> {
        let refused = refusal.is_some() && !self.phone(who)?.hardware().vault().mend();
        self.counts.vault_refusals += u64::from(refused);
        Ok(())
    }

    /// Lets a phone deal with the bank. That the bank refuses, or cannot be reached, or that the vault does not want to, is part
    /// of life.
    pub(super) fn online(
        &mut self,
        who: Who,
        line: &[LineTrouble],
        vault: Option<VaultRefusal>,
        deal: impl FnOnce(&crate::Phone) -> Result<String, BankError>,
    ) -> Result<String, Violation> {
        let phone = self.phone(who)?;
        phone.line().expect(line.iter().copied());
        phone.hardware().vault().will_refuse(vault);
        let result = deal(phone);
        phone.line().expect([]);
        self.appease(who, vault)?;
        self.counts.line_troubles += line
            .iter()
            .filter(|trouble| **trouble != LineTrouble::None)
            .count() as u64;
        self.look(&[who])?;
        if result.is_ok() {
            self.checker.told_time(who, self.world.clock().now())?;
        }
        Ok(result.unwrap_or_else(|error| error.to_string()))
    }
}
