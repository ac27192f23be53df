//! Bytes as a series of small decisions.

/// What is left of an input. It never runs dry: behind its end lie zeros, and [`Input::is_empty`] says when to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// A number below `count`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    pub(super) fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// One of these.
    pub(super) fn one_of<'t, T>(&mut self, these: &'t [T]) -> &'t T {
        &these[self.below(these.len())]
    }

    /// A stretch of bytes with its length, of two bytes, in front; or whatever is left of it.
    pub(super) fn chunk(&mut self) -> &'a [u8] {
        let length = usize::from(self.number());
        let (chunk, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        chunk
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }
}

/// Writes what [`Input`] reads: for seeds.
#[derive(Clone, Debug, Default)]
pub(super) struct Script(pub(super) Vec<u8>);

impl Script {
    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn chunk(mut self, bytes: &[u8]) -> Self {
        let length = u16::try_from(bytes.len()).expect("a chunk of a seed is short");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.bytes(bytes)
    }
}
