//! Response APDUs: data, then the status word (ISO/IEC 7816-4:2005, section 5.1).

use super::StatusWord;

/// What a card answers to a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The data field, possibly empty.
    pub data: Vec<u8>,
    /// How the command went.
    pub status: StatusWord,
}

impl Response {
    /// A response without data.
    #[must_use]
    pub const fn status(status: StatusWord) -> Self {
        Self {
            data: Vec::new(),
            status,
        }
    }

    /// The response on the wire.
    #[must_use]
    pub fn encode(mut self) -> Vec<u8> {
        self.data.extend(self.status.to_bytes());
        self.data
    }

    /// The response in these bytes; `None` if there are fewer than two. Everything else is one.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (data, &status) = bytes.split_last_chunk::<2>()?;
        Some(Self {
            data: data.to_vec(),
            status: status.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips() {
        for bytes in [&[0x90, 0x00][..], &[1, 2, 3, 0x61, 0x10]] {
            let response = Response::decode(bytes).unwrap();
            assert_eq!(response.data, bytes[..bytes.len() - 2]);
            assert_eq!(response.encode(), bytes);
        }
        assert_eq!(Response::decode(&[]), None);
        assert_eq!(Response::decode(&[0x90]), None);
    }
}
