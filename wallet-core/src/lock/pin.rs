//! A PIN, and what trying one costs.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use protocol::code::{Code, Coded};
use zeroize::Zeroizing;

use super::PinError;

/// A PIN on its way into the wallet: bytes, never a string, wiped when dropped, never printed.
///
/// ```
/// use wallet_core::Pin;
///
/// let typed = b"271828";
/// let pin = Pin::new(typed).unwrap();
/// assert_eq!(format!("{pin:?}"), "Pin(…)");
/// ```
pub struct Pin {
    bytes: Zeroizing<Vec<u8>>,
    cost: PinCost,
}

/// A PIN has 4 to 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a PIN has 4 to 64 bytes")]
pub struct BadPin;

impl Coded for BadPin {
    fn code(&self) -> Code {
        Code::BadPin
    }
}

/// What it costs to try a PIN: the parameters of Argon2id. They are stored beside the salt, so that a later version can ask
/// for more; a wallet that is unlocked with a PIN of a higher cost is sealed anew at that cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinCost {
    memory_kib: u32,
    passes: u32,
}

impl PinCost {
    /// What a PIN costs unless somebody says otherwise: 64 MiB and 3 passes, the second choice of RFC 9106 on one lane, because
    /// a phone's app has no cores to spare.
    pub const STANDARD: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
    };

    /// Another price, from 8 KiB and 1 pass up to 1 GiB and 64 passes. Less than the standard is for tests.
    #[must_use]
    pub const fn new(memory_kib: u32, passes: u32) -> Option<Self> {
        if memory_kib >= 8 && memory_kib <= 1 << 20 && passes >= 1 && passes <= 64 {
            Some(Self { memory_kib, passes })
        } else {
            None
        }
    }

    pub(super) const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    pub(super) const fn passes(self) -> u32 {
        self.passes
    }

    /// Whether this asks for more than the other, in all.
    pub(crate) const fn is_above(self, other: Self) -> bool {
        self.work() > other.work()
    }

    const fn work(self) -> u64 {
        self.memory_kib as u64 * self.passes as u64
    }
}

impl Default for PinCost {
    fn default() -> Self {
        Self::STANDARD
    }
}

impl Pin {
    /// Copies what was typed; wiping the original is the caller's part.
    ///
    /// # Errors
    /// [`BadPin`].
    pub fn new(typed: &[u8]) -> Result<Self, BadPin> {
        if !(4..=64).contains(&typed.len()) {
            return Err(BadPin);
        }
        Ok(Self {
            bytes: Zeroizing::new(typed.to_vec()),
            cost: PinCost::STANDARD,
        })
    }

    /// The same PIN at another price. When it is set, this is what it will cost; when it unlocks, the price is raised to this.
    #[must_use]
    pub fn at_cost(mut self, cost: PinCost) -> Self {
        self.cost = cost;
        self
    }

    pub(crate) const fn cost(&self) -> PinCost {
        self.cost
    }

    /// What the PIN and this salt come to, at this price.
    pub(super) fn stretch(&self, salt: &[u8; 16], cost: PinCost) -> Result<Zeroizing<[u8; 32]>, PinError> {
        let params =
            Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| PinError::OutOfMemory)?;
        let mut memory = Zeroizing::new(Vec::new());
        memory
            .try_reserve_exact(params.block_count())
            .map_err(|_| PinError::OutOfMemory)?;
        memory.resize(params.block_count(), Block::new());
        let mut stretched = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                &self.bytes,
                salt,
                stretched.as_mut_slice(),
                memory.as_mut_slice(),
            )
            .map_err(|_| PinError::OutOfMemory)?;
        Ok(stretched)
    }
}

/// Says only that there is a PIN.
impl core::fmt::Debug for Pin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9106 has no vector without a secret and associated data; this one is what the reference implementation says.
    #[test]
    fn a_pin_is_stretched_by_argon2id() {
        const REFERENCE: [u8; 32] = [
            0xf0, 0x16, 0x7c, 0x78, 0xf4, 0x7a, 0xd8, 0x50, 0xc8, 0x81, 0xd8, 0x1f, 0x27, 0x95, 0x16, 0x32,
            0x4a, 0x59, 0x7a, 0xac, 0xe2, 0xa8, 0xba, 0xc2, 0xe0, 0x29, 0x4e, 0xc8, 0x42, 0x28, 0x4d, 0x6c,
        ];
        let cost = PinCost::new(64, 2).unwrap();
        let stretched = |pin: &[u8], cost| {
            let pin = Pin::new(pin).unwrap();
            *pin.stretch(b"dcep salt 16 byt", cost).unwrap()
        };
        assert_eq!(stretched(b"271828", cost), REFERENCE);
        assert_ne!(stretched(b"271828", cost), stretched(b"271829", cost));
        assert_ne!(
            stretched(b"271828", cost),
            stretched(b"271828", PinCost::new(64, 3).unwrap())
        );
    }

    #[test]
    fn a_pin_has_a_length_and_a_price_bounds() {
        for (length, fits) in [(0, false), (3, false), (4, true), (64, true), (65, false)] {
            assert_eq!(Pin::new(&vec![b'1'; length]).is_ok(), fits, "{length}");
        }
        for (memory, passes, sound) in [
            (7, 1, false),
            (8, 0, false),
            (8, 1, true),
            (1 << 20, 64, true),
            (u32::MAX, 1, false),
            (8, 65, false),
        ] {
            assert_eq!(PinCost::new(memory, passes).is_some(), sound, "{memory} {passes}");
        }
        assert!(PinCost::STANDARD.is_above(PinCost::new(64 * 1024, 2).unwrap()));
        assert!(!PinCost::STANDARD.is_above(PinCost::STANDARD));
    }
}
