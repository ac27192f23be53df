//! The plan: which step comes next. Mostly people pay; now and then something happens to them.

use wallet_core::vault::VaultError;

use super::{
    Town,
    cast::{Character, Who},
    step::{Agreed, DiskTrouble, ForkShape, Sessions, Step, Tap, Trouble, VaultRefusal, Weather},
};
use crate::{
    disk::{self, Kept},
    handoff::{Frames, Link, Roles},
    line::LineTrouble,
    phone::GuardTrouble,
};

/// The largest amount that people usually pay, in fen.
const USUAL: u64 = 6_000;

/// With less than this in the purse, in fen, people go to the bank before they pay.
const POOR: u64 = 4_000;

/// About as many calls as a sync asks of a vault, and as a load or a deposit does.
const CALLS_OF_A_SYNC: usize = 8;
const CALLS_OF_A_DEAL: usize = 2;

/// About as many bytes as one tap carries: cuts and flips fall inside it, mostly.
const TAP_BYTES: u64 = 1_400;

/// About as many operations as one tap asks of a disk.
const DISK_OPERATIONS: u64 = 60;

/// How many payments of a hundred are shown and read instead of tapped.
const CODES: u64 = 12;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

impl Town {
    /// Draws the next step.
    pub fn draw(&mut self) -> Step {
        let people = self.present();
        let Some(who) = self.dice.pick(&people) else {
            return Step::Days(1);
        };
        match self.dice.below(100) {
            0..58 => self.draw_payment(&people),
            58..63 => self.draw_again(&people),
            63 => Step::Show {
                who,
                to: self.dice.pick(&people).unwrap_or(who),
                reads: 1 + self.dice.index(3),
            },
            64..67 => self.draw_refund(&people),
            67..70 if !self.torn.is_empty() => Step::Instead {
                encounter: self.torn.len().saturating_sub(1 + self.dice.index(2)),
                payer: who,
                tap: self.draw_tap(who, 10),
            },
            67..70 => self.draw_payment(&people),
            // Mostly something that somebody is about to pay.
            70 => Step::Withdraw {
                who: self
                    .torn
                    .last()
                    .map(|torn| torn.payee)
                    .filter(|payee| people.contains(payee))
                    .unwrap_or(who),
                request: self.dice.index(2),
            },
            71..73 => Step::ReadEvents(who),
            73..78 => Step::Sync {
                who,
                line: self.draw_line(),
                vault: self.draw_refusal(15, CALLS_OF_A_SYNC),
            },
            78..81 => Step::Load {
                who,
                amount: self.dice.amount(20_000),
                line: self.draw_line(),
                vault: self.draw_refusal(15, CALLS_OF_A_DEAL),
            },
            81..83 => Step::Deposit {
                who,
                amount: match self.dice.chance(90) {
                    true => Some(self.dice.amount(USUAL)),
                    false => None,
                },
                line: self.draw_line(),
                vault: self.draw_refusal(15, CALLS_OF_A_DEAL),
            },
            83..85 => self.draw_crash(who),
            85 if self.dice.chance(60) => self.draw_destroyed_keys(who),
            85 if self.dice.chance(50) => Step::GuessPin {
                who,
                tries: u32::try_from(self.dice.below(9)).unwrap_or_default(),
            },
            85 => self.draw_crash(who),
            86..88 => self.draw_lost(who),
            88..90 => self.draw_clock(who),
            90..92 => Step::Days(1 + u32::try_from(self.dice.below(4)).unwrap_or_default()),
            _ => self.draw_misfortune(who),
        }
    }

    fn draw_payment(&mut self, people: &[Who]) -> Step {
        let payer = self.dice.pick(people).unwrap_or(Who(0));
        if self.checker.purse(payer) < POOR && self.dice.chance(70) {
            // First it goes to the bank: for keys, if it has none, and for money.
            let who = payer;
            return match self.dice.chance(50) {
                true => Step::Sync {
                    who,
                    line: Vec::new(),
                    vault: None,
                },
                false => Step::Load {
                    who,
                    amount: self.dice.amount(40_000),
                    line: Vec::new(),
                    vault: None,
                },
            };
        }
        let others: Vec<Who> = people.iter().copied().filter(|who| *who != payer).collect();
        let payee = self.dice.pick(&others).unwrap_or(payer);
        let amount = match self.dice.below(50) {
            // More than anybody may pay at once, or than most people have.
            0 => self.dice.amount(1_000_000),
            _ => self.dice.amount(USUAL),
        };
        let asked = (!self.dice.chance(15)).then_some(amount);
        let agreed = match self.dice.below(20) {
            // The payee asks for more than was agreed.
            0 => Agreed::UpTo(self.dice.amount(amount.fen())),
            1..4 => Agreed::Unconfirmed(amount),
            4..10 if asked.is_some() => Agreed::UpTo(amount.checked_add(amount).unwrap_or(amount)),
            _ => Agreed::Exactly(amount),
        };
        if self.dice.chance(CODES) {
            return Step::Codes {
                payer,
                payee,
                asked,
                agreed,
                // Three, if all goes well; one more, if it is given back.
                reads: if self.dice.chance(50) {
                    4
                } else {
                    self.dice.index(4)
                },
                trouble: self.draw_trouble(payer),
            };
        }
        Step::Pay {
            payer,
            payee,
            asked,
            agreed,
            tap: self.draw_tap(payer, 40),
        }
    }

    /// Something torn is gone on with; if nothing is, somebody pays.
    fn draw_again(&mut self, people: &[Who]) -> Step {
        if self.torn.is_empty() {
            return self.draw_payment(people);
        }
        let encounter = self.dice.index(self.torn.len());
        let payer = self.torn.get(encounter).map_or(Who(0), |torn| torn.payer);
        let sessions = match self.dice.below(10) {
            0..4 => Sessions::Same,
            4..7 => Sessions::New,
            7 => Sessions::PayerRestarts,
            8 => Sessions::PayeeRestarts,
            _ => Sessions::BothRestart,
        };
        Step::Again {
            encounter,
            sessions,
            tap: self.draw_tap(payer, 20),
        }
    }

    /// Money goes back to who paid it; if nobody was paid, somebody pays.
    fn draw_refund(&mut self, people: &[Who]) -> Step {
        if !self.owed.is_empty() && self.dice.chance(40) {
            let owed = self.dice.index(self.owed.len());
            let giver = self.owed.get(owed).map_or(Who(0), |owed| owed.sold.payee);
            return Step::Bring {
                owed,
                tap: self.draw_tap(giver, 30),
            };
        }
        if self.sold.is_empty() {
            return self.draw_payment(people);
        }
        let sold = self.dice.index(self.sold.len());
        let giver = self.sold.get(sold).map_or(Who(0), |sold| sold.payee);
        Step::Refund {
            sold,
            // Now and then more than was paid.
            amount: self.dice.chance(60).then(|| self.dice.amount(USUAL)),
            tap: self.dice.chance(60).then(|| self.draw_tap(giver, 40)),
        }
    }

    /// A tap in bad weather so many times in a hundred.
    fn draw_tap(&mut self, payer: Who, bad: u64) -> Tap {
        let at = |dice: &mut super::dice::Dice| usize::try_from(dice.below(TAP_BYTES)).unwrap_or_default();
        let weather = if self.dice.chance(bad) {
            match self.dice.below(8) {
                0..3 => Weather::Storm(self.dice.below(u64::MAX)),
                3 => Weather::Flip(
                    at(&mut self.dice),
                    u8::try_from(self.dice.below(8)).unwrap_or_default(),
                ),
                _ => Weather::Cut(at(&mut self.dice)),
            }
        } else {
            Weather::Fine
        };
        Tap {
            roles: self.dice.either(50, Roles::PayeeIsCard, Roles::PayerIsCard),
            link: match self.dice.below(5) {
                0 => Link::Messages,
                1 | 2 => Link::Apdus(Frames::Short),
                _ => Link::Apdus(Frames::Extended),
            },
            weather,
            trouble: self.draw_trouble(payer),
        }
    }

    /// What goes wrong in the phones, if anything does.
    fn draw_trouble(&mut self, payer: Who) -> Trouble {
        let crashing = self.character(payer) == Some(Character::Crashing);
        let guard = (crashing && self.dice.chance(15)).then(|| {
            self.dice
                .either(50, GuardTrouble::BeforeWrite, GuardTrouble::AfterWrite)
        });
        let disk = self.dice.chance(8).then(|| self.draw_disk_trouble());
        Trouble {
            guard,
            disk,
            payer_vault: self.draw_refusal(3, 1),
            payee_vault: self.draw_refusal(3, 1),
        }
    }

    /// So many times in a hundred, a vault that refuses one of the first calls.
    fn draw_refusal(&mut self, chance: u64, calls: usize) -> Option<VaultRefusal> {
        let whys = [
            VaultError::UserCancelled,
            VaultError::Locked,
            VaultError::Unavailable,
        ];
        self.dice.chance(chance).then(|| VaultRefusal {
            why: self.dice.pick(&whys).unwrap_or(VaultError::Unavailable),
            after: self.dice.index(calls),
        })
    }

    fn draw_crash(&mut self, who: Who) -> Step {
        Step::Crash {
            who,
            kept: self.draw_kept(),
        }
    }

    fn draw_kept(&mut self) -> Kept {
        match self.dice.below(4) {
            0 => Kept::Nothing,
            1 => Kept::Some(self.dice.below(u64::MAX)),
            _ => Kept::Everything,
        }
    }

    fn draw_disk_trouble(&mut self) -> DiskTrouble {
        let kept = self.draw_kept();
        let troubles = [
            disk::Trouble::FailsBefore,
            disk::Trouble::FailsAfter,
            disk::Trouble::Full,
            disk::Trouble::PowerCut(kept),
            disk::Trouble::PowerCut(kept),
        ];
        DiskTrouble {
            of_payer: self.dice.chance(50),
            trouble: self.dice.pick(&troubles).unwrap_or(disk::Trouble::Full),
            after: self.dice.below(DISK_OPERATIONS),
        }
    }

    /// Half of the time the line is good; else it fails one of the first calls or two.
    fn draw_line(&mut self) -> Vec<LineTrouble> {
        if self.dice.chance(50) {
            return Vec::new();
        }
        let calls = 1 + self.dice.index(3);
        (0..calls)
            .map(|_| match self.dice.chance(50) {
                true => self.dice.pick(&LineTrouble::ALL).unwrap_or(LineTrouble::None),
                false => LineTrouble::None,
            })
            .collect()
    }

    fn draw_clock(&mut self, who: Who) -> Step {
        let far = match self.dice.below(3) {
            0 => HOUR,
            1 => 3 * DAY,
            _ => 60 * DAY,
        };
        if self.dice.chance(40) {
            return Step::ClockRight(who);
        }
        let seconds = i64::try_from(self.dice.below(far.unsigned_abs())).unwrap_or_default();
        let seconds = self.dice.either(50, seconds, -seconds);
        Step::Clock { who, seconds }
    }

    fn draw_misfortune(&mut self, who: Who) -> Step {
        // Mostly it hits those who are careless.
        let careless = |who: &Who| self.character(*who) != Some(Character::Careful);
        let careless: Vec<Who> = self.present().into_iter().filter(careless).collect();
        let who = match self.dice.chance(75) {
            true => self.dice.pick(&careless).unwrap_or(who),
            false => who,
        };
        let copies = self.people.get(who.0).map_or(0, |person| person.snapshots.len());
        let snapshot = self.dice.index(copies);
        let in_doubt = self.checker.shown(who).2 > 0;
        match self.character(who) {
            Some(Character::Rooted) if self.dice.chance(30) => self.draw_fork(who),
            Some(Character::Restoring | Character::Cloning) if in_doubt && self.dice.chance(40) => {
                Step::Snapshot(who)
            }
            Some(Character::Restoring | Character::Rooted) if copies > 0 && self.dice.chance(60) => {
                Step::Restore { who, snapshot }
            }
            Some(Character::Cloning) if copies > 0 && self.dice.chance(60) => Step::Clone {
                who,
                snapshot,
                with_vault: self.dice.chance(70),
            },
            Some(Character::Restoring | Character::Rooted | Character::Cloning) => Step::Snapshot(who),
            Some(Character::Careful) if self.dice.chance(15) => Step::Lose(who),
            Some(Character::Careful) if self.dice.chance(15) => Step::Reinstall(who),
            _ => self.draw_crash(who),
        }
    }

    /// What people do about lost phones: they put backups away, freeze what is lost, and look under the sofa.
    fn draw_lost(&mut self, who: Who) -> Step {
        let all = 0..self.people.len();
        let lost: Vec<Who> = all.map(Who).filter(|who| !self.present().contains(who)).collect();
        match self.dice.pick(&lost) {
            Some(lost) if self.dice.chance(40) => Step::Find(lost),
            Some(lost) => Step::Freeze {
                who: self.family(lost).unwrap_or(who),
                line: self.draw_line(),
            },
            None if self.character(who) == Some(Character::Careful) && self.dice.chance(60) => {
                Step::Lose(who)
            }
            None => Step::BackUp(who),
        }
    }

    /// A phone of the same owner that is not lost.
    fn family(&self, lost: Who) -> Option<Who> {
        let mut present = self.present().into_iter();
        present.find(|who| self.checker.same_owner(*who, lost))
    }

    fn draw_destroyed_keys(&mut self, who: Who) -> Step {
        let keys = self
            .people
            .get(who.0)
            .map_or(0, |person| person.phone.hardware().vault().held().len());
        let key = self.dice.index(keys);
        Step::DestroyKeys {
            who,
            key: self.dice.chance(80).then_some(key),
        }
    }

    fn draw_fork(&mut self, who: Who) -> Step {
        let people = self.present();
        let others: Vec<Who> = people.into_iter().filter(|other| *other != who).collect();
        let victims = [(); 2].map(|()| self.dice.pick(&others).unwrap_or(who));
        Step::Fork {
            who,
            victims,
            amount: self.dice.amount(USUAL),
            shape: self.dice.pick(&ForkShape::ALL).unwrap_or(ForkShape::Straight),
        }
    }

    fn character(&self, who: Who) -> Option<Character> {
        self.people.get(who.0).map(|person| person.character)
    }
}
