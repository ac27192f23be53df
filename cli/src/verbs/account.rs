//! The account with the operator: opening it, and keeping up with it.

use protocol::{Name, VerifyingKey, WalletClass};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};
use wallet_core::{AccountWords, platform::Entropy as _};
use zeroize::Zeroizing;

use super::Opened;
use crate::{
    args::InitArgs,
    device::SystemEntropy,
    failure::Failure,
    files, guard,
    home::{Home, Settings},
    http::HttpBank,
    root, secret,
    terminal::{BOLD, Report, patiently},
};

/// Makes a wallet. It is built in a folder of its own beside the home and moved there when it is enrolled: a failure
/// leaves nothing, and can be tried again.
pub(super) fn init(home: &Home, args: &InitArgs) -> Result<Report, Failure> {
    let name = args.merchant.as_deref().map(Name::new).transpose()?;
    let bank = HttpBank::at(&args.bank)?;
    let folder = vacant(home.folder())?;
    let settings = Settings {
        bank: bank.address().to_owned(),
        root: pinned_root(args, &bank)?,
        guard: guard_folder(args, &folder)?,
    };
    let words = words(args)?;
    let backup = args.backup.as_ref();
    let backup = backup
        .map(|file| fs::read(file).map_err(Failure::file("read", file)))
        .transpose()?;
    let parent = folder.parent().unwrap_or(Path::new("/"));
    files::private_folder(parent).map_err(Failure::file("make the folder", parent))?;
    let nursery = tempfile::Builder::new()
        .prefix(".dcep-init-")
        .tempdir_in(parent)
        .map_err(Failure::file("make a folder in", parent))?;
    let newborn = nursery.path().join("wallet");
    files::private_folder(&newborn).map_err(Failure::file("make the folder", &newborn))?;

    let wallet =
        Home::in_folder(&newborn).create(&settings, &words, args.keys.algorithm(), backup.as_deref())?;
    let class: WalletClass = args.class.class();
    patiently("the bank", || wallet.enrol(&bank, class, name))?;
    wallet.close()?;
    drop(wallet);
    if folder.exists() {
        fs::remove_dir(&folder).map_err(Failure::file("move the new wallet to", &folder))?;
    }
    fs::rename(&newborn, &folder).map_err(Failure::file("move the new wallet to", &folder))?;
    Ok(if args.restore {
        welcome_back(&folder, &settings)
    } else {
        welcome(&folder, &settings, &words)
    })
}

/// Their owner has them: they are not shown again.
fn welcome_back(folder: &Path, settings: &Settings) -> Report {
    let text = format!(
        "{BOLD}The account is restored in {}{BOLD:#}, enrolled at {}.

What an earlier phone holds is not here: no words and no backup contain it. If it is lost, run `freeze`.",
        folder.display(),
        settings.bank,
    );
    Report::new(
        text,
        json!({ "home": folder, "bank": settings.bank, "guard": settings.guard }),
    )
}

fn welcome(folder: &Path, settings: &Settings, words: &AccountWords) -> Report {
    let (words, fingerprint) = (words.reveal(), root::fingerprint(&settings.root));
    let text = format!(
        "{BOLD}A wallet in {}{BOLD:#}, enrolled at {}.

Write these words down. They restore the account with the bank, and are not shown again:

    {BOLD}{}{BOLD:#}

The issuer's root has the fingerprint {fingerprint}
  ({}).
Compare it with what the issuer publishes: everything the wallet believes hangs on it.

For development only: the keys are in {}, not in hardware.
Who copies that file can spend the money. The rollback guard is in {}.",
        folder.display(),
        settings.bank,
        words.as_str(),
        settings.root,
        folder.join("vault.key").display(),
        settings.guard.display(),
    );
    let json = json!({
        "home": folder,
        "bank": settings.bank,
        "words": words.as_str(),
        "root": settings.root.to_string(),
        "fingerprint": fingerprint,
        "guard": settings.guard,
    });
    Report::new(text, json)
}

/// The folder as an absolute path, if it is free.
fn vacant(folder: &Path) -> Result<PathBuf, Failure> {
    let folder = std::path::absolute(folder).map_err(Failure::file("find", folder))?;
    let taken = match fs::read_dir(&folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(Failure::file("look into", folder)(error)),
    };
    if taken {
        Err(Failure::HomeTaken { home: folder })
    } else {
        Ok(folder)
    }
}

fn pinned_root(args: &InitArgs, bank: &HttpBank) -> Result<VerifyingKey, Failure> {
    match &args.root {
        Some(text) => root::parse(text).ok_or_else(|| Failure::RootKey { text: text.clone() }),
        None => patiently("the bank", || bank.root()),
    }
}

fn guard_folder(args: &InitArgs, home: &Path) -> Result<PathBuf, Failure> {
    let chosen = args.guard.clone().or_else(guard::default_folder);
    let chosen = chosen.ok_or_else(|| {
        Failure::Usage(
            "this system names no place for the rollback guard: choose one with --guard".to_owned(),
        )
    })?;
    let chosen = std::path::absolute(&chosen).map_err(Failure::file("find", chosen))?;
    if chosen.starts_with(home) {
        return Err(Failure::GuardInsideHome {
            home: home.to_owned(),
        });
    }
    Ok(chosen)
}

fn words(args: &InitArgs) -> Result<AccountWords, Failure> {
    if args.restore {
        return Ok(AccountWords::parse(&secret::line("The account's words")?)?);
    }
    new_words(args)
}

fn new_words(args: &InitArgs) -> Result<AccountWords, Failure> {
    let mut random = Zeroizing::new([0; 32]);
    SystemEntropy.fill(random.as_mut_slice())?;
    Ok(AccountWords::from_entropy(
        &random,
        args.words.count(),
        args.language.list(),
    )?)
}

/// Repeats what is unanswered, fetches what is new, fills the key pool.
pub(super) fn sync(opened: &Opened) -> Result<Report, Failure> {
    let bank = opened.bank()?;
    let done = patiently("the bank", || opened.wallet.sync(&bank))?;
    let balance = opened.balance()?;
    let text = format!(
        "In step with the bank: {} earlier orders answered, {} payments put on record, {} collected, {} doubts ended, \
         {} new keys, {}.\n{}",
        done.answered,
        done.recorded,
        done.delivered,
        done.doubts_ended,
        done.new_keys,
        if done.trust_changed {
            "news about whom to believe"
        } else {
            "no news"
        },
        super::view::holdings(&balance),
    );
    let json = json!({
        "answered": done.answered,
        "recorded": done.recorded,
        "delivered": done.delivered,
        "doubts_ended": done.doubts_ended,
        "accused": done.accused,
        "retired": done.retired,
        "new_keys": done.new_keys,
        "trust_changed": done.trust_changed,
        "balance": super::balance_json(&balance),
    });
    Ok(Report::new(text, json))
}
