//! `dcep`: the demo, and every wallet and bank verb from a terminal.
//!
//! 1. [`args`] is what can be asked, [`terminal`] how it is answered, [`failure`] why it is not.
//! 2. [`demo`] tells the whole story in one process; it reads like one in `demo/story.rs`.
//! 3. [`verbs`] are what a person does with a wallet, whose files [`home`] keeps.
//! 4. [`device`], [`guard`] and [`http`] are what a wallet borrows from the machine; [`socket`] stands in for the air, [`code`] for a
//!    screen.
//! 5. [`server`] is the bank.

mod args;
mod code;
mod demo;
mod device;
mod failure;
mod files;
mod guard;
mod home;
mod http;
mod root;
mod secret;
mod server;
mod socket;
mod terminal;
mod verbs;

use clap::{Parser as _, error::ErrorKind};
use std::process::ExitCode;

use crate::{
    args::{BankVerb, Cli, Verb},
    failure::Failure,
    terminal::{Report, Terminal},
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    let terminal = Terminal {
        json: cli.json,
        language: cli
            .lang
            .map_or_else(terminal::language, args::Language::sentences),
    };
    match run(&cli, terminal) {
        Ok(report) => {
            terminal.report(&report);
            ExitCode::from(u8::from(report.bad))
        }
        Err(failure) => {
            terminal.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(cli: &Cli, terminal: Terminal) -> Result<Report, Failure> {
    match &cli.verb {
        Verb::Demo(args) => demo::run(args, terminal),
        Verb::Bank(BankVerb::Serve(args)) => server::serve(args, terminal),
        Verb::Wallet(args) => verbs::run(args),
        Verb::Receipt(verb) => verbs::receipt::run(verb),
    }
}

/// The command line cannot be read, or asks for help. Whoever wants JSON gets it here too.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !help && std::env::args_os().any(|argument| argument == "--json") {
        let failure = Failure::Usage(error.to_string());
        let terminal = Terminal {
            json: true,
            language: terminal::language(),
        };
        terminal.failure(&failure);
        return ExitCode::from(failure.exit_code());
    }
    // Help goes to stdout, misunderstandings to stderr; if neither can be written, the exit code has to do.
    let _printed = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
