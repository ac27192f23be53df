//! Messages in smart card commands (ISO/IEC 7816-4:2005), as NFC carries them.
//!
//! The [`Reader`] turns each message into one or more command APDUs; the [`Card`] turns these into
//! a message for its [`CardApplication`], and the reply into response APDUs. Bytes in hexadecimal:
//!
//! | command | CLA INS P1 P2 | body | answer |
//! | --- | --- | --- | --- |
//! | SELECT | `00 A4 04 00` | `06` `F0 44 43 45 50 01` `00` | `6F 06 A5 04 80 02` *v* *r*, `9000` |
//! | EXCHANGE, extended | `80 50` *n* `00` | `00` *Lc Lc* *message* `00 00` | *reply*, `9000` |
//! | EXCHANGE, short, not the last | `90 50` *n* `00` | `FF` *255 bytes of the message* | `9000` |
//! | EXCHANGE, short, last or only | `80 50` *n* `00` | *Lc* *rest* `00` | up to 256 bytes of *reply*, *s* |
//! | GET RESPONSE | `00 C0 00 00` | *xx* | up to *xx* bytes more of it, *s* |
//!
//! - SELECT opens a session and ends the one before. *v* is the protocol version, `01`; *r* is what
//!   the card is in the payment: `01` payee, `02` payer. A card that nobody armed answers `6A82`,
//!   as if there were no wallet.
//! - *n* counts the messages of a session, from 0. Any other number is refused and changes nothing
//!   in the session, so no message is ever delivered twice or out of order.
//! - *s* is `9000` at the end of the reply, else `61` *xx*: so many bytes are left, and `00` means
//!   256 or more.
//! - An empty message has neither Lc nor data: `80 50` *n* `00 00`, or extended
//!   `80 50` *n* `00 00 00 00`.
//! - A message arriving in a chain (section 5.1.1.1) and a reply fetched in parts survive only the
//!   command that continues them; any other command, refused or not, drops them.
//! - A refusal by the application ends the session: then only SELECT goes on.
//!
//! | status | the card says so when |
//! | --- | --- |
//! | `6700` | the lengths do not add up; an Le is missing or where none belongs; a command of a chain has no data; the message is too long |
//! | `6883` | GET RESPONSE or an extended command arrives in the middle of a chain |
//! | `6884` | SELECT, GET RESPONSE or an extended command has the chaining bit |
//! | `6982`, `6985`, `6A80` | the application refuses ([`CardFailure`]) |
//! | `6985` | nothing is selected, or there is no reply to fetch |
//! | `6A82` | another application is selected, or the card is not armed |
//! | `6A86` | P1 or P2 is wrong; of EXCHANGE: *n* is not the next number |
//! | `6D00`, `6E00` | the instruction or the class is none of the above |
//! | `6F00` | the application's reply is too long |
//!
//! Too long is more than [`MAX_MESSAGE`](super::MAX_MESSAGE) bytes.
//!
//! A whole exchange:
//!
//! ```
//! use wallet_core::link::apdu::{
//!     Card, CardApplication, CardFailure, CardRole, FrameSize, LinkError, Reader, Step,
//! };
//!
//! struct Greeter;
//!
//! impl CardApplication for Greeter {
//!     fn role(&self) -> Option<CardRole> {
//!         Some(CardRole::Payee)
//!     }
//!     fn select(&mut self) {}
//!     fn exchange(&mut self, message: &[u8]) -> Result<Vec<u8>, CardFailure> {
//!         Ok([b"hello, ", message].concat())
//!     }
//! }
//!
//! # fn main() -> Result<(), LinkError> {
//! let (mut card, mut reader) = (Card::default(), Reader::new(FrameSize::Extended));
//! let mut command = reader.select();
//! let reply = loop {
//!     let response = card.process(&mut Greeter, &command); // over the air, in an app
//!     command = match reader.receive(&response)? {
//!         Step::Transmit(next) => next,
//!         Step::Selected(_payee) => reader.send(b"world")?,
//!         Step::Message(reply) => break reply,
//!     };
//! };
//! assert_eq!(reply, b"hello, world");
//! # Ok(())
//! # }
//! ```

mod card;
mod command;
mod reader;
mod response;
mod selection;
mod status;

pub use self::{
    card::{Card, CardApplication, CardFailure, Unarmed},
    command::{Command, CommandError, FrameSize, Header},
    reader::{LinkError, Reader, Step},
    response::Response,
    selection::{AID, CardRole, PROTOCOL_VERSION},
    status::StatusWord,
};

/// Class byte of the commands that ISO 7816-4 itself defines (section 5.1.1).
const CLASS_INTERINDUSTRY: u8 = 0x00;
/// Class byte of commands of our own (section 5.1.1).
const CLASS_PROPRIETARY: u8 = 0x80;
/// The bit in either class that says: this command is not the last of its chain (section 5.1.1.1).
const CHAINING: u8 = 0x10;

/// SELECT (section 7.1.1).
const INS_SELECT: u8 = 0xA4;
/// GET RESPONSE (section 7.6.1).
const INS_GET_RESPONSE: u8 = 0xC0;
/// EXCHANGE, ours: one message, or a part of one.
const INS_EXCHANGE: u8 = 0x50;

#[cfg(test)]
mod tests;
