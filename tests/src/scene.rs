//! One payment, its surroundings, and what tests do to it again and again.

use protocol::{
    Algorithm, Amount, Expected, Note, Payment, Request, Signed, SignedTransfer, StructureError, VerifyError,
    verify,
};

use crate::mint::{Holder, Mint, Paid, Piece, World, fen};

/// Alice pays Bob 37.45 out of a note of 50.00.
#[derive(Debug)]
pub struct Scene {
    /// Who vouches for both.
    pub mint: Mint,
    /// The payer.
    pub alice: Holder,
    /// The payee, a merchant.
    pub bob: Holder,
    /// What Alice had.
    pub note: Piece,
    /// What Bob asked.
    pub request: Request,
    /// What Alice paid.
    pub paid: Paid,
}

impl Scene {
    /// The scene, both holders with keys of this algorithm.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        let mint = Mint::new(1);
        let alice = mint.holder(algorithm, "Alice");
        let bob = mint.merchant(algorithm, "Bob", "Bob's Noodles");
        let note = mint.note(&alice, fen(5_000));
        let request = bob.request(1, Some(fen(3_745)));
        let paid = note.pay(&request, fen(3_745));
        Self {
            mint,
            alice,
            bob,
            note,
            request,
            paid,
        }
    }
}

/// How much the payment gives the payee in this world, or why it must not be taken.
///
/// # Errors
/// Whatever [`verify`](fn@verify) says.
pub fn check(payment: &Payment, request: &Request, world: &World) -> Result<Amount, VerifyError> {
    verify(payment.clone(), &Expected::from(request), &world.context()).map(|verified| verified.amount())
}

/// The payment with its notes and transfers changed, if it is still well formed.
///
/// # Errors
/// Whatever [`Payment::new`] says.
pub fn altered(
    payment: &Payment,
    change: impl FnOnce(&mut Vec<Signed<Note>>, &mut Vec<SignedTransfer>),
) -> Result<Payment, StructureError> {
    let (mut notes, mut transfers) = (payment.notes().to_vec(), payment.transfers().to_vec());
    change(&mut notes, &mut transfers);
    Payment::new(notes, transfers, payment.certificates().to_vec())
}
