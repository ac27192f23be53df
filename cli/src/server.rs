//! The bank at a terminal: its books in a folder, its service on a port.

use bank::{Bank, BankConfig, Place};
use protocol::Name;
use serde_json::json;
use std::{io, sync::Arc};

use crate::{
    args::ServeArgs,
    device::{SystemClock, SystemEntropy},
    failure::Failure,
    root,
    terminal::{BOLD, Report, Terminal, patiently},
};

/// What customers read on their certificates.
const NAME: &str = "Demo Bank";

/// Serves until interrupted. Says where, as soon as callers can connect.
pub(crate) fn serve(args: &ServeArgs, terminal: Terminal) -> Result<Report, Failure> {
    let mut config = BankConfig::new(Place::Folder(args.data.clone()), Name::new(NAME)?);
    config.operator.welcome = args
        .welcome
        .as_deref()
        .map(crate::verbs::parse_amount)
        .transpose()?;
    config.operator.profile = args.profile.profile();
    let bank = patiently("the bank to open its books", || {
        Bank::open(config, Arc::new(SystemClock), Arc::new(SystemEntropy))
    })?;
    serve_bank(Arc::new(bank), args, terminal).map_err(|source| Failure::Listen {
        address: args.listen.clone(),
        source,
    })?;
    Ok(Report::silent())
}

fn serve_bank(bank: Arc<Bank>, args: &ServeArgs, terminal: Terminal) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(&args.listen).await?;
        let url = format!("http://{}", listener.local_addr()?);
        terminal.report(&opened(&bank, &url, args));
        let interrupted = async { drop(tokio::signal::ctrl_c().await) };
        bank::http::serve(bank, listener, interrupted).await
    })
}

fn opened(bank: &Bank, url: &str, args: &ServeArgs) -> Report {
    let (root, fingerprint) = (bank.root(), root::fingerprint(&bank.root()));
    let data = args.data.display();
    let text = format!(
        "{BOLD}The bank is open at {url}{BOLD:#}
The issuer's root is {root}
  with the fingerprint {fingerprint}
Books and secret keys are in {data}: for development only.
Make a wallet with `dcep wallet --home DIR init --bank {url}`. Ctrl-C closes the bank."
    );
    let json = json!({
        "url": url,
        "root": root.to_string(),
        "fingerprint": fingerprint,
        "data": args.data,
    });
    Report::new(text, json)
}
