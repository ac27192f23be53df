//! Receipt files: writing one, and checking one without a wallet.

use protocol::{Id, Name, ReceiptFile};
use serde_json::json;
use std::{
    fs::{self, File, OpenOptions},
    io::{Read as _, Write as _},
    path::Path,
};

use super::Opened;
use crate::{
    args::ReceiptVerb,
    failure::Failure,
    home::Home,
    root,
    terminal::{BOLD, GOOD, Report, moment},
};

/// Does what the command line says.
pub(crate) fn run(verb: &ReceiptVerb) -> Result<Report, Failure> {
    let ReceiptVerb::Verify { file, root, home } = verb;
    let root = match (root, home) {
        (Some(text), _) => root::parse(text).ok_or_else(|| Failure::RootKey { text: text.clone() })?,
        (None, Some(home)) => Home::in_folder(home).settings()?.root,
        (None, None) => return Err(Failure::Usage("say whom to believe, with --root".to_owned())),
    };
    let proven = ReceiptFile::decode(&read(file)?)?.verify(root)?;
    let payee = proven.payee.as_ref().map_or_else(
        || format!("{}, of {}", proven.payee_key, proven.operator),
        |name| format!("{name}, of {}", proven.operator),
    );
    let text = format!(
        "{GOOD}This receipt holds.{GOOD:#}\n  {BOLD}{}{BOLD:#} was paid to {payee}\n  on {} (UTC), by the payee's clock\n  by transfer {}",
        proven.amount,
        moment(proven.taken_at),
        proven.transfer,
    );
    let json = json!({
        "holds": true,
        "amount": proven.amount.fen(),
        "payee": proven.payee.as_ref().map(Name::as_str),
        "payee_key": proven.payee_key.to_string(),
        "operator": proven.operator.as_str(),
        "payer_key": proven.payer_key.to_string(),
        "taken_at": proven.taken_at.seconds(),
        "transfer": proven.transfer.to_string(),
    });
    Ok(Report::new(text, json))
}

/// No more of it than a receipt file has.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = ReceiptFile::MAX_BYTES as u64 + 1;
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(Failure::file("read", path))?;
    Ok(bytes)
}

/// Writes the receipt for a transfer into a new file.
pub(super) fn export(opened: &Opened, transfer: &Id, path: &Path) -> Result<Report, Failure> {
    let bytes = opened.wallet.export_receipt(transfer)?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(Failure::file("make the file", path))?
        .write_all(&bytes);
    if let Err(error) = written {
        // Half a receipt is none.
        let _gone = fs::remove_file(path);
        return Err(Failure::file("write", path)(error));
    }
    let text = format!(
        "{BOLD}{}{BOLD:#} holds the receipt. Whoever has the issuer's root key can check it with `dcep receipt verify`.",
        path.display()
    );
    let json =
        json!({ "file": path.display().to_string(), "bytes": bytes.len(), "transfer": transfer.to_string() });
    Ok(Report::new(text, json))
}
