//! The state: what is on the disks, in the guard, in the air and in the bank's books.

use wallet_core::handoff::{PayeeState, PayerState};

/// To whom a transfer goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum To {
    /// The payee whose request another may pay meanwhile, who may give back, forget, and be lost.
    First,
    /// Another payee: there to be paid with the same piece, should the payer ever be so wrong.
    Second,
    /// The operator: a deposit.
    Bank,
}

/// A transfer of the one piece. Each signing makes another one, were it for the same payee: no two have the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Transfer {
    /// To whom.
    pub to: To,
    /// Which signing made it.
    pub signing: u8,
}

/// One commit in a journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Entry {
    Transfer(Transfer),
    Receipt,
    Return,
    Recorded,
    Retired,
    ReturnDeposited,
    Forgotten,
}

/// A journal, and by that its head: the digest chain is played by the chain itself, four bits a commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Journal(u32);

impl Journal {
    const FOUNDED: Self = Self(8);
    /// Where the guard is not, and will not be until this file is opened: one place for each of two files.
    const ELSEWHERE: [Self; 2] = [Self(7), Self(14)];
    /// Of a wallet that is retired, or is no more.
    const NOBODYS: Self = Self(15);

    pub(super) fn commit(&mut self, entry: Entry) {
        assert!(
            self.0 >> 28 == 0,
            "a journal of this model has eight commits at most"
        );
        let code = match entry {
            Entry::Transfer(transfer) => {
                assert!(
                    transfer.signing < 6,
                    "six transfers at a time are all this model can tell apart"
                );
                9 + u32::from(transfer.signing)
            }
            Entry::Receipt => 1,
            Entry::Return => 2,
            Entry::Recorded => 3,
            Entry::Retired => 4,
            Entry::ReturnDeposited => 5,
            Entry::Forgotten => 6,
        };
        self.0 = self.0 << 4 | code;
    }

    pub(super) const fn passes_through(self, head: Self) -> bool {
        let mut journal = self.0;
        while journal != head.0 {
            if journal == 0 {
                return false;
            }
            journal >>= 4;
        }
        true
    }

    const fn length(self) -> u32 {
        (u32::BITS - self.0.leading_zeros()).div_ceil(4)
    }

    /// As if founded with its first `count` commits.
    const fn founded_at(self, count: u32) -> Self {
        let kept = 4 * (self.length() - count);
        Self(self.0 & ((1 << kept) - 1) | Self::FOUNDED.0 << kept)
    }

    #[cfg(test)]
    fn contains(self, signing: u8) -> bool {
        (0..8).any(|place| (self.0 >> (4 * place)) & 15 == 9 + u32::from(signing))
    }

    /// How many commits the two begin with in common.
    const fn common(self, other: Self) -> u32 {
        let (mut one, mut two) = (self, other);
        while one.length() > two.length() {
            one.0 >>= 4;
        }
        while two.length() > one.length() {
            two.0 >>= 4;
        }
        while one.0 != two.0 {
            one.0 >>= 4;
            two.0 >>= 4;
        }
        one.length()
    }
}

/// The payer's wallet: its file, and the process that has it open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Payer {
    /// `Signed` is in memory only, and `InDoubt` differs from `Committed` by what the guard knows.
    pub(super) state: PayerState,
    pub(super) transfer: Option<Transfer>,
    /// What the payee gave back is on the disk.
    pub(super) gained: bool,
    /// And was signed away to the bank.
    pub(super) gained_spent: bool,
    pub(super) retired: bool,
    pub(super) journal: Journal,
    /// The guard's head as this process knows it, while it runs.
    pub(super) known: Option<Journal>,
}

/// A payee's phone.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Payee {
    /// `Verified` and `Signed` are in memory only.
    pub(super) state: PayeeState,
    pub(super) transfer: Option<Transfer>,
    /// What it signs, or has signed, gives the money back.
    pub(super) giving_back: bool,
    /// The payer's receipt for what was given back.
    pub(super) thanked: bool,
    /// How often the payment was credited.
    pub(super) credited: u8,
    /// A deposit of it is signed, on the disk and in the guard.
    pub(super) depositing: bool,
    /// Another payer has paid the request.
    pub(super) paid_by_another: bool,
    /// An older copy of its files was restored, and nobody can tell: it had signed nothing away since.
    pub(super) forgot: bool,
    /// Lost, or rolled back and found out: it signs nothing with this key any more.
    pub(super) gone: bool,
}

/// What was sent and can still arrive: any of it, any number of times, in any order, until the link is cut.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Air {
    pub(super) payment: Option<Transfer>,
    pub(super) receipt: Option<Transfer>,
    pub(super) receipt_and_return: Option<Transfer>,
    pub(super) receipt_of_return: bool,
    pub(super) resume: Option<Transfer>,
    pub(super) recognised: Option<Transfer>,
}

/// Whose account.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Account {
    Payer,
    First,
    Second,
}

/// The bank's books, as far as they are about the one piece.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Bank {
    pub(super) recorded: Option<Transfer>,
    pub(super) return_recorded: bool,
    /// The claim window is over.
    pub(super) closed: bool,
    /// In the order of [`Account`].
    pub(super) credits: [u8; 3],
    /// The credit came from the closing of the window: whoever proves a longer chain has it moved.
    pub(super) provisional: bool,
}

/// Everything there is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct World {
    /// The payer's file and a copy of it; either may not exist, or not any more.
    pub(super) payers: [Option<Payer>; 2],
    /// The payer's guard: one for all copies on the device.
    pub(super) guard: Journal,
    pub(super) payees: [Payee; 2],
    pub(super) air: Air,
    pub(super) bank: Bank,
    pub(super) copied: bool,
    /// Only to judge by: the first transfer that ever left the payer, and whether another one did.
    pub(super) left: Option<Transfer>,
    pub(super) forked: bool,
}

impl World {
    pub(super) fn new() -> Self {
        let payer = Payer {
            state: PayerState::Choosing,
            transfer: None,
            gained: false,
            gained_spent: false,
            retired: false,
            journal: Journal::FOUNDED,
            known: Some(Journal::FOUNDED),
        };
        Self {
            payers: [Some(payer), None],
            guard: Journal::FOUNDED,
            payees: [Payee::NEW; 2],
            air: Air::default(),
            bank: Bank::default(),
            copied: false,
            left: None,
            forked: false,
        }
    }

    /// The same world, without what can make no difference any more: fewer states, and none of another kind.
    pub(super) fn distilled(mut self) -> Self {
        let [elsewhere, also_elsewhere] = Journal::ELSEWHERE;
        self.distil_heads(elsewhere);
        self.distil_air();
        for payer in self.payers.iter_mut().flatten() {
            if payer.retired && matches!(payer.state, PayerState::Choosing) {
                // It has nothing to say to anybody, whether it is open or not.
                payer.known = None;
            }
        }
        for payee in self.payees.iter_mut().filter(|payee| payee.gone) {
            *payee = Payee {
                gone: true,
                ..Payee::NEW
            };
        }
        // A file and its copy are equals.
        self.payers.sort_unstable_by(|one, other| other.cmp(one));
        if let [Some(first), Some(second)] = &mut self.payers
            && first.journal == elsewhere
            && second.journal == elsewhere
        {
            second.place(also_elsewhere);
        }
        for payee in self.payees.iter_mut().filter(|payee| payee.gone) {
            *payee = Payee {
                gone: true,
                ..Payee::NEW
            };
        }
        self
    }

    /// Heads are only ever compared with each other. A journal that the guard has left behind is passed through by no head
    /// that is still to come, and of a retired wallet the guard lets nothing leave; what all others begin with says nothing.
    fn distil_heads(&mut self, elsewhere: Journal) {
        let guard = self.guard;
        let counts = |payer: &Payer| payer.is_genuine(guard) && !payer.retired;
        let mut shared = None;
        for payer in self.wallets().filter(|payer| counts(payer)) {
            let known = payer.known.map_or(guard.length(), |known| known.common(guard));
            shared = Some(shared.unwrap_or(known).min(known));
        }
        self.guard = shared.map_or(Journal::NOBODYS, |shared| guard.founded_at(shared));
        for payer in self.payers.iter_mut().flatten() {
            match shared {
                _ if payer.retired => payer.place(Journal::NOBODYS),
                Some(shared) if counts(payer) => {
                    payer.journal = payer.journal.founded_at(shared);
                    payer.known = payer.known.map(|known| known.founded_at(shared));
                }
                _ => payer.place(elsewhere),
            }
        }
    }

    /// What nobody is left to hear may as well be lost.
    fn distil_air(&mut self) {
        let wallets = self.payers;
        let heard_by = |transfer: &Transfer, hears: fn(&Payer) -> bool| {
            let mut wallets = wallets.iter().flatten();
            wallets.any(|payer| payer.transfer == Some(*transfer) && hears(payer))
        };
        let air = &mut self.air;
        air.receipt = air.receipt.filter(|transfer| {
            heard_by(transfer, |payer| {
                matches!(payer.state, PayerState::Committed | PayerState::InDoubt)
            })
        });
        air.receipt_and_return = air
            .receipt_and_return
            .filter(|transfer| heard_by(transfer, |payer| !payer.gained));
        air.recognised = air.recognised.filter(|transfer| {
            heard_by(transfer, |payer| {
                !matches!(
                    payer.state,
                    PayerState::Frozen | PayerState::Recorded | PayerState::Returned
                )
            })
        });
        let [first, second] = &self.payees;
        let present = |transfer: &Transfer| match transfer.to {
            To::First => !first.gone,
            To::Second => !second.gone,
            To::Bank => false,
        };
        air.payment = air
            .payment
            .filter(|transfer| present(transfer) && !self.bank.closed);
        air.resume = air.resume.filter(present);
        air.receipt_of_return &= !first.gone && !first.thanked;
    }

    /// The copies of the payer's wallet that there are.
    pub(super) fn wallets(&self) -> impl Iterator<Item = &Payer> {
        self.payers.iter().flatten()
    }

    pub(super) const fn payee(&self, to: To) -> Option<&Payee> {
        let [first, second] = &self.payees;
        match to {
            To::First => Some(first),
            To::Second => Some(second),
            To::Bank => None,
        }
    }

    /// A transfer that is unlike every other that is still to be found anywhere.
    pub(super) fn fresh(&self, to: To) -> Transfer {
        let everywhere = [self.left, self.bank.recorded, self.air.payment]
            .into_iter()
            .chain(self.payees.iter().map(|payee| payee.transfer))
            .chain(self.wallets().map(|payer| payer.transfer));
        let used: Vec<u8> = everywhere.flatten().map(|transfer| transfer.signing).collect();
        let signing = (0..).find(|signing| !used.contains(signing)).unwrap();
        Transfer { to, signing }
    }

    /// Whether the next transfer would look like one that only a journal remembers.
    #[cfg(test)]
    pub(super) fn repeats_itself(&self) -> bool {
        let Transfer { signing, .. } = self.fresh(To::Bank);
        let journals = self.wallets().map(|payer| payer.journal);
        journals
            .chain([self.guard])
            .any(|journal| journal.contains(signing))
    }

    /// Whether a file comes to a head in `after` that the guard or the other file has here already.
    #[cfg(test)]
    pub(super) fn is_caught_up_in(&self, after: &Self) -> bool {
        let grows = |file: usize| match (self.payers[file], after.payers[file]) {
            (Some(before), Some(after)) if before.journal != after.journal => Some(after.journal),
            _ => None,
        };
        (0..2).any(|file| {
            let others = self.payers[1 - file].map(|payer| payer.journal);
            grows(file).is_some_and(|head| {
                self.guard.passes_through(head) || others.is_some_and(|other| other.passes_through(head))
            })
        })
    }

    /// The bytes of `transfer` leave the payer's phone.
    pub(super) fn leave(&mut self, transfer: Transfer) {
        self.forked |= self.left.is_some_and(|left| left != transfer);
        self.left.get_or_insert(transfer);
        if transfer.to != To::Bank {
            self.air.payment = Some(transfer);
        }
    }
}

impl Payer {
    /// The guard lets value leave this copy: no other has gone on.
    pub(super) const fn is_genuine(&self, guard: Journal) -> bool {
        self.journal.passes_through(guard)
    }

    const fn place(&mut self, head: Journal) {
        self.journal = head;
        if self.known.is_some() {
            self.known = Some(head);
        }
    }
}

impl Payee {
    const NEW: Self = Self {
        state: PayeeState::Asking,
        transfer: None,
        giving_back: false,
        thanked: false,
        credited: 0,
        depositing: false,
        paid_by_another: false,
        forgot: false,
        gone: false,
    };

    /// Its offer asks for the payment.
    pub(super) const fn asks(&self) -> bool {
        !self.gone && !self.has_taken() && !self.paid_by_another
    }

    /// The payment is on the disk.
    pub(super) const fn has_taken(&self) -> bool {
        matches!(
            self.state,
            PayeeState::Taken | PayeeState::Returned | PayeeState::Recorded
        )
    }

    /// The money was given back, and that is on the disk.
    pub(super) const fn has_given_back(&self) -> bool {
        self.has_taken() && self.giving_back
    }
}
