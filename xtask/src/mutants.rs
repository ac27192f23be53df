//! Mutation testing: breaks the code that keeps the money in every way that a tool can think of, and asks the tests.

use std::{
    fs,
    process::{Command, ExitCode},
};

use crate::cargo::{self, Workspace};

const CARGO_MUTANTS: &str = "cargo-mutants@27.1.0";

/// Files, and the tests that they are held against: enough to catch a mutant, and no more, for they run once for each.
struct Group {
    package: &'static str,
    files: &'static [&'static str],
    tests: &'static [&'static str],
    /// Whether these tests need wallets. Without them, `tests` is built in a moment.
    phones: bool,
}

const GROUPS: [Group; 2] = [
    Group {
        package: "protocol",
        files: &[
            "protocol/src/certificate.rs",
            "protocol/src/fraud.rs",
            "protocol/src/payment.rs",
            "protocol/src/payment_wire.rs",
            "protocol/src/transfer.rs",
            "protocol/src/trust.rs",
            "protocol/src/verify.rs",
        ],
        tests: &["protocol_*", "vectors_frozen"],
        phones: false,
    },
    Group {
        package: "wallet-core",
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
        tests: &[
            "adversary",
            "corpus",
            "dealings",
            "handoffs",
            "limits",
            "news",
            "recorded",
            "returns",
            "rules",
        ],
        phones: true,
    },
];

/// Mutates these files, or all that are meant to be. Fails if a mutant is missed.
pub(crate) fn run(files: &[&str]) -> Result<ExitCode, String> {
    let workspace = Workspace::load()?;
    let tools = workspace.target.join("tools").join("cargo-mutants");
    let program = tools.join("bin").join("cargo-mutants");
    if !program.exists() {
        let mut install = cargo::command(&["install", "--locked", CARGO_MUTANTS, "--root"]);
        cargo::succeed(install.arg(&tools))?;
    }
    for group in GROUPS {
        let files: Vec<&str> = if files.is_empty() {
            group.files.to_vec()
        } else {
            let folder = format!("{}/", group.package);
            files
                .iter()
                .copied()
                .filter(|file| file.starts_with(&folder))
                .collect()
        };
        if !files.is_empty() {
            let mut command = Command::new(&program);
            cargo::forget_this_package(&mut command);
            command.current_dir(&workspace.root).args(group.arguments(&files));
            let output = workspace.target.join("mutants").join(group.package);
            fs::create_dir_all(&output).map_err(|error| format!("{}: {error}", output.display()))?;
            cargo::succeed(command.arg("--output").arg(output))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Group {
    fn arguments(&self, files: &[&str]) -> Vec<String> {
        let mut words: Vec<String> = ["mutants", "--baseline", "skip", "--timeout", "300"]
            .map(str::to_owned)
            .to_vec();
        let mut say = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
        files.iter().for_each(|file| say("--file", file));
        say("--test-package", self.package);
        say("--test-package", "tests");
        self.tests
            .iter()
            .for_each(|test| say("--cargo-arg", &format!("--test={test}")));
        say("--cargo-arg", "--lib");
        if !self.phones {
            words.push("--no-default-features".to_owned());
        }
        words
    }
}
