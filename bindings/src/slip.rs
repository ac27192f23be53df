//! Paying without NFC: what one phone shows as a code, or hands over as a file, and another reads.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wallet_core::link::qr;

use crate::{
    Amount, Consent, HandoffOutcome, PayeeName, PaymentRequest, Wallet,
    error::{PayError, ReceiveError, SlipError, TapError, WalletError},
    input,
};

/// What a slip is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, uniffi::Enum)]
pub enum SlipKind {
    /// What a payee asks: the payer reads it with `readRequest`, and pays it with `payRequest`.
    Request,
    /// A payment: the payee takes it with `takeSlip`.
    Payment,
    /// A receipt, perhaps with money back: whoever signed what it is for takes it with `takeSlip`.
    Receipt,
    /// A refund: whoever paid takes it with `takeSlip`.
    Refund,
}

/// What one phone shows and another reads, where nobody can answer at once: a request, a payment, a receipt, a refund. It
/// travels in clear, as codes or as a file. Safe to show and to read any number of times: nothing is paid or credited twice.
#[derive(uniffi::Object)]
pub struct Slip {
    slip: protocol::Slip,
    frames: OnceLock<Result<qr::Frames, SlipError>>,
}

impl From<protocol::Slip> for Slip {
    fn from(slip: protocol::Slip) -> Self {
        Self {
            slip,
            frames: OnceLock::new(),
        }
    }
}

impl Slip {
    fn shared(slip: protocol::Slip) -> Arc<Self> {
        Arc::new(slip.into())
    }

    fn frames(&self) -> Result<&qr::Frames, SlipError> {
        let frames = self.frames.get_or_init(|| Ok(qr::Frames::of(&self.slip)?));
        frames.as_ref().map_err(Clone::clone)
    }
}

#[uniffi::export]
impl Slip {
    /// Reads a slip that came as a file.
    #[uniffi::constructor]
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SlipError> {
        Ok(qr::read_file(&bytes)?.into())
    }

    /// The slip as a file.
    pub fn bytes(&self) -> Result<Vec<u8>, SlipError> {
        Ok(self.slip.encode())
    }

    /// What it is.
    pub fn kind(&self) -> Result<SlipKind, SlipError> {
        Ok(match &self.slip {
            protocol::Slip::Request(_) => SlipKind::Request,
            protocol::Slip::Payment { .. } => SlipKind::Payment,
            protocol::Slip::Receipt { .. } => SlipKind::Receipt,
            protocol::Slip::Refund { .. } => SlipKind::Refund,
        })
    }

    /// With 1 the slip is one code that stands still. With more it is an animated one: show frame 0, 1, 2 and so on without
    /// end, some five a second; whoever reads them may miss any.
    pub fn frame_count(&self) -> Result<u32, SlipError> {
        Ok(u32::try_from(self.frames()?.count()).unwrap_or(u32::MAX))
    }

    /// A frame. There is one for every number.
    pub fn frame(&self, number: u32) -> Result<QrFrame, SlipError> {
        let text = self.frames()?.text(usize::try_from(number).unwrap_or_default());
        let code = qr::Code::of(text)?;
        Ok(QrFrame {
            text: text.to_owned(),
            side: u32::try_from(code.side()).unwrap_or_default(),
            modules: code.modules().iter().map(|dark| u8::from(*dark)).collect(),
        })
    }
}

/// A QR code to draw, or the text of it for a library that draws.
#[derive(Clone, PartialEq, Eq, Hash, Debug, uniffi::Record)]
pub struct QrFrame {
    /// What it says, in the alphabet of alphanumeric mode.
    pub text: String,
    /// How many modules there are along each side. Around them there must be four modules of light.
    pub side: u32,
    /// One byte a module, row by row from the top left: 1 is dark, 0 light.
    pub modules: Vec<u8>,
}

/// Reads a slip from the codes that a camera sees, in any order, with any of them missed or seen twice. It follows what is
/// shown: a code of another slip begins that one.
#[derive(uniffi::Object, Default)]
pub struct SlipScanner {
    scanner: Mutex<qr::Scanner>,
}

#[uniffi::export]
impl SlipScanner {
    /// One that has seen nothing.
    #[uniffi::constructor]
    pub fn new() -> Result<Self, SlipError> {
        Ok(Self::default())
    }

    /// Takes the text of a code. After `Foreign` go on: what was read before stays. After another error as well, if need be from
    /// the beginning.
    pub fn scan(&self, text: &str) -> Result<ScanProgress, SlipError> {
        let mut scanner = self.scanner.lock().unwrap_or_else(PoisonError::into_inner);
        let slip = scanner.scan(text)?;
        Ok(ScanProgress {
            percent: if slip.is_some() { 100 } else { scanner.percent() },
            slip: slip.map(Slip::shared),
        })
    }
}

/// How far a slip is read.
#[derive(Clone, uniffi::Record)]
pub struct ScanProgress {
    /// Of a hundred.
    pub percent: u8,
    /// The slip, once it is complete. The next code begins another.
    pub slip: Option<Arc<Slip>>,
}

/// A payment, signed and to be shown to its payee.
#[derive(Clone, uniffi::Record)]
pub struct SlipPayment {
    /// The transfer: 64 hexadecimal digits. In doubt until a receipt comes back, a tap with the payee, or a sync.
    pub transfer: String,
    /// How much is paid.
    pub amount: Amount,
    /// Whom.
    pub payee: PayeeName,
    /// The request had been paid before: this is that payment, and nothing was paid now.
    pub repeated: bool,
    /// What to show.
    pub slip: Arc<Slip>,
}

/// What became of a slip that was taken.
#[derive(Clone, uniffi::Record)]
pub struct TakenSlip {
    /// As after a tap.
    pub outcome: HandoffOutcome,
    /// It had been taken before: this is no news, and above all no new money.
    pub repeated: bool,
    /// What to show in answer: a receipt.
    pub answer: Option<Arc<Slip>>,
}

/// Paying and being paid by codes and files.
#[uniffi::export]
impl Wallet {
    /// A request of this wallet, to show it to a payer: the vault signs it. Whoever sees it can pay it: once.
    pub fn request_slip(&self, request: &str) -> Result<Arc<Slip>, ReceiveError> {
        let slip = self.core().request_slip(&input::request(request)?)?;
        Ok(Slip::shared(slip))
    }

    /// What a request that was read asks, once it is shown to be its payee's own: to show to the holder before it pays.
    pub fn read_request(&self, slip: &Slip) -> Result<PaymentRequest, PayError> {
        let request = asked(slip)?;
        self.core().check_request(request)?;
        Ok(request.body.clone().into())
    }

    /// Pays a request that was read, within the holder's consent, and returns the payment to show to the payee. The vault asks
    /// the holder as in `pay`. A request that was paid before gets the same payment again.
    pub fn pay_request(&self, slip: &Slip, consent: Consent) -> Result<SlipPayment, PayError> {
        let request = asked(slip)?;
        let paid = self.told(self.core().pay_request(request, consent.try_into()?))?;
        Ok(SlipPayment {
            transfer: paid.transfer.to_string(),
            amount: paid.amount.into(),
            payee: request.body.payee_name().into(),
            repeated: paid.repeated,
            slip: Slip::shared(paid.slip),
        })
    }

    /// What this wallet once signed for somebody, to show it again: a payment, a return or a refund, always the same. `None`
    /// if there is no such transfer, or it is for the bank.
    pub fn payment_slip(&self, transfer: &str) -> Result<Option<Arc<Slip>>, WalletError> {
        let slip = self.core().slip_of(&input::transfer(transfer)?)?;
        Ok(slip.map(Slip::shared))
    }

    /// Takes a payment of one of this wallet's requests, a receipt for what it signed, or a refund. The same slip again
    /// changes nothing and gets the same answer. A payment that cannot be taken has the outcome `Refused`.
    pub fn take_slip(&self, slip: &Slip) -> Result<TakenSlip, TapError> {
        let took = self.told(self.core().take(&slip.slip))?;
        Ok(TakenSlip {
            outcome: took.outcome.into(),
            repeated: took.repeated,
            answer: took.answer.map(Slip::shared),
        })
    }
}

fn asked(slip: &Slip) -> Result<&protocol::Signed<protocol::Request>, PayError> {
    match &slip.slip {
        protocol::Slip::Request(request) => Ok(request),
        _ => Err(PayError::NothingAsked),
    }
}
