//! Who answers for a fork.

use protocol::{
    Attribution, ForkProof, Signed,
    attribution::{Act, Basis, NeverCertified, Taking},
    cbor,
    fraud::Branch,
};

use super::{Maker, Object};
use crate::{
    json::ToJson,
    mint::{Holder, NOW, OPERATOR, Piece, fen},
};

impl Maker {
    pub(super) fn attributions(&self) -> Vec<Object> {
        let (mint, alice, shop) = (&self.mint, &self.alice, &self.shop);
        let bob = mint.holder(self.algorithm, "Bob");
        // Nobody certified this one, and nobody has seen the certificate that it has here.
        let nobody = mint.holder(self.algorithm, "Nobody");
        let whole = |piece: &Piece, to: &Holder, number: u64| {
            let payment = piece.pay(&to.request(number, None), fen(5_000)).payment;
            (Piece::of_payment(&payment, 0, to), payment)
        };
        let (hidden, _) = whole(&mint.note(alice, fen(5_000)), &nobody, 1);
        let (_, to_bob) = whole(&hidden, &bob, 2);
        let (at_shop, to_shop) = whole(&hidden, shop, 3);
        let (_, paid_on) = whole(&at_shop, alice, 4);
        let statement = Signed::sign(
            NeverCertified {
                operator: OPERATOR,
                holder_key: nobody.verifying_key(),
                at: NOW,
            },
            &mint.certifying,
        );
        let taking = |branch: &protocol::Payment, holder: &Holder, act| Taking {
            path: vec![branch.final_transfer().clone()],
            output: 0,
            certificate: holder.certificate.clone(),
            act,
        };
        let last = paid_on.transfers().last().expect("a transfer");
        let onward = Branch::signed_by(&shop.verifying_key(), last).expect("the shop signed it");
        let taken = Attribution {
            proof: ForkProof::find(&to_bob, &to_shop, &hidden.outpoint()).expect("a fork"),
            basis: Basis::Taken {
                statements: vec![statement.clone()],
                takings: vec![
                    taking(&to_bob, &bob, Act::Receipt(bob.receipt(&to_bob))),
                    taking(&to_shop, shop, Act::PaidOn(onward)),
                ],
            },
        };
        let note = mint.note(alice, fen(5_000));
        let (_, one) = whole(&note, &bob, 5);
        let (_, other) = whole(&note, shop, 6);
        let certified = Attribution {
            proof: ForkProof::find(&one, &other, &note.outpoint()).expect("a fork"),
            basis: Basis::Certified(alice.certificate.clone()),
        };
        for (attribution, accused) in [
            (&taken, vec![bob.verifying_key(), shop.verifying_key()]),
            (&certified, vec![alice.verifying_key()]),
        ] {
            assert_eq!(attribution.verify(&mint.trust()), Ok(accused));
        }
        let plain = |name, description, attribution: &Attribution| {
            let bytes = cbor::encode(attribution);
            self.plain(name, "attribution", description, bytes, attribution.to_json())
        };
        vec![
            self.signed(
                "never-certified",
                "signed-never-certified",
                "The operator never certified this key, and never will.",
                &statement,
                mint.certifying.verifying_key(),
            ),
            plain(
                "attribution-certified",
                "A fork by a key that the operator certified.",
                &certified,
            ),
            plain(
                "attribution-taken",
                "A fork by a key of nobody: of its branches, Bob took one by a receipt, and the shop the other by paying it on.",
                &taken,
            ),
        ]
    }
}
