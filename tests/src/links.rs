//! What carries a tap, and a quick place for the files of many phones.

use std::path::Path;

use simulator::{Air, Frames, Handoff, TapReport};

/// What carries a tap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// APDUs, as over NFC.
    Nfc(Frames),
    /// The sessions' messages as they are, as over a socket.
    Messages,
}

impl Link {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::Nfc(Frames::Extended),
        Self::Nfc(Frames::Short),
        Self::Messages,
    ];

    /// Brings the phones together once.
    pub fn tap(self, handoff: &mut Handoff, air: &mut Air) -> TapReport {
        match self {
            Self::Nfc(frames) => handoff.tap(frames, air),
            Self::Messages => handoff.converse(air),
        }
    }

    /// A link of another kind.
    #[must_use]
    pub const fn another(self) -> Self {
        match self {
            Self::Nfc(_) => Self::Messages,
            Self::Messages => Self::Nfc(Frames::Extended),
        }
    }
}

/// For tests of what wallets write when, and not of the disk: where the system has a folder in memory, the files of
/// this process's worlds are there from now on.
pub fn files_in_memory() {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        // If another test of the process was faster, that is just as well.
        let _faster = tempfile::env::override_temp_dir(memory);
    }
}
