//! How payments travel. What the receiver can recompute is not sent:
//!
//! | left out | recomputed from |
//! | --- | --- |
//! | the id of an input | the element itself: an input is written as a *distance*, how many outputs back it lies |
//! | the owner of an input | the output that created it |
//! | the amount of a transfer's last output | the sum of its inputs, less its other outputs |
//! | the holder key in a signer's certificate | the owner of the inputs it signs for |
//! | in an answer to a request: the payee's key and the reference of the final transfer | the request |
//!
//! There are two encodings. The *complete* one stands by itself: it goes to the bank, to a third
//! person, into a store. The *answer* is what a payee gets that knows its own request.
//!
//! ```text
//! payment  = [notes, [+ transfer], certificates]            complete
//! answer   = [notes, [* transfer, paying], certificates]    the final transfer without what the request says
//! transfer = [[+ distance], [key, *(amount, key)], reference, signatures]
//! paying   = [[+ distance], [*(amount, key)], signatures]
//! ```

use minicbor::{Decoder, Encoder, decode, encode};

use crate::{
    amount::{Amount, AmountError},
    cbor::DecodeError,
    certificate::without_holder_key,
    key::VerifyingKey,
    payment::{Payment, PaymentDecodeError, Resolved, StructureError},
    request::Request,
    signed::expect_array,
    transfer::{Outpoint, Output, Reference, SignedTransfer, Transfer, decode_signatures, encode_signatures},
};

const NAME: &str = "payment";

/// What the receiver of an answer knows without being told.
#[derive(Clone, Copy)]
struct Asked {
    payee: VerifyingKey,
    reference: Reference,
}

impl From<&Request> for Asked {
    fn from(request: &Request) -> Self {
        Self {
            payee: request.payee.body.holder_key,
            reference: request.reference(),
        }
    }
}

impl Payment {
    /// The complete encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encode_with(None)
    }

    /// The answer to `request`, or `None` if this payment does not answer it.
    #[must_use]
    pub fn encode_answer(&self, request: &Request) -> Option<Vec<u8>> {
        let asked = Asked::from(request);
        let paying = self.final_transfer();
        let answers = paying.reference == asked.reference
            && paying
                .outputs
                .first()
                .is_some_and(|output| output.holder_key == asked.payee);
        answers.then(|| self.encode_with(Some(asked)))
    }

    /// Reads the complete encoding.
    ///
    /// # Errors
    /// [`PaymentDecodeError`] for anything but the one encoding of a well-formed payment.
    pub fn decode(bytes: &[u8]) -> Result<Self, PaymentDecodeError> {
        Self::decode_with(bytes, None)
    }

    /// Reads an answer to `request`.
    ///
    /// # Errors
    /// [`PaymentDecodeError`] for anything but the one encoding of a well-formed payment.
    pub fn decode_answer(bytes: &[u8], request: &Request) -> Result<Self, PaymentDecodeError> {
        Self::decode_with(bytes, Some(request.into()))
    }

    fn encode_with(&self, asked: Option<Asked>) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to a vector cannot fail.
        let written = self.write(&mut Encoder::new(&mut bytes), asked);
        debug_assert!(written.is_ok());
        bytes
    }

    fn decode_with(bytes: &[u8], asked: Option<Asked>) -> Result<Self, PaymentDecodeError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(DecodeError::TooLarge {
                object: NAME,
                limit: Self::MAX_BYTES,
            }
            .into());
        }
        let payment = read(&mut Decoder::new(bytes), asked).map_err(|error| match error {
            ReadError::Decode(e) => PaymentDecodeError::Decode(DecodeError::malformed(NAME, &e)),
            ReadError::Structure(e) => PaymentDecodeError::Structure(e),
        })?;
        if payment.encode_with(asked) == bytes {
            Ok(payment)
        } else {
            Err(DecodeError::NotCanonical { object: NAME }.into())
        }
    }

    fn write<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        asked: Option<Asked>,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(3)?.encode(&self.notes)?;
        e.array(self.transfers.len() as u64)?;
        let mut outputs_before = self.notes.len();
        for (number, signed) in self.transfers.iter().enumerate() {
            let is_final = number + 1 == self.transfers.len();
            self.write_transfer(e, signed, outputs_before, asked.filter(|_| is_final))?;
            outputs_before += signed.transfer.outputs.len();
        }
        e.array(self.certificates.len() as u64)?;
        self.certificates
            .iter()
            .try_for_each(|certificate| without_holder_key::encode(certificate, e))
    }

    fn write_transfer<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        SignedTransfer { transfer, signatures }: &SignedTransfer,
        outputs_before: usize,
        asked: Option<Asked>,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(if asked.is_some() { 3 } else { 4 })?;

        e.array(transfer.inputs.len() as u64)?;
        for input in &transfer.inputs {
            // Every input of a well-formed payment lies before its use.
            let distance = self
                .resolved
                .index_of(input)
                .and_then(|index| outputs_before.checked_sub(index + 1));
            e.u64(distance.unwrap_or_default() as u64)?;
        }

        // Keys and amounts in turn: key 0, amount 0, key 1, ... and the last amount is implied.
        let items = transfer.outputs.len() * 2 - 1 - usize::from(asked.is_some());
        e.array(items as u64)?;
        for (number, output) in transfer.outputs.iter().enumerate() {
            if number > 0 || asked.is_none() {
                e.encode(output.holder_key)?;
            }
            if number + 1 < transfer.outputs.len() {
                e.encode(output.amount)?;
            }
        }

        if asked.is_none() {
            e.encode(transfer.reference)?;
        }
        encode_signatures(signatures, e)
    }
}

/// Either kind of trouble while reading; the public error adds the object's name.
enum ReadError {
    Decode(decode::Error),
    Structure(StructureError),
}

impl From<decode::Error> for ReadError {
    fn from(error: decode::Error) -> Self {
        Self::Decode(error)
    }
}

impl From<StructureError> for ReadError {
    fn from(error: StructureError) -> Self {
        Self::Structure(error)
    }
}

fn read(d: &mut Decoder<'_>, asked: Option<Asked>) -> Result<Payment, ReadError> {
    expect_array(d, 3)?;
    let mut resolved = Resolved::default();

    let mut notes = Vec::new();
    for _ in 0..length(d, Payment::MAX_ELEMENTS)? {
        let note = d.decode::<crate::signed::Signed<crate::note::Note>>()?;
        resolved.add_note(&note.body)?;
        notes.push(note);
    }

    let mut transfers = Vec::new();
    let count = length(d, Payment::MAX_ELEMENTS)?;
    for number in 1..=count {
        let signed = read_transfer(d, &resolved, asked.filter(|_| number == count))?;
        resolved.add_transfer(&signed)?;
        transfers.push(signed);
    }

    let signers = resolved
        .steps
        .last()
        .map(|step| step.owners.clone())
        .unwrap_or_default();
    if length(d, Transfer::MAX_PARTS)? != signers.len() {
        return Err(StructureError::CertificateMismatch.into());
    }
    let certificates = signers
        .into_iter()
        .map(|key| without_holder_key::decode(d, key))
        .collect::<Result<_, decode::Error>>()?;

    Ok(Payment::from_parts(notes, transfers, certificates, resolved)?)
}

fn read_transfer(
    d: &mut Decoder<'_>,
    resolved: &Resolved,
    asked: Option<Asked>,
) -> Result<SignedTransfer, ReadError> {
    expect_array(d, if asked.is_some() { 3 } else { 4 })?;
    let inputs = (0..length(d, Transfer::MAX_PARTS)?)
        .map(|_| read_input(d, resolved))
        .collect::<Result<Vec<_>, ReadError>>()?;
    let outputs = read_outputs(d, resolved.sum(&inputs)?, asked.map(|asked| asked.payee))?;
    let reference = match asked {
        Some(asked) => asked.reference,
        None => d.decode()?,
    };
    let signatures = decode_signatures(d)?;
    Ok(SignedTransfer {
        transfer: Transfer {
            inputs,
            outputs,
            reference,
        },
        signatures,
    })
}

fn read_input(d: &mut Decoder<'_>, resolved: &Resolved) -> Result<Outpoint, ReadError> {
    let distance = usize::try_from(d.u64()?).unwrap_or(usize::MAX);
    resolved
        .outputs
        .len()
        .checked_sub(1)
        .and_then(|last| last.checked_sub(distance))
        .and_then(|index| resolved.outputs.get(index))
        .map(|source| source.outpoint)
        .ok_or(ReadError::Structure(StructureError::UnknownInput))
}

fn read_outputs(
    d: &mut Decoder<'_>,
    consumed: Amount,
    payee: Option<VerifyingKey>,
) -> Result<Vec<Output>, ReadError> {
    let at = d.position();
    let items = length(d, Transfer::MAX_PARTS * 2)? + usize::from(payee.is_some());
    if items % 2 == 0 {
        return Err(decode::Error::message("keys and amounts do not alternate")
            .at(at)
            .into());
    }
    let count = items.div_ceil(2);
    let (mut outputs, mut left) = (Vec::new(), Some(consumed));
    for number in 1..=count {
        let holder_key = match payee {
            Some(payee) if number == 1 => payee,
            _ => d.decode()?,
        };
        let amount = if number == count { left } else { Some(d.decode()?) };
        let amount = amount.ok_or(StructureError::SumsDiffer { consumed })?;
        if amount.is_zero() {
            // An explicit zero is malformed; an implied one means that the others already add up.
            return Err(if number == count {
                StructureError::SumsDiffer { consumed }.into()
            } else {
                decode::Error::custom(AmountError::Zero).at(at).into()
            });
        }
        left = left.and_then(|left| left.checked_sub(amount));
        outputs.push(Output { holder_key, amount });
    }
    Ok(outputs)
}

/// The head of a definite-length array of at most `limit` elements.
fn length(d: &mut Decoder<'_>, limit: usize) -> Result<usize, decode::Error> {
    let at = d.position();
    d.array()?
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| *n <= limit)
        .ok_or_else(|| decode::Error::message("array too long, or of indefinite length").at(at))
}
