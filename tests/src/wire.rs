//! Everything that has a wire form, by the name that the wire specification gives it.

use protocol::{
    Attribution, Code, Coded, DecodeError, ForkProof, HolderCertificate, Note, OperatorCertificate, Payment,
    PaymentDecodeError, Policy, Receipt, ReceiptFile, Request, Series, Signed, SignedTransfer, Slip,
    StaticKeyHash, StatusAuthority, StatusList, Transfer, TrustBundle,
    attribution::NeverCertified,
    bank::{Call, KeyApplication, Reply},
    cbor,
    message::{PayeeMessage, PayerMessage},
};

/// The names of all kinds.
pub const KINDS: [&str; 25] = [
    "signed-operator",
    "signed-series",
    "signed-policy",
    "signed-authority",
    "signed-status-list",
    "signed-certificate",
    "trust-bundle",
    "signed-note",
    "transfer",
    "signed-transfer",
    "request",
    "signed-receipt",
    "fork-proof",
    "signed-key-application",
    "signed-call",
    "signed-reply",
    "payment",
    "answer",
    "payee-message",
    "payer-message",
    "attribution",
    "signed-never-certified",
    "receipt-file",
    "slip",
    "signed-request",
];

/// What a reader must know besides the bytes.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The request that a payment answers.
    pub request: Option<Request>,
    /// The hash of the static key that a payee proved to own.
    pub static_key: Option<StaticKeyHash>,
}

/// Reads bytes as what `kind` names and writes what was understood.
///
/// # Errors
/// The row of the table of errors.
///
/// # Panics
/// If no such kind exists, or something that it takes is not known.
pub fn recode(kind: &str, bytes: &[u8], known: &Known) -> Result<Vec<u8>, Code> {
    fn plain<T>(bytes: &[u8]) -> Result<Vec<u8>, Code>
    where
        T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
    {
        cbor::decode::<T>("object", bytes)
            .map(|object| cbor::encode(&object))
            .map_err(|error: DecodeError| error.code())
    }
    let code = |error: PaymentDecodeError| error.code();
    let request = || known.request.as_ref().expect("an answer needs its request");
    match kind {
        "signed-operator" => plain::<Signed<OperatorCertificate>>(bytes),
        "signed-series" => plain::<Signed<Series>>(bytes),
        "signed-policy" => plain::<Signed<Policy>>(bytes),
        "signed-authority" => plain::<Signed<StatusAuthority>>(bytes),
        "signed-status-list" => plain::<Signed<StatusList>>(bytes),
        "signed-certificate" => plain::<Signed<HolderCertificate>>(bytes),
        "trust-bundle" => plain::<TrustBundle>(bytes),
        "signed-note" => plain::<Signed<Note>>(bytes),
        "transfer" => plain::<Transfer>(bytes),
        "signed-transfer" => plain::<SignedTransfer>(bytes),
        "request" => plain::<Request>(bytes),
        "signed-receipt" => plain::<Signed<Receipt>>(bytes),
        "fork-proof" => plain::<ForkProof>(bytes),
        "attribution" => plain::<Attribution>(bytes),
        "signed-never-certified" => plain::<Signed<NeverCertified>>(bytes),
        "receipt-file" => plain::<ReceiptFile>(bytes),
        "slip" => plain::<Slip>(bytes),
        "signed-request" => plain::<Signed<Request>>(bytes),
        "signed-key-application" => plain::<Signed<KeyApplication>>(bytes),
        "signed-call" => plain::<Signed<Call>>(bytes),
        "signed-reply" => plain::<Signed<Reply>>(bytes),
        "payment" => Payment::decode(bytes)
            .map(|payment| payment.encode())
            .map_err(code),
        "answer" => Payment::decode_answer(bytes, request())
            .map(|payment| payment.encode_answer(request()).expect("it was read as one"))
            .map_err(code),
        "payee-message" => {
            let static_key = known.static_key.expect("an offer needs the payee's static key");
            PayeeMessage::decode(bytes, static_key)
                .map(|message| message.encode())
                .map_err(|error| error.code())
        }
        "payer-message" => PayerMessage::decode(bytes)
            .map(|message| message.encode())
            .map_err(|error| error.code()),
        _ => panic!("no kind of object is called {kind}"),
    }
}
