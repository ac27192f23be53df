//! Short words for tests with simulated phones.

use protocol::Amount;
use simulator::Phone;

/// An amount as people write it.
#[must_use]
pub fn yuan(text: &str) -> Amount {
    text.parse().expect("a test amount is written like 37.45")
}

/// What a phone can pay offline, now.
#[must_use]
pub fn spendable(phone: &Phone) -> Amount {
    phone.wallet().balance().expect("the wallet is open").spendable
}

/// What a phone owns, whether it can be paid on offline or only taken to the bank.
#[must_use]
pub fn owned(phone: &Phone) -> Amount {
    let balance = phone.wallet().balance().expect("the wallet is open");
    balance
        .spendable
        .checked_add(balance.only_at_bank)
        .expect("less than there is")
}
