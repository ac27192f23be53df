//! A town: phones whose owners live a life with them, and a checker who looks at everything after every step.
//!
//! People pay each other, and tear taps, and tap again with the wrong phone, and give money back; apps die, files are put back and copied, clocks
//! are wrong, lines to the bank lose answers, phones are lost and found again, and some are rooted. One seed makes all of it: the
//! cast, the [`Step`]s and every random byte. Run twice, a town writes the same log, byte for byte.
//!
//! After every step the checker holds what the wallets and the bank say against what it saw from outside, and a town that
//! fails names the guarantee, the step and the seed ([`Broken`]). Two of the guarantees have old names: *no value created*
//! and *all value accounted*, as Mondex had them proved on paper in the 1990s.
//!
//! ```
//! use simulator::town::{Town, TownOptions};
//!
//! let options = TownOptions { handoffs: 10, ..TownOptions::default() };
//! let end = Town::live(1, &options).unwrap();
//! assert_eq!(end.counts.handoffs, 10);
//! assert_eq!(end.verdict.to_string(), "created=0 lost=0 accused_honest=0 unattributed_forks=0");
//! ```

mod cast;
mod checker;
mod codes;
mod counts;
mod dealings;
mod dice;
mod end;
mod fraud;
mod lost;
mod misfortune;
mod pin;
mod plan;
mod refund;
mod step;
mod tap;
mod violation;

pub use cast::{Character, Who};
pub use counts::Counts;
pub use dice::town_seed;
pub use end::{End, Verdict};
pub use step::{Agreed, DiskTrouble, ForkShape, Sessions, Step, Tap, VaultRefusal, Weather};
pub use violation::{Broken, Guarantee, Violation};

use std::fmt::Write as _;

use bank::issuer::IssuerConfig;
use protocol::{Amount, Limits, WalletClass};

use self::{
    cast::{Encounter, Owed, Person, Sold},
    checker::Checker,
    dice::Dice,
};
use crate::{
    phone::Phone,
    world::{Rules, Storage, World, WorldOptions},
};

/// Steps between two full audits.
const AUDIT_EVERY: u64 = 128;

/// How many lines of the log a failure shows.
const LINES_SHOWN: usize = 12;

/// What can be chosen about a town.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TownOptions {
    /// How many payments are begun before it ends.
    pub handoffs: u64,
    /// Who lives there.
    pub cast: Vec<Character>,
    /// Waits at the end until every claim window has closed.
    pub waits: bool,
    /// Under which limits.
    pub rules: Rules,
    /// Takes rooted phones for honest ones. Such a town must break: it shows that the checks can fail.
    pub naive: bool,
}

impl Default for TownOptions {
    /// Six phones, one of them rooted.
    fn default() -> Self {
        Self {
            handoffs: 100,
            cast: vec![
                Character::Careful,
                Character::Careful,
                Character::Crashing,
                Character::Restoring,
                Character::Cloning,
                Character::Rooted,
            ],
            waits: true,
            rules: Rules::default(),
            naive: false,
        }
    }
}

/// A town. [`Town::live`] lives one from its first day to its last; or take the [`Step`]s yourself.
pub struct Town {
    world: World,
    dice: Dice,
    people: Vec<Person>,
    torn: Vec<Encounter>,
    sold: Vec<Sold>,
    owed: Vec<Owed>,
    checker: Checker,
    counts: Counts,
    log: Vec<String>,
    waits: bool,
    naive: bool,
}

impl core::fmt::Debug for Town {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Town")
            .field("world", &self.world)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

impl Town {
    /// Lives a town from its first day to its last, with a check after every step.
    ///
    /// # Errors
    /// [`Broken`], at the first check that fails.
    pub fn live(seed: u64, options: &TownOptions) -> Result<End, Box<Broken>> {
        let mut town = Self::new(seed, options)?;
        while town.counts.handoffs < options.handoffs {
            let step = town.draw();
            town.take(&step)?;
        }
        town.end()
    }

    /// A town on its first day: everybody has a phone, an account and some money.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn new(seed: u64, options: &TownOptions) -> Result<Self, Box<Broken>> {
        let world = WorldOptions {
            issuer: IssuerConfig {
                series_days: 120,
                spend_days: 60,
                claim_days: 60,
                authority_days: 730,
            },
            storage: Storage::Disks,
            rules: options.rules.clone(),
            ..WorldOptions::default()
        };
        let fail = |violation: Violation| {
            Box::new(Broken {
                seed,
                step: 0,
                violation,
                log: Vec::new(),
            })
        };
        let mut town = Self {
            world: World::with_options(seed, &world).map_err(|error| fail(error.into()))?,
            dice: Dice::new(seed),
            people: Vec::new(),
            torn: Vec::new(),
            sold: Vec::new(),
            owed: Vec::new(),
            checker: Checker::default(),
            counts: Counts::default(),
            log: Vec::new(),
            waits: options.waits,
            naive: options.naive,
        };
        for character in &options.cast {
            town.settle(*character).map_err(fail)?;
        }
        Ok(town)
    }

    /// Takes one step, and checks everything that it touched.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn take(&mut self, step: &Step) -> Result<(), Box<Broken>> {
        self.counts.steps += 1;
        let taken = self.perform(step).and_then(|said| {
            self.write(step, &said);
            if self.counts.steps.is_multiple_of(AUDIT_EVERY) {
                self.audit()?;
            }
            Ok(())
        });
        taken.map_err(|violation| {
            self.log.push(format!("#{} {step:?}", self.counts.steps));
            self.broken(violation)
        })
    }

    /// The log so far: one line for every step, with what it came to and what everybody then held.
    #[must_use]
    pub fn log(&self) -> &[String] {
        &self.log
    }

    /// What it went through so far.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    fn perform(&mut self, step: &Step) -> Result<String, Violation> {
        match step {
            Step::Pay {
                payer,
                payee,
                asked,
                agreed,
                tap,
            } => self.pay(*payer, *payee, *asked, *agreed, tap),
            Step::Codes {
                payer,
                payee,
                asked,
                agreed,
                reads,
                trouble,
            } => self.codes(*payer, *payee, *asked, *agreed, *reads, trouble),
            Step::Show { who, to, reads } => self.show(*who, *to, *reads),
            Step::Again {
                encounter,
                sessions,
                tap,
            } => self.again(*encounter, *sessions, tap),
            Step::Instead {
                encounter,
                payer,
                tap,
            } => self.instead(*encounter, *payer, tap),
            Step::Refund { sold, amount, tap } => self.refund(*sold, *amount, tap.as_ref()),
            Step::Bring { owed, tap } => self.bring(*owed, tap),
            Step::Fork {
                who,
                victims,
                amount,
                shape,
            } => self.fork(*who, *victims, *amount, *shape),
            Step::Crash { who, kept } => self.crash(*who, *kept),
            Step::Snapshot(who) => self.snapshot(*who),
            Step::Restore { who, snapshot } => self.restore(*who, *snapshot),
            Step::Clone {
                who,
                snapshot,
                with_vault,
            } => self.clone_phone(*who, *snapshot, *with_vault),
            Step::BackUp(who) => self.back_up(*who),
            Step::Lose(who) => self.lose(*who),
            Step::Freeze { who, line } => self.freeze(*who, line),
            Step::Find(who) => self.find(*who),
            Step::Reinstall(who) => self.reinstall(*who),
            Step::DestroyKeys { who, key } => self.destroy_keys(*who, *key),
            Step::GuessPin { who, tries } => self.guess_pin(*who, *tries),
            Step::Clock { who, seconds } => self.set_clock(*who, Some(*seconds)),
            Step::ClockRight(who) => self.set_clock(*who, None),
            Step::Load {
                who,
                amount,
                line,
                vault,
            } => self.load(*who, *amount, line, *vault),
            Step::Deposit {
                who,
                amount,
                line,
                vault,
            } => self.deposit(*who, *amount, line, *vault),
            Step::Sync { who, line, vault } => self.sync(*who, line, *vault),
            Step::Withdraw { who, request } => self.withdraw(*who, *request),
            Step::ReadEvents(who) => self.read_events(*who),
            Step::Days(days) => self.pass(*days),
        }
    }

    /// Somebody moves in, with an account and some money.
    fn settle(&mut self, character: Character) -> Result<(), Violation> {
        let who = self.people.len();
        let options = cast::options(&mut self.dice);
        let phone = self.world.phone_with(&format!("phone {who}"), &options)?;
        phone.line().listen();
        let mut person = Person::new(phone, character);
        if character == Character::Rooted {
            let rogue = self.world.rogue()?;
            rogue.line().listen();
            person.rogue = Some(rogue);
        }
        let who = self.move_in(person)?;
        let phone = &self.person(who)?.phone;
        let account = phone.wallet().account()?;
        self.world.bank().pay_in(&account, yuan(100_000))?;
        // Those with narrow limits begin just below them.
        let amount = match options.class {
            WalletClass::Iv => yuan(980),
            _ => yuan(300),
        };
        self.load(who, amount, &[], None).map(drop)
    }

    /// A phone takes part from now on.
    fn move_in(&mut self, person: Person) -> Result<Who, Violation> {
        let who = Who(self.people.len());
        let limits = self.limits(person.phone.owner().class())?;
        let honest = self.naive || person.character.is_honest();
        self.checker.meet(&person.phone, honest, &limits)?;
        self.people.push(person);
        Ok(who)
    }

    fn limits(&self, class: WalletClass) -> Result<Limits, Violation> {
        let bundle = self.world.bank().trust_bundle()?;
        let policy = bundle.policies.iter().find(|policy| policy.body.class == class);
        let none = || Violation::new(Guarantee::Working, "the bank has no policy for a class");
        Ok(policy.ok_or_else(none)?.body.limits.clone())
    }

    fn person(&self, who: Who) -> Result<&Person, Violation> {
        self.people.get(who.0).ok_or_else(|| nobody(who))
    }

    fn person_mut(&mut self, who: Who) -> Result<&mut Person, Violation> {
        self.people.get_mut(who.0).ok_or_else(|| nobody(who))
    }

    fn phone(&self, who: Who) -> Result<&Phone, Violation> {
        Ok(&self.person(who)?.phone)
    }

    /// The phones that are still there.
    fn present(&self) -> Vec<Who> {
        let here = self.people.iter().enumerate().filter(|(_, person)| !person.gone);
        here.map(|(number, _)| Who(number)).collect()
    }

    /// Holds phones against the truth after a step that touched them, and the bank if one of them was online.
    fn look(&mut self, touched: &[Who]) -> Result<(), Violation> {
        let (mut phones, mut online) = (Vec::new(), false);
        for who in touched {
            self.reopen(*who)?;
        }
        for who in touched {
            let phone = &self.people.get(who.0).ok_or_else(|| nobody(*who))?.phone;
            online |= self.checker.heard(phone.line(), *who)?;
            phones.push((phone, *who));
        }
        self.checker.look(&phones)?;
        if online {
            self.checker.look_at_bank(&self.world)?;
        }
        Ok(())
    }

    /// Reads everything anew.
    fn audit(&mut self) -> Result<(), Violation> {
        for who in self.present() {
            self.look(&[who])?;
        }
        self.checker.look_at_bank(&self.world)?;
        self.checker.audit(&self.world)
    }

    /// One line of the log.
    fn write(&mut self, step: &Step, said: &str) {
        let mut line = format!("#{} {step:?} -> {said};", self.counts.steps);
        for number in 0..self.people.len() {
            let (pieces, fen, doubts) = self.checker.shown(Who(number));
            // Writing to a string cannot fail.
            let _written = write!(line, " {number}:{fen}/{pieces}/{doubts}");
        }
        self.log.push(line);
    }

    fn broken(&self, violation: Violation) -> Box<Broken> {
        let from = self.log.len().saturating_sub(LINES_SHOWN);
        Box::new(Broken {
            seed: self.world.seed(),
            step: self.counts.steps,
            violation,
            log: self.log.get(from..).unwrap_or_default().to_vec(),
        })
    }
}

/// How many things of a kind people remember: torn handoffs, payments that they might give back, refunds that they mean to
/// bring.
const REMEMBERED: usize = 12;

/// Keeps the newest.
fn remember<T>(all: &mut Vec<T>, new: T) {
    all.push(new);
    if all.len() > REMEMBERED {
        all.remove(0);
    }
}

fn nobody(who: Who) -> Violation {
    Violation::new(Guarantee::Working, format!("there is no {who}"))
}

fn yuan(yuan: u64) -> Amount {
    Amount::from_fen(yuan.saturating_mul(100)).unwrap_or(Amount::MAX)
}
