//! Secrets from a person: typed at the terminal without being shown, or a line on stdin. Never from the command line or the
//! environment, where other programs see them.

use std::io::{self, IsTerminal as _, Read as _};
use wallet_core::Pin;
use zeroize::Zeroizing;

use crate::{failure::Failure, terminal};

/// No secret is longer.
const LONGEST: usize = 512;

/// Asks for a PIN.
pub(crate) fn pin(what: &str) -> Result<Pin, Failure> {
    Ok(Pin::new(&line(what)?)?)
}

/// Asks for a line, which is not shown.
pub(crate) fn line(what: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let _hidden = Hidden::new();
    if io::stdin().is_terminal() {
        terminal::note(format!("{what}:"));
    }
    read().map_err(Failure::file("read", "stdin"))
}

/// Byte by byte, into a place of its own: a buffered reader would keep a copy.
fn read() -> io::Result<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    let mut input = unbuffered()?;
    while line.len() < LONGEST && input.read(byte.as_mut_slice())? == 1 {
        match *byte {
            [b'\n'] => break,
            [other] => line.push(other),
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line)
}

#[cfg(unix)]
fn unbuffered() -> io::Result<impl io::Read> {
    use std::os::fd::AsFd as _;
    Ok(std::fs::File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(not(unix))]
fn unbuffered() -> io::Result<impl io::Read> {
    Ok(io::stdin())
}

/// While this lives, the terminal does not show what is typed.
struct Hidden {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl Hidden {
    fn new() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin()).ok();
        if let Some(shown) = &before {
            let mut hidden = shown.clone();
            hidden.local_modes.remove(LocalModes::ECHO);
            // A terminal that shows it all the same is the person's to see.
            let _hidden = tcsetattr(io::stdin(), OptionalActions::Flush, &hidden);
        }
        Self { before }
    }
}

#[cfg(not(unix))]
impl Hidden {
    const fn new() -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.before {
            let _shown = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}
