//! A socket in place of the air: the very same APDUs as over NFC, each behind its length in two bytes, big-endian.
//!
//! An empty frame is the reader's goodbye, so that the card can tell the end of a handoff from a broken connection.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};
use wallet_core::{
    Session, TapError,
    handoff::Tap,
    link::apdu::{Card, FrameSize},
};

use crate::failure::Failure;

/// How long one side waits for the other's next frame. The other may be asking its user.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a contact ended before its handoff did.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The connection broke.
    Torn,
    /// One side did not understand the other, or did not want to.
    Tap(TapError),
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self::Torn
    }
}

/// One contact in which this side is the reader.
pub(crate) fn as_reader(
    line: &mut (impl Read + Write),
    session: &mut Session,
    frames: FrameSize,
) -> Result<(), Ended> {
    let (mut tap, mut command) = Tap::begin(session, frames).map_err(Ended::Tap)?;
    loop {
        write_frame(line, &command)?;
        let response = read_frame(line)?;
        match tap.receive(session, &response).map_err(Ended::Tap)? {
            Some(next) => command = next,
            None => break,
        }
    }
    // Everything is said; if the goodbye does not arrive, nothing is lost but a politer end.
    let _polite = write_frame(line, &[]);
    Ok(())
}

/// One contact in which this side is the card.
pub(crate) fn as_card(line: &mut (impl Read + Write), session: &mut Session) -> Result<(), Ended> {
    let mut card = Card::default();
    loop {
        let command = read_frame(line)?;
        if command.is_empty() {
            return Ok(());
        }
        write_frame(line, &card.process(session, &command))?;
    }
}

/// Connects to the other side.
pub(crate) fn connect(address: &str) -> Result<TcpStream, Failure> {
    TcpStream::connect(address)
        .and_then(prepared)
        .map_err(|source| Failure::Peer {
            address: address.to_owned(),
            source,
        })
}

/// Waits for the other side to connect; `listening` is told the address as soon as it can.
pub(crate) fn accept(address: &str, listening: impl FnOnce(&str)) -> Result<TcpStream, Failure> {
    let wait = || {
        let listener = TcpListener::bind(address)?;
        listening(&listener.local_addr()?.to_string());
        listener.accept().and_then(|(stream, _)| prepared(stream))
    };
    wait().map_err(|source| Failure::Listen {
        address: address.to_owned(),
        source,
    })
}

fn prepared(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn write_frame(line: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    let length = u16::try_from(frame.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // In one piece: a frame is one packet wherever it fits.
    line.write_all(&[&length.to_be_bytes(), frame].concat())?;
    line.flush()
}

fn read_frame(line: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    line.read_exact(&mut length)?;
    let mut frame = vec![0; usize::from(u16::from_be_bytes(length))];
    line.read_exact(&mut frame)?;
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_went() {
        let mut line = Vec::new();
        for frame in [&b"\x00\xa4"[..], b"", &[7; 65_535]] {
            write_frame(&mut line, frame).unwrap();
        }
        assert_eq!(line[..4], [0, 2, 0x00, 0xa4]);
        let mut line = line.as_slice();
        assert_eq!(read_frame(&mut line).unwrap(), b"\x00\xa4");
        assert_eq!(read_frame(&mut line).unwrap(), b"");
        assert_eq!(read_frame(&mut line).unwrap(), [7; 65_535]);
        assert!(read_frame(&mut line).is_err());
        assert!(write_frame(&mut Vec::new(), &[0; 65_536]).is_err());
    }

    #[test]
    fn half_a_frame_is_none() {
        assert!(read_frame(&mut &[0][..]).is_err());
        assert!(read_frame(&mut &[0, 2, 1][..]).is_err());
    }
}
