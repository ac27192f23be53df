//! PIN, backup, and lost phones.

use serde_json::json;
use std::path::Path;

use super::Opened;
use crate::{
    args::PinVerb,
    failure::Failure,
    files, secret,
    terminal::{Report, patiently},
};

/// Sets, changes or removes the PIN.
pub(super) fn pin(opened: &Opened, verb: PinVerb) -> Result<Report, Failure> {
    let done = match verb {
        PinVerb::Set => {
            opened.wallet.set_pin(&secret::pin("New PIN")?)?;
            "The wallet has a PIN. Whoever forgets it restores the account from its words."
        }
        PinVerb::Change => {
            let old = secret::pin("PIN once more")?;
            opened.wallet.change_pin(&old, &secret::pin("New PIN")?)?;
            "The wallet has a new PIN."
        }
        PinVerb::Remove => {
            opened.wallet.remove_pin(&secret::pin("PIN once more")?)?;
            "The wallet has no PIN any more."
        }
    };
    let json = json!({ "has_pin": opened.wallet.has_pin()? });
    Ok(Report::new(done, json))
}

/// Writes an encrypted backup to a new file.
pub(super) fn backup(opened: &Opened, file: &Path) -> Result<Report, Failure> {
    let backup = opened.wallet.backup()?;
    files::create_private(file, &backup).map_err(Failure::file("write", file))?;
    let text = format!(
        "History, contacts and open requests are in {}. Only the account's words open it. It holds no money and no keys.",
        file.display()
    );
    Ok(Report::new(text, json!({ "file": file, "bytes": backup.len() })))
}

/// Declares all other phones of the account lost.
pub(super) fn freeze(opened: &Opened) -> Result<Report, Failure> {
    let bank = opened.bank()?;
    patiently("the bank", || opened.wallet.freeze_others(&bank))?;
    let text = "All other phones of this account are frozen. What they hold is credited to the account when they deposit \
                it, or when its claim window closes.";
    Ok(Report::new(text, json!({ "frozen": true })))
}
