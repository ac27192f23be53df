//! Secrets appear nowhere: not in files, not in what is printed, and in memory only while they are needed.
//!
//! A child process uses a wallet, and stops where it is told; this process knows all secrets, and looks for them in the child's
//! files and in every writable page of its memory. The child holds no copy but those it passes in, and wipes them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and its two processes talk"
)]
#![cfg(target_os = "linux")]

mod life;

use std::{
    env, fs,
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Arc,
};

use data_encoding::{BASE64, HEXLOWER};
use simulator::{SeededEntropy, World, seed_from_environment};
use syn::visit::{self, Visit};
use wallet_core::{store::fuzzing, vault::SoftwareVault};
use zeroize::Zeroizing;

use life::{live, stop, wipe_stack};

const FOLDER: &str = "DCEP_SECRETS_FOLDER";
const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const PIN: &[u8] = b"pin-7351-marker";
const WRONG: &[u8] = b"pin-7352-marker";
const MASTER: [u8; 32] = *b"a master secret of this vault 32";

#[test]
#[ignore = "the child of the other test"]
fn child() {
    let folder = PathBuf::from(env::var_os(FOLDER).unwrap());
    let mut pipe = File::open("/dev/stdin").unwrap();
    let mut told = Vec::new();
    let world = World::new(seed_from_environment(44)).unwrap();
    live(&world, &folder, &mut pipe, &mut told);
    wipe_stack();
    stop(&mut pipe, &mut told, "closed");
}

/// The other side of [`child`].
struct Watched {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    said: String,
}

impl Watched {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "child", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()),
            process,
            said: String::new(),
        }
    }

    fn give(&mut self, secret: &[u8]) {
        self.input
            .write_all(&[u8::try_from(secret.len()).unwrap()])
            .unwrap();
        self.input.write_all(secret).unwrap();
    }

    fn go_on(&mut self) {
        self.input.write_all(&[1]).unwrap();
    }

    fn wait_for(&mut self, place: &str) {
        loop {
            let mut line = String::new();
            assert!(
                self.output.read_line(&mut line).unwrap() > 0,
                "the child ended before {place}"
            );
            if line.trim_end() == format!("at {place}") {
                return;
            }
            self.said.push_str(&line);
        }
    }

    /// Where in the child's memory each of these secrets is.
    fn find(&self, secrets: &[(String, Vec<u8>)]) -> Vec<String> {
        let process = self.process.id();
        let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
        let mut memory = File::open(format!("/proc/{process}/mem")).unwrap();
        let mut found = Vec::new();
        let mut bytes = 0;
        for map in maps.lines() {
            let mut fields = map.split_whitespace();
            let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
            if !rights.starts_with("rw") {
                continue;
            }
            let (from, to) = range.split_once('-').unwrap();
            let [from, to] = [from, to].map(|address| u64::from_str_radix(address, 16).unwrap());
            let mut page = vec![0; usize::try_from(to - from).unwrap()];
            memory.seek(SeekFrom::Start(from)).unwrap();
            // Some mappings of the kernel's cannot be read.
            if memory.read_exact(&mut page).is_err() {
                continue;
            }
            bytes += page.len();
            for (name, secret) in secrets {
                if contains(&page, secret) {
                    found.push(format!("{name} in {}", map.split_whitespace().last().unwrap()));
                }
            }
        }
        assert!(bytes > 1 << 20, "the memory was read");
        found
    }
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    let first = needle[0];
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|byte| *byte == first) {
        if hay[from + at..].starts_with(needle) {
            return true;
        }
        from += at + 1;
    }
    false
}

/// The secrets of the wallet's own rows, and the data key, out of a copy of its files.
fn secrets_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let copy = tempfile::tempdir().unwrap();
    for file in ["wallet.sqlite", "wallet.sqlite-wal"] {
        fs::copy(folder.join(file), copy.path().join(file)).unwrap();
    }
    let path = copy.path().join("wallet.sqlite");
    let vault = SoftwareVault::new(Zeroizing::new(MASTER), Arc::new(SeededEntropy::new(0, 0)));
    let rows = fuzzing::contents(&path, &vault).unwrap();
    let mut secrets: Vec<_> = fuzzing::secrets(rows)
        .into_iter()
        .enumerate()
        .map(|(number, secret)| (format!("own secret {number}"), secret))
        .collect();
    assert!(secrets.len() > 16, "an account and its static keys");
    let db = rusqlite::Connection::open(&path).unwrap();
    let wrapped: Vec<u8> = db
        .query_row("SELECT wrapped_key FROM wallet", [], |row| row.get(0))
        .unwrap();
    let data_key = wallet_core::vault::KeyVault::unwrap(&vault, &wrapped).unwrap();
    secrets.push(("data key".to_owned(), data_key.to_vec()));
    secrets
}

#[test]
fn no_secret_is_where_it_need_not_be() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Watched::start(folder.path());
    child.give(&MASTER);
    child.give(WORDS.as_bytes());
    child.give(WORDS.as_bytes());
    child.wait_for("open");
    let mut secrets = secrets_in(folder.path());
    secrets.push(("the words".to_owned(), WORDS.as_bytes().to_vec()));
    secrets.push(("the PIN".to_owned(), PIN.to_vec()));
    secrets.push(("the wrong PIN".to_owned(), WRONG.to_vec()));
    let master = ("the vault's master".to_owned(), MASTER.to_vec());
    assert!(
        !child.find(std::slice::from_ref(&master)).is_empty(),
        "the search finds what is there"
    );

    let while_open: Vec<_> = secrets
        .iter()
        .filter(|(name, _)| name != "data key")
        .cloned()
        .collect();
    assert_eq!(child.find(&while_open), [""; 0], "open");
    child.go_on();
    child.give(PIN);
    child.give(WRONG);
    child.wait_for("unlocked");
    assert_eq!(child.find(&while_open), [""; 0], "unlocked");
    child.go_on();
    child.wait_for("locked");
    assert_eq!(child.find(&secrets), [""; 0], "locked");
    child.go_on();
    child.give(PIN);
    child.wait_for("closed");
    secrets.push(master);
    assert_eq!(child.find(&secrets), [""; 0], "closed");
    child.go_on();
    assert!(child.process.wait().unwrap().success());

    // Neither printed nor written, in any spelling.
    for (name, secret) in &secrets {
        let spellings = [
            secret.clone(),
            HEXLOWER.encode(secret).into_bytes(),
            BASE64.encode(secret).into_bytes(),
            format!("{secret:?}").into_bytes(),
        ];
        for spelling in &spellings {
            assert!(!contains(child.said.as_bytes(), spelling), "{name} was printed");
            for file in fs::read_dir(folder.path()).unwrap() {
                let path = file.unwrap().path();
                assert!(
                    !contains(&fs::read(&path).unwrap(), spelling),
                    "{name} in {}",
                    path.display()
                );
            }
        }
    }
    assert!(child.said.contains("Pin(…)") && child.said.contains("LockedWallet(…)"));
}

/// The public functions of `Wallet` and `LockedWallet`.
#[derive(Default)]
struct Verbs(Vec<String>);

impl<'ast> Visit<'ast> for Verbs {
    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let of_wallet = matches!(&*block.self_ty, syn::Type::Path(path)
            if path.path.is_ident("Wallet") || path.path.is_ident("LockedWallet"));
        if of_wallet && block.trait_.is_none() {
            visit::visit_item_impl(self, block);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if matches!(function.vis, syn::Visibility::Public(_)) {
            self.0.push(function.sig.ident.to_string());
        }
    }
}

/// A verb that is added later is searched for secrets, too, or this fails.
#[test]
fn every_verb_of_a_wallet_is_run() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wallet-core/src/wallet");
    let mut verbs = Verbs::default();
    for folder in [sources.clone(), sources.join("bank")] {
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                verbs.visit_file(&syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap());
            }
        }
    }
    assert!(verbs.0.len() >= 50, "{:?}", verbs.0);
    let run = include_str!("life.rs");
    for verb in verbs.0 {
        let called = [format!(".{verb}("), format!("::{verb}(")];
        assert!(called.iter().any(|call| run.contains(call)), "{verb} is not run");
    }
}
