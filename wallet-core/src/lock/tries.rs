//! What the guard knows of a lock: the newest envelope, and how many wrong PINs were tried since when.
//!
//! | wrong PINs in a row | wait before the next try |
//! | --- | --- |
//! | up to 4 | none |
//! | 5 | 30 s |
//! | each further one | twice as long, up to an hour |
//!
//! A try is counted before it is made, and a right PIN sets the count to zero. The wait is measured by the device's clock, for
//! a locked wallet knows no other time. A clock that was set back begins the wait anew: it never shortens it, and however
//! wrong it was, it never makes it longer than an hour from then.

use protocol::Timestamp;
use sha2::{Digest as _, Sha256};

use super::Envelope;
use crate::{
    guard::{GuardUnavailable, Head, RollbackGuard, WalletId},
    store::OpenError,
};

/// So many wrong PINs cost nothing but their price.
const FREE: u32 = 5;

/// The first wait, and the longest.
const FIRST_WAIT: u64 = 30;
const LONGEST_WAIT: u64 = 3_600;

/// As many wrong PINs as it takes for the longest wait.
const MANY: u32 = FREE + 7;

/// The lock of one wallet, as the guard has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lock {
    /// Where it stands in the guard, and how often it was written.
    place: WalletId,
    number: u64,
    /// The envelope that opens the wallet.
    current: [u8; 8],
    /// The one that is about to take its place.
    next: Option<[u8; 8]>,
    failed: u32,
    since: Timestamp,
}

impl Lock {
    /// The lock of this wallet, whose file has this envelope. `None`: it never had a PIN.
    ///
    /// An envelope that the guard does not know comes from an older copy of the files: it would open with a PIN that is no
    /// more, or without one.
    pub(crate) fn admit(
        guard: &dyn RollbackGuard,
        wallet: &WalletId,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<Option<Self>, OpenError> {
        let place = place(wallet);
        let Some(head) = guard.read(&place)? else {
            // A file with a PIN, and a guard that never heard of it: it forgot, or the file is from elsewhere. Whoever
            // arranged that gets no free tries.
            let cautious = Self {
                failed: MANY,
                since: now,
                ..Self::first(wallet, envelope)
            };
            return envelope
                .has_pin()
                .then(|| cautious.write(guard, None))
                .transpose()
                .map_err(OpenError::from);
        };
        let lock = Self::from_head(&head);
        let found = envelope.digest();
        if lock.next == Some(found) {
            return Ok(Some(lock.settled(guard)?));
        }
        if lock.current != found {
            return Err(OpenError::Superseded);
        }
        if lock.wait_began_later_than(now) {
            return Ok(Some(Self { since: now, ..lock }.write(guard, Some(&head))?));
        }
        Ok(Some(lock))
    }

    /// That of a wallet which gets its first PIN.
    pub(crate) fn first(wallet: &WalletId, envelope: &Envelope) -> Self {
        Self {
            place: place(wallet),
            number: 0,
            current: envelope.digest(),
            next: None,
            failed: 0,
            since: Timestamp::default(),
        }
    }

    /// How many wrong PINs there were in a row.
    pub(crate) const fn failed(&self) -> u32 {
        self.failed
    }

    /// In how many seconds a PIN may be tried.
    pub(crate) const fn wait(&self, now: Timestamp) -> u64 {
        let waited = now.seconds().saturating_sub(self.since.seconds());
        wait_after(self.failed).saturating_sub(waited)
    }

    /// A PIN is about to be tried.
    pub(crate) fn charged(
        &self,
        guard: &dyn RollbackGuard,
        now: Timestamp,
    ) -> Result<Self, GuardUnavailable> {
        let charged = Self {
            failed: self.failed.saturating_add(1),
            since: now,
            ..*self
        };
        charged.write(guard, self.head_if_written().as_ref())
    }

    /// It was the right one.
    pub(crate) fn cleared(&self, guard: &dyn RollbackGuard) -> Result<Self, GuardUnavailable> {
        let cleared = Self { failed: 0, ..*self };
        cleared.write(guard, self.head_if_written().as_ref())
    }

    /// This envelope is about to be written: from now on either opens the wallet.
    pub(crate) fn expecting(
        &self,
        guard: &dyn RollbackGuard,
        envelope: &Envelope,
    ) -> Result<Self, GuardUnavailable> {
        let expecting = Self {
            next: Some(envelope.digest()),
            failed: 0,
            ..*self
        };
        expecting.write(guard, self.head_if_written().as_ref())
    }

    /// It is written: from now on it alone does.
    pub(crate) fn settled(&self, guard: &dyn RollbackGuard) -> Result<Self, GuardUnavailable> {
        let settled = Self {
            current: self.next.unwrap_or(self.current),
            next: None,
            ..*self
        };
        settled.write(guard, self.head_if_written().as_ref())
    }

    const fn wait_began_later_than(&self, now: Timestamp) -> bool {
        wait_after(self.failed) > 0 && now.seconds() < self.since.seconds()
    }

    fn write(self, guard: &dyn RollbackGuard, known: Option<&Head>) -> Result<Self, GuardUnavailable> {
        let written = Self {
            number: self.number.saturating_add(1),
            ..self
        };
        let head = written.head();
        if guard.advance(known, &head)? == head {
            Ok(written)
        } else {
            Err(GuardUnavailable)
        }
    }

    fn head_if_written(&self) -> Option<Head> {
        (self.number > 0).then(|| self.head())
    }

    /// `current (8 bytes) ‖ next, or zeros (8) ‖ failed (4) ‖ since (8) ‖ zeros (4)`, in the place of a digest.
    fn head(&self) -> Head {
        let fields = [
            self.current.as_slice(),
            &self.next.unwrap_or_default(),
            &self.failed.to_be_bytes(),
            &self.since.seconds().to_be_bytes(),
        ];
        let mut digest = [0; 32];
        digest
            .iter_mut()
            .zip(fields.concat())
            .for_each(|(to, from)| *to = from);
        Head {
            wallet: self.place,
            number: self.number,
            digest,
        }
    }

    fn from_head(head: &Head) -> Self {
        let mut bytes = head.digest.iter().copied();
        let current: [u8; 8] = take(&mut bytes);
        let next: [u8; 8] = take(&mut bytes);
        let failed = u32::from_be_bytes(take(&mut bytes));
        let since = Timestamp::from_seconds(u64::from_be_bytes(take(&mut bytes)));
        Self {
            place: head.wallet,
            number: head.number,
            current,
            next: (next != [0; 8]).then_some(next),
            failed,
            since,
        }
    }
}

/// The lock stands in the guard beside the journal's head, under a name of its own.
fn place(wallet: &WalletId) -> WalletId {
    let mut digest = Sha256::new();
    digest.update(b"dcep/1/lock\0");
    digest.update(wallet.0);
    let digest: [u8; 32] = digest.finalize().into();
    WalletId(take(&mut digest.iter().copied()))
}

fn take<const N: usize>(bytes: &mut impl Iterator<Item = u8>) -> [u8; N] {
    let mut taken = [0; N];
    taken.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    taken
}

const fn wait_after(failed: u32) -> u64 {
    if failed < FREE {
        return 0;
    }
    let doublings = if failed < MANY { failed - FREE } else { MANY - FREE };
    let wait = FIRST_WAIT << doublings;
    if wait < LONGEST_WAIT { wait } else { LONGEST_WAIT }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::MemoryGuard;

    const WALLET: WalletId = WalletId([5; 16]);

    fn envelope(byte: u8, pin: bool) -> Envelope {
        Envelope {
            wrapped: vec![byte; 72],
            pin: pin.then(|| vec![byte; 100]),
        }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn the_schedule_is_the_documented_one() {
        let waits: Vec<u64> = (0..15).map(wait_after).collect();
        assert_eq!(
            waits,
            [
                0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600
            ]
        );
        assert_eq!(wait_after(u32::MAX), 3_600);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let guard = MemoryGuard::default();
        let lock = Lock::first(&WALLET, &envelope(1, false));
        let lock = lock.expecting(&guard, &envelope(2, true)).unwrap();
        assert_eq!(Lock::from_head(&lock.head()), lock);
        let lock = lock.charged(&guard, at(77)).unwrap();
        assert_eq!(
            Lock::from_head(&guard.read(&place(&WALLET)).unwrap().unwrap()),
            lock
        );
        assert_eq!((lock.failed(), lock.since, lock.number), (1, at(77), 2));
        // A second copy does not get a try for free: what it knows is stale.
        let stale = Lock { number: 1, ..lock };
        assert_eq!(stale.charged(&guard, at(78)), Err(GuardUnavailable));
    }

    #[test]
    fn while_a_pin_is_set_either_envelope_opens_and_afterwards_only_the_new_one() {
        let guard = MemoryGuard::default();
        let (old, new, older) = (envelope(1, false), envelope(2, true), envelope(3, true));
        let admit = |envelope: &Envelope| Lock::admit(&guard, &WALLET, envelope, at(9));
        assert_eq!(admit(&old), Ok(None));
        let lock = Lock::first(&WALLET, &old).expecting(&guard, &new).unwrap();
        assert_eq!(admit(&old), Ok(Some(lock)));
        assert_eq!(admit(&older), Err(OpenError::Superseded));
        let settled = admit(&new).unwrap().unwrap();
        assert_eq!((settled.current, settled.next), (new.digest(), None));
        assert_eq!(admit(&old), Err(OpenError::Superseded));
        assert_eq!(admit(&new), Ok(Some(settled)));
    }

    #[test]
    fn a_guard_that_forgot_gives_no_free_tries() {
        let guard = MemoryGuard::default();
        let lock = Lock::admit(&guard, &WALLET, &envelope(1, true), at(1_000))
            .unwrap()
            .unwrap();
        assert_eq!(lock.wait(at(1_000)), 3_600);
        let again = Lock::admit(&guard, &WALLET, &envelope(1, true), at(1_600))
            .unwrap()
            .unwrap();
        assert_eq!(again.wait(at(1_600)), 3_000);
    }

    #[test]
    fn a_clock_set_back_begins_the_wait_anew() {
        let guard = MemoryGuard::default();
        let envelope = envelope(1, true);
        let mut lock = Lock::first(&WALLET, &envelope);
        for second in 0..5 {
            lock = lock.charged(&guard, at(4_000_000_000 + second)).unwrap();
        }
        assert_eq!(lock.wait(at(4_000_000_004)), 30);
        let back = Lock::admit(&guard, &WALLET, &envelope, at(100)).unwrap().unwrap();
        assert_eq!(back.wait(at(100)), 30);
        let later = Lock::admit(&guard, &WALLET, &envelope, at(129)).unwrap().unwrap();
        assert_eq!(later.wait(at(129)), 1);
        assert_eq!(later.wait(at(130)), 0);
    }
}
