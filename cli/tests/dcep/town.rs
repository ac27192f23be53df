//! Real processes on real sockets. Nothing here sleeps: tests wait for printed lines and for the end of processes.

use serde_json::Value;
use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};
use tempfile::TempDir;

/// The program under test.
pub(crate) fn dcep() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dcep"));
    command
        .stdin(Stdio::null())
        .env_remove("DCEP_HOME")
        .env("LC_ALL", "C");
    command
}

/// What a finished process said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Its one JSON document.
    pub(crate) json: Value,
    /// Its exit code.
    pub(crate) exit: i32,
}

impl Said {
    /// The document of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.exit, 0, "{:#}", self.json);
        self.json
    }

    /// The code of a failure.
    #[track_caller]
    pub(crate) fn code(&self) -> &str {
        assert_ne!(self.exit, 0, "{:#}", self.json);
        self.json["error"]["code"].as_str().expect("an error has a code")
    }
}

/// Runs `dcep --json` with these arguments to its end.
#[track_caller]
pub(crate) fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Said {
    Running::start(arguments).said()
}

/// A process that is under way; it does not outlive its test.
pub(crate) struct Running {
    child: Option<Child>,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    /// Starts `dcep --json` with these arguments.
    pub(crate) fn start<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let mut child = dcep()
            .arg("--json")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("its stderr is a pipe"));
        Self {
            child: Some(child),
            stderr,
        }
    }

    /// Waits until it says where it listens.
    #[track_caller]
    pub(crate) fn address(&mut self) -> String {
        let mut heard = String::new();
        loop {
            let start = heard.len();
            let length = self.stderr.read_line(&mut heard).expect("its stderr is text");
            assert_ne!(length, 0, "it ended before it listened: {heard}");
            if let Some((_, rest)) = heard[start..].split_once("listening on ") {
                let address = rest.split([',', '\n']).next().unwrap_or_default();
                return address.to_owned();
            }
        }
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn said(mut self) -> Said {
        let output = self
            .child
            .take()
            .expect("it is still there")
            .wait_with_output()
            .expect("it ends");
        let text = String::from_utf8(output.stdout).expect("its stdout is text");
        let json = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("stdout holds one JSON document ({error}): {text:?}"));
        Said {
            json,
            exit: output.status.code().expect("it was not killed"),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _gone = child.kill();
            let _reaped = child.wait();
        }
    }
}

/// A bank in a process of its own, and a folder for everything.
pub(crate) struct Town {
    folder: TempDir,
    bank: Running,
    url: String,
}

impl Town {
    /// Opens a bank that welcomes every account with 1,000 yuan.
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("bank");
        let mut arguments = ["bank", "serve", "--listen", "127.0.0.1:0", "--welcome", "1000.00"]
            .map(OsStr::new)
            .to_vec();
        arguments.extend([OsStr::new("--data"), data.as_os_str()]);
        let mut bank = Running::start(arguments);
        let stdout = bank.child.as_mut().and_then(|child| child.stdout.take());
        // Its document comes as soon as it listens, long before it ends.
        let document: Value = serde_json::Deserializer::from_reader(stdout.expect("its stdout is a pipe"))
            .into_iter()
            .next()
            .expect("the bank says where it is")
            .expect("in JSON");
        let url = document["url"].as_str().expect("a URL").to_owned();
        Self { folder, bank, url }
    }

    /// The bank's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where files can be put.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new wallet with nothing in it.
    #[track_caller]
    pub(crate) fn wallet(&self, name: &str) -> Wallet {
        let wallet = Wallet {
            home: self.folder.path().join(name),
        };
        wallet
            .run(["init", "--bank", &self.url, "--guard", &self.guard()])
            .ok();
        wallet
    }

    /// A new wallet with so much cash.
    #[track_caller]
    pub(crate) fn wallet_with(&self, name: &str, amount: &str) -> Wallet {
        let wallet = self.wallet(name);
        wallet.run(["load", amount]).ok();
        wallet
    }

    /// The folder of guards, as text.
    pub(crate) fn guard(&self) -> String {
        let guard = self.folder.path().join("guard");
        guard.to_str().expect("a path in UTF-8").to_owned()
    }

    /// The bank is gone.
    pub(crate) fn close_bank(self) -> TempDir {
        drop(self.bank);
        self.folder
    }
}

/// Somebody's wallet.
#[derive(Clone)]
pub(crate) struct Wallet {
    /// Its folder.
    pub(crate) home: PathBuf,
}

impl Wallet {
    fn arguments<'a>(&'a self, verb: impl IntoIterator<Item = &'a str>) -> Vec<&'a OsStr> {
        let mut arguments = vec![OsStr::new("wallet"), OsStr::new("--home"), self.home.as_os_str()];
        arguments.extend(verb.into_iter().map(OsStr::new));
        arguments
    }

    /// Runs a verb to its end.
    #[track_caller]
    pub(crate) fn run<'a>(&'a self, verb: impl IntoIterator<Item = &'a str>) -> Said {
        run(self.arguments(verb))
    }

    /// Starts a verb.
    pub(crate) fn start<'a>(&'a self, verb: impl IntoIterator<Item = &'a str>) -> Running {
        Running::start(self.arguments(verb))
    }

    /// What can be spent and what is in doubt, in fen.
    #[track_caller]
    pub(crate) fn money(&self) -> (u64, u64) {
        let balance = self.run(["balance"]).ok();
        let fen = |name: &str| balance[name].as_u64().expect("an amount");
        (fen("spendable"), fen("in_doubt"))
    }

    /// Its history as (kind, amount, state), newest first.
    #[track_caller]
    pub(crate) fn history(&self) -> Vec<(String, u64, String)> {
        let history = self.run(["history"]).ok();
        let text = |entry: &Value, name: &str| entry[name].as_str().expect("a text").to_owned();
        let entries = history["entries"].as_array().expect("a list").iter();
        entries
            .map(|entry| {
                (
                    text(entry, "kind"),
                    entry["amount"].as_u64().expect("an amount"),
                    text(entry, "state"),
                )
            })
            .collect()
    }
}

/// One listens, the other connects.
#[track_caller]
pub(crate) fn meet(card: (&Wallet, &[&str]), reader: (&Wallet, &[&str])) -> (Said, Said) {
    let (wallet, verb) = card;
    let mut card = wallet.start(verb.iter().copied().chain(["--listen", "127.0.0.1:0"]));
    let address = card.address();
    let (wallet, verb) = reader;
    let reader = wallet.run(verb.iter().copied().chain(["--connect", address.as_str()]));
    (card.said(), reader)
}
