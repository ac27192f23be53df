//! Mutation testing: breaks the code that keeps the money in every way that a tool can think of, and asks the tests.
//!
//! `cargo-mutants` does the thinking. It would also build and link all tests again for each mutant, which takes a night;
//! here nearly all of them are woven into one program ([`weave`]), and the others are built one at a time.

mod judges;
mod list;
mod tree;
mod weave;

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    process::{Command, ExitCode},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use self::{
    judges::{Judges, Verdict},
    list::Mutant,
    tree::{Built, Tests, Tree},
    weave::Numbered,
};
use crate::cargo::{self, Workspace};

const CARGO_MUTANTS: &str = "cargo-mutants@27.1.0";

/// Of a hundred mutants that compile, so many must be noticed.
const ENOUGH: usize = 95;

/// Files, and the tests that they are held against.
struct Group {
    files: &'static [&'static str],
    tests: Tests,
}

const GROUPS: [Group; 2] = [
    Group {
        files: &[
            "protocol/src/certificate.rs",
            "protocol/src/fraud.rs",
            "protocol/src/payment.rs",
            "protocol/src/payment_wire.rs",
            "protocol/src/transfer.rs",
            "protocol/src/trust.rs",
            "protocol/src/verify.rs",
        ],
        tests: Tests {
            package: "protocol",
            programs: &[
                "protocol_verify",
                "protocol_trust",
                "protocol_payment",
                "protocol_fraud",
                "protocol_conflicts",
                "protocol_canonical",
                "protocol_errors",
                "vectors_frozen",
            ],
            phones: false,
        },
    },
    Group {
        files: &[
            "wallet-core/src/balance.rs",
            "wallet-core/src/handoff/*.rs",
            "wallet-core/src/limits.rs",
            "wallet-core/src/purse.rs",
            "wallet-core/src/rules.rs",
            "wallet-core/src/selection.rs",
            "wallet-core/src/spending.rs",
            "wallet-core/src/wallet/pay.rs",
            "wallet-core/src/wallet/receipt.rs",
            "wallet-core/src/wallet/receive.rs",
        ],
        tests: Tests {
            package: "wallet-core",
            programs: &[
                "adversaries",
                "adversary",
                "adversary_keys",
                "barred",
                "clock",
                "corpus",
                "dealings",
                "freshness",
                "handoffs",
                "history",
                "limits",
                "link_faults",
                "lost_phone",
                "news",
                "pin",
                "receipts",
                "recorded",
                "refresh",
                "refunds",
                "restore",
                "returns",
                "rules",
                "slips",
                "unlinkable",
                "vault",
            ],
            phones: true,
        },
    },
];

/// Mutates these files, each perhaps with a line (`FILE:LINE`), or all that are meant to be. Fails if too many mutants are missed.
pub(crate) fn run(places: &[&str]) -> Result<ExitCode, String> {
    let workspace = Workspace::load()?;
    let places: Vec<Place> = places.iter().map(|word| Place::read(word)).collect();
    let mut results = Results::default();
    for group in GROUPS {
        let files: Vec<&str> = if places.is_empty() {
            group.files.to_vec()
        } else {
            let folder = format!("{}/", group.tests.package);
            let files = places.iter().map(|place| place.file);
            files.filter(|file| file.starts_with(&folder)).collect()
        };
        if !files.is_empty() {
            let mut mutants = think(&workspace, &files)?;
            mutants.retain(|mutant| places.is_empty() || places.iter().any(|place| place.has(mutant)));
            Trial::new(&workspace, group.tests, &mutants)?.hold(&mut results)?;
        }
    }
    let file = workspace.target.join("mutants").join("report.txt");
    fs::write(&file, results.told()).map_err(|error| format!("{}: {error}", file.display()))?;
    let (caught, viable) = results.caught_of_viable();
    let missed = results.0.iter().filter(|(_, fate)| fate.is_missed());
    missed.for_each(|(name, fate)| print!("{}", fate.told(name)));
    println!(
        "{caught} of {viable} viable mutants caught, of {} in all",
        results.0.len()
    );
    Ok(if caught * 100 < viable * ENOUGH {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Where mutants are wanted.
struct Place<'a> {
    file: &'a str,
    line: Option<usize>,
}

impl<'a> Place<'a> {
    fn read(word: &'a str) -> Self {
        let split = word.rsplit_once(':');
        let line = split.and_then(|(file, line)| Some((file, line.parse().ok()?)));
        let (file, line) = line.map_or((word, None), |(file, line)| (file, Some(line)));
        Self { file, line }
    }

    fn has(&self, mutant: &Mutant) -> bool {
        // A pattern was for `cargo-mutants` to match.
        let file = self.file.contains('*') || mutant.file == self.file;
        file && self.line.is_none_or(|line| mutant.place.from.0 == line)
    }
}

/// All mutants of these files.
fn think(workspace: &Workspace, files: &[&str]) -> Result<Vec<Mutant>, String> {
    let tools = workspace.target.join("tools").join("cargo-mutants");
    let program = tools.join("bin").join("cargo-mutants");
    if !program.exists() {
        let mut install = cargo::command(&["install", "--locked", CARGO_MUTANTS, "--root"]);
        cargo::succeed(install.arg(&tools))?;
    }
    let mut command = Command::new(program);
    cargo::forget_this_package(&mut command);
    command
        .current_dir(&workspace.root)
        .args(["mutants", "--list", "--json"]);
    files.iter().for_each(|file| {
        command.args(["--file", file]);
    });
    Mutant::all(&cargo::output(&mut command)?)
}

/// One package, and what is to be done to it.
struct Trial<'a> {
    tests: Tests,
    mutants: &'a [Mutant],
    tree: Tree,
    /// The files of the package, as they are when they are whole.
    sources: BTreeMap<String, String>,
}

/// For the crate's root, and no line more: a broken body uses less than it was given.
const LENIENT: &str = "#![allow(warnings, unused)] ";

/// What weaving came to; mutants by their numbers.
struct Weft {
    judges: Judges,
    unviable: HashSet<usize>,
    /// Those that are built one at a time.
    left: HashSet<usize>,
}

/// What became of the mutants, by name.
#[derive(Default)]
struct Results(BTreeMap<String, Fate>);

enum Fate {
    /// It does not compile.
    Unviable,
    /// It does, and this is what the tests say.
    Judged(Verdict),
}

impl<'a> Trial<'a> {
    fn new(workspace: &Workspace, tests: Tests, mutants: &'a [Mutant]) -> Result<Self, String> {
        let tree = Tree::copied(workspace)?;
        let mut sources = tree.sources(tests.package)?;
        if let Some(root) = sources.get_mut(&root_of(tests)) {
            root.insert_str(0, LENIENT);
        }
        Ok(Self {
            sources,
            tests,
            mutants,
            tree,
        })
    }

    fn hold(&self, results: &mut Results) -> Result<(), String> {
        let Weft {
            judges,
            unviable,
            left,
        } = self.weave()?;
        let woven: Vec<usize> = (1..=self.mutants.len())
            .filter(|number| !left.contains(number) && !unviable.contains(number))
            .collect();
        println!(
            "{}: {} mutants in one program, {} do not compile, {} one at a time",
            self.tests.package,
            woven.len(),
            unviable.len(),
            left.len()
        );
        let results = Mutex::new(results);
        let note = |number: usize, fate: Fate| {
            let name = &self.mutant(number)?.name;
            print!("{}", fate.told(name));
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.0.insert(name.clone(), fate);
            Ok(())
        };
        for number in unviable {
            note(number, Fate::Unviable)?;
        }
        each(&woven, |number| note(number, Fate::Judged(judges.judge(number)?)))?;
        for (file, source) in &self.sources {
            self.tree.write(file, source)?;
        }
        for number in left {
            note(number, self.alone(self.mutant(number)?, &judges)?)?;
        }
        Ok(())
    }

    /// One program with as many mutants as can be in one.
    fn weave(&self) -> Result<Weft, String> {
        let (mut unviable, mut left, mut constant) = (HashSet::new(), HashSet::new(), HashSet::new());
        loop {
            let mut lines = BTreeMap::new();
            for (file, source) in &self.sources {
                let mutants: Vec<Numbered> = self
                    .numbered()
                    .filter(|numbered| numbered.mutant.file == *file)
                    .filter(|Numbered { number, .. }| !left.contains(number) && !unviable.contains(number))
                    .collect();
                let mut woven = weave::weave(source, &mutants, &constant)
                    .ok_or_else(|| format!("{file}: a mutant is not where it should be"))?;
                if *file == root_of(self.tests) {
                    woven.text.push_str(&weave::chooser());
                }
                self.tree.write(file, &woven.text)?;
                left.extend(woven.left);
                lines.insert(file.as_str(), woven.lines);
            }
            let complaints = match self.tree.build(self.tests)? {
                Built::Programs(programs) => {
                    return Ok(Weft {
                        judges: Judges::measured(programs)?,
                        unviable,
                        left,
                    });
                }
                Built::Errors(complaints) => complaints,
            };
            let before = (unviable.len(), constant.len());
            for complaint in &complaints {
                constant.extend(complaint.must_be_const.clone());
                // A body that does not compile here would compile nowhere.
                unviable.extend(complaint.places.iter().filter_map(|(file, line)| {
                    let its = lines.get(file.as_str())?.iter();
                    let mut at = its.filter(|(_, lines)| lines.contains(line));
                    at.next().map(|(number, _)| *number)
                }));
            }
            if before == (unviable.len(), constant.len()) {
                return Err(complaints
                    .iter()
                    .map(|complaint| complaint.rendered.as_str())
                    .collect());
            }
        }
    }

    /// Builds this mutant by itself.
    fn alone(&self, mutant: &Mutant, judges: &Judges) -> Result<Fate, String> {
        let source = self.sources.get(&mutant.file).ok_or("a file is missing")?;
        let broken = mutant
            .within(source, 0..source.len())
            .ok_or_else(|| format!("{}: not where it should be", mutant.name))?;
        self.tree.write(&mutant.file, &broken)?;
        let built = self.tree.build(self.tests)?;
        self.tree.write(&mutant.file, source)?;
        match built {
            Built::Errors(_) => Ok(Fate::Unviable),
            // The same programs as before, built anew.
            Built::Programs(_) => judges.judge(0).map(Fate::Judged),
        }
    }

    fn numbered(&self) -> impl Iterator<Item = Numbered<'_>> {
        (1..)
            .zip(self.mutants)
            .map(|(number, mutant)| Numbered { number, mutant })
    }

    fn mutant(&self, number: usize) -> Result<&Mutant, String> {
        let index = number.checked_sub(1);
        index
            .and_then(|index| self.mutants.get(index))
            .ok_or_else(|| format!("{number}: no such mutant"))
    }
}

/// The root of the crate that is broken.
fn root_of(tests: Tests) -> String {
    format!("{}/src/lib.rs", tests.package)
}

/// Does this for each number, on every core there is.
fn each(numbers: &[usize], task: impl Fn(usize) -> Result<(), String> + Sync) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
            task(*number)?;
        }
        Ok::<(), String>(())
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let mut ends = workers.into_iter().map(thread::ScopedJoinHandle::join);
        ends.try_for_each(|end| end.map_err(|_| "a worker fell over".to_owned())?)
    })
}

impl Fate {
    /// A line of the report.
    fn told(&self, mutant: &str) -> String {
        match self {
            Self::Unviable => format!("unviable  {mutant}\n"),
            Self::Judged(Verdict::Caught(tests)) => format!("caught    {mutant}  by {tests}\n"),
            Self::Judged(Verdict::TimedOut(tests)) => format!("timed out {mutant}  in {tests}\n"),
            Self::Judged(Verdict::Missed) => format!("MISSED    {mutant}\n"),
        }
    }

    fn is_missed(&self) -> bool {
        matches!(self, Self::Judged(Verdict::Missed))
    }
}

impl Results {
    /// Of those that compile.
    fn caught_of_viable(&self) -> (usize, usize) {
        let count = |of: fn(&Fate) -> bool| self.0.values().filter(|fate| of(fate)).count();
        let viable = count(|fate| matches!(fate, Fate::Judged(_)));
        (viable - count(Fate::is_missed), viable)
    }

    /// All of it, a line each, and the sum.
    fn told(&self) -> String {
        let lines: String = self.0.iter().map(|(name, fate)| fate.told(name)).collect();
        let (caught, viable) = self.caught_of_viable();
        format!(
            "{lines}{caught} of {viable} viable mutants caught, of {} in all\n",
            self.0.len()
        )
    }
}
