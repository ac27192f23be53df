//! The states of a payment, by name: on the payer's side and on the payee's.
//!
//! The table in [`crate::handoff`] says what each means; the state model in the tests explores the same names.

/// Where a payment stands with its payer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PayerState {
    /// Nothing is signed.
    Choosing,
    /// Signed, and nothing on the disk.
    Signed,
    /// On the disk; the guard does not know yet, so nothing has left.
    Committed,
    /// The guard knows: it may have left, any number of times.
    InDoubt,
    /// The wallet was rolled back or copied since: it never leaves again.
    Frozen,
    /// The payee's receipt is on the disk; the bank does not know of the payment yet.
    Receipted,
    /// Receipted, and the payee gave the money back.
    Returned,
    /// The bank has it on record: the end.
    Recorded,
}

impl PayerState {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Choosing,
        Self::Signed,
        Self::Committed,
        Self::InDoubt,
        Self::Frozen,
        Self::Receipted,
        Self::Returned,
        Self::Recorded,
    ];

    /// The name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Choosing => "choosing",
            Self::Signed => "signed",
            Self::Committed => "committed",
            Self::InDoubt => "in doubt",
            Self::Frozen => "frozen",
            Self::Receipted => "receipted",
            Self::Returned => "returned",
            Self::Recorded => "recorded",
        }
    }
}

/// Where a payment stands with its payee.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PayeeState {
    /// The request is on the disk.
    Asking,
    /// A payment came and holds; nothing of it is on the disk.
    Verified,
    /// The receipt is signed, and nothing on the disk.
    Signed,
    /// Payment and receipt are on the disk; the bank does not know of it yet.
    Taken,
    /// Taken and given back: payment, receipt and the transfer back are on the disk.
    Returned,
    /// The bank has it on record: the end.
    Recorded,
}

impl PayeeState {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] = [
        Self::Asking,
        Self::Verified,
        Self::Signed,
        Self::Taken,
        Self::Returned,
        Self::Recorded,
    ];

    /// The name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Verified => "verified",
            Self::Signed => "signed",
            Self::Taken => "taken",
            Self::Returned => "returned",
            Self::Recorded => "recorded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_a_line_of_its_table() {
        let documented = include_str!("mod.rs");
        let (_, tables) = documented.split_once("//! **Payer**").unwrap();
        let (payer, payee) = tables.split_once("//! **Payee**").unwrap();
        let lines = |table: &str| -> Vec<String> {
            let rows = table.lines().filter_map(|line| line.strip_prefix("//! | "));
            let names = rows.filter_map(|row| row.split(" | ").next());
            names.map(str::to_owned).collect()
        };
        let begins_with = |table: &str, names: &[&str]| {
            let lines = lines(table);
            let states = lines.get(2..2 + names.len()).unwrap();
            assert_eq!(states, names);
        };
        begins_with(payer, &PayerState::ALL.map(PayerState::name));
        begins_with(payee, &PayeeState::ALL.map(PayeeState::name));
    }
}
