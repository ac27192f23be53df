//! What a run went through, in numbers.

use core::fmt;

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident $says:literal)*) => {
        /// How often what happened.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct Counts { $($(#[$doc])* pub $name: u64),* }

        impl Counts {
            /// Adds what another run went through.
            pub fn add(&mut self, other: &Self) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
            }
        }

        impl fmt::Display for Counts {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let all = [$((self.$name, $says)),*];
                for (number, (count, what)) in all.iter().enumerate() {
                    let comma = if number == 0 { "" } else { ", " };
                    write!(f, "{comma}{count} {what}")?;
                }
                Ok(())
            }
        }
    };
}

counts! {
    /// Towns that lived to their end.
    towns "towns"
    /// Steps, with a check after each.
    steps "steps"
    /// Payments begun.
    handoffs "handoffs"
    /// Times that two phones were held together.
    taps "taps"
    /// Codes and files that somebody read.
    slips "codes read"
    /// Payments that were taken and receipted.
    paid "paid"
    /// Of them, those that an earlier tap had begun.
    mended "mended"
    /// Of them, those that their holders did not confirm.
    unconfirmed "unconfirmed"
    /// Payments that were taken and given back at once.
    returns "returned"
    /// Refunds that were signed.
    refunds "refunds"
    /// Taps that brought a refund to who had paid; the bank brings the others.
    refunded "brought by tap"
    /// Requests that were withdrawn.
    withdrawals "withdrawn"
    /// Taps in which somebody said no before anything was signed.
    declined "declined"
    /// Of them, those that the limit of a day was named for.
    day_limits "by the limit of a day"
    /// And that of a year.
    year_limits "by the limit of a year"
    /// Taps in which the payee would not take what was signed.
    refused "refused"
    /// Taps that tore.
    cuts "cuts"
    /// Taps in which frames or bytes arrived otherwise than they were sent.
    garbled "garbled"
    /// Taps that ended in an error.
    errors "tap errors"
    /// Apps that were killed, and batteries that fell out.
    crashes "crashes"
    /// Disks that failed, filled up or lost their power in the middle of a tap.
    disk_failures "disk failures"
    /// Writes to a guard that failed.
    guard_failures "guard failures"
    /// Calls that a vault refused.
    vault_refusals "vault refusals"
    /// Files that were put back.
    restores "restores"
    /// Of them, those that were found out to be a rollback.
    rollbacks "rollbacks"
    /// Files that were copied to other devices.
    clones "clones"
    /// Phones that were lost.
    losses "phones lost"
    /// Of them, those that turned up again.
    found "found again"
    /// Times that somebody declared all other phones of an account lost.
    freezes "freezes"
    /// Apps that were deleted and installed again.
    reinstalls "reinstalls"
    /// Keys that the platform destroyed.
    keys_destroyed "keys destroyed"
    /// Wrong PINs that were tried.
    wrong_pins "wrong PINs"
    /// Clocks that were set wrong.
    clock_jumps "clock jumps"
    /// Outpoints that a rooted phone signed away twice.
    forks "forks"
    /// Fraud proofs at the bank.
    proofs "fraud proofs"
    /// Loads.
    loads "loads"
    /// Deposits.
    deposits "deposits"
    /// Syncs with the bank.
    syncs "syncs"
    /// Calls and answers that were lost, repeated, old or cut short.
    line_troubles "line troubles"
    /// Events that were read.
    events "events"
    /// Fen of payments whose payer and payee were both lost or rolled back before either told the bank: they went back to where
    /// they came from.
    unprovable "fen unprovable"
    /// Days that passed.
    days "days"
}
