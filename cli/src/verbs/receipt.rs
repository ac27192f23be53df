//! Receipt files: writing one, and checking one without a wallet.

use protocol::{Id, Name, ReceiptFile};
use serde_json::json;
use std::path::Path;

use super::Opened;
use crate::{
    args::ReceiptVerb,
    failure::Failure,
    files::{NewFile, read_at_most},
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
    let proven = ReceiptFile::decode(&read_at_most(file, ReceiptFile::MAX_BYTES)?)?.verify(root)?;
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

/// Writes the receipt for a transfer into a new file.
pub(super) fn export(opened: &Opened, transfer: &Id, path: &Path) -> Result<Report, Failure> {
    let bytes = opened.wallet.export_receipt(transfer)?;
    let path = NewFile::make(path)?.write(&bytes)?;
    let text = format!(
        "{BOLD}{}{BOLD:#} holds the receipt. Whoever has the issuer's root key can check it with `dcep receipt verify`.",
        path.display()
    );
    let json =
        json!({ "file": path.display().to_string(), "bytes": bytes.len(), "transfer": transfer.to_string() });
    Ok(Report::new(text, json))
}
