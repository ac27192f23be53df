//! QR codes on a terminal: two rows of modules to a line, dark on light whatever the terminal's colours are.

use anstyle::{AnsiColor, Color, Style};
use std::{
    io::{self, IsTerminal as _, Read as _},
    sync::mpsc,
    thread,
    time::Duration,
};
use wallet_core::link::qr::{Code, Frames, SlipError};

const INK: Style = Style::new()
    .fg_color(Some(Color::Ansi(AnsiColor::Black)))
    .bg_color(Some(Color::Ansi(AnsiColor::BrightWhite)));

/// The light that has to be around a code, in modules.
const QUIET: usize = 4;

/// How long each frame of an animated code stands.
const STAND: Duration = Duration::from_millis(200);

/// A code as lines to print.
pub(crate) fn draw(text: &str) -> Result<String, SlipError> {
    let code = Code::of(text)?;
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < code.side());
        let place = inside(x).zip(inside(y)).map(|(x, y)| y * code.side() + x);
        place
            .and_then(|place| code.modules().get(place))
            .copied()
            .unwrap_or_default()
    };
    let width = code.side() + 2 * QUIET;
    let lines = (0..width).step_by(2).map(|y| {
        let halves = (0..width).map(|x| match (is_dark(x, y), is_dark(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        format!("{INK}{}{INK:#}\n", halves.collect::<String>())
    });
    Ok(lines.collect())
}

/// Shows what takes several codes, one after the other in one place, until somebody presses Enter; on stderr, for it is only for
/// the moment. Where nobody can watch, nothing is shown.
pub(crate) fn animate(frames: &Frames) -> Result<(), SlipError> {
    if !io::stderr().is_terminal() || !io::stdin().is_terminal() {
        return Ok(());
    }
    let (enter, pressed) = mpsc::channel::<()>();
    thread::spawn(move || {
        let _key = io::stdin().read(&mut [0]);
        drop(enter);
    });
    let (mut number, mut up) = (0, String::new());
    while pressed.recv_timeout(STAND) == Err(mpsc::RecvTimeoutError::Timeout) {
        let code = draw(frames.text(number))?;
        number += 1;
        // What was there before goes, also where it was larger.
        anstream::eprint!(
            "{up}{code}frame {number} of {}: Enter when it is read\n",
            frames.count()
        );
        up = format!("\x1b[{}A\x1b[J", code.lines().count() + 1);
    }
    Ok(())
}
