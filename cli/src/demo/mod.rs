//! `dcep demo`: a bank and the wallets of three people in one process, with real files, real HTTP and real frames.
//!
//! - [`stage`]: the bank and the phones.
//! - [`phone`]: one phone, and its way to the bank.
//! - [`touch`]: two phones, and the air between them.
//! - [`clock`]: the time by which they all live.
//! - [`story`]: what happens; [`second_act`]: what happens then.
//! - [`step`]: how each step is told.
//! - [`figures`]: whether every fen is where it should be, at the end.

mod clock;
mod figures;
mod phone;
mod second_act;
mod stage;
mod step;
mod story;
mod touch;

use serde_json::{Value, json};

use self::{figures::Figures, stage::Stage, step::Step};
use crate::{
    args::DemoArgs,
    failure::Failure,
    terminal::{BOLD, FAINT, Report, Terminal},
};

/// What the figures of taps mean.
const HOW_MEASURED: &str = "Bytes and commands are those of the frames. \"here\" is measured: both phones in this process, \
                            storage included. \"over NFC\" is modelled: 10 kB/s and 20 ms per command.";

/// Plays the demo.
pub(crate) fn run(args: &DemoArgs, terminal: Terminal) -> Result<Report, Failure> {
    play(args, terminal, Figures::read)
}

/// Plays the demo; the figures at the end are read with `read`, so that a test can read them wrongly.
fn play(
    args: &DemoArgs,
    terminal: Terminal,
    read: impl FnOnce(&Stage) -> Result<Figures, Failure>,
) -> Result<Report, Failure> {
    let mut stage = Stage::build(args)?;
    let mut steps: Vec<Value> = Vec::new();
    story::tell(&mut stage, &mut |step: &Step| {
        let number = steps.len().saturating_add(1);
        terminal.tell(&format_args!("{BOLD}{number:>2}  {}{BOLD:#}\n{step}", step.title));
        steps.push(step.json(number));
    })?;
    let figures = read(&stage)?;
    stage.close()?;
    let json = json!({
        "keys": args.keys.name(),
        "steps": steps,
        "books": figures.json(),
        "balanced": figures.balanced(),
        "folder": args.keep,
    });
    Ok(Report {
        text: format!("{figures}\n{FAINT}{HOW_MEASURED}{FAINT:#}"),
        json,
        bad: !figures.balanced(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Keys;
    use protocol::{Amount, Language};

    const QUIET: Terminal = Terminal {
        json: true,
        language: Language::English,
    };

    fn args(keys: Keys) -> DemoArgs {
        DemoArgs { keys, keep: None }
    }

    #[test]
    fn the_books_balance() {
        let report = run(&args(Keys::Ed25519), QUIET).unwrap();
        assert!(!report.bad, "{}", report.text);
        assert_eq!(report.json["balanced"], true);
    }

    /// One fen more, in any figure that is compared, and the demo fails.
    #[test]
    fn one_fen_off_is_found() {
        type Figure = fn(&mut Figures) -> &mut Amount;
        let compared: [Figure; 6] = [
            |figures| &mut figures.books.issued,
            |figures| &mut figures.books.redeemed,
            |figures| &mut figures.books.customer_deposits,
            |figures| &mut figures.paid_in,
            |figures| &mut figures.holdings[0].spendable,
            |figures| &mut figures.holdings[1].in_doubt,
        ];
        for (number, figure) in compared.into_iter().enumerate() {
            let report = play(&args(Keys::P256), QUIET, |stage| {
                let mut figures = Figures::read(stage)?;
                let figure = figure(&mut figures);
                *figure = Amount::from_fen(figure.fen() + 1).unwrap();
                Ok(figures)
            });
            let report = report.unwrap();
            assert!(report.bad, "figure {number} is off, and nobody noticed");
            assert_eq!(report.json["balanced"], false);
            assert!(report.text.contains("off by 0.01"), "{}", report.text);
        }
    }
}
