//! Payments that can be read and must not be taken.

use protocol::{
    Algorithm, Code, Day, Output, Payment, Request, Signature, Signed, Timestamp, TrustBundle, Validity,
    WalletClass,
};

use super::{Maker, Refused, Stage, rebuilt};
use crate::{
    hostile::other_s,
    mint::{self, Holder, NOW, Piece, Shape, TODAY, World, fen, pay, transfer},
    wire::Known,
};

impl Maker {
    fn verify(&mut self, name: &str, description: &'static str, payment: &Payment, error: Code) {
        let request = self.request.clone();
        self.verify_in(
            name,
            description,
            payment,
            &request,
            self.mint.world(),
            self.mint.bundle(),
            error,
        );
    }

    #[expect(clippy::too_many_arguments, reason = "a row of a table")]
    fn verify_in(
        &mut self,
        name: &str,
        description: &'static str,
        payment: &Payment,
        request: &Request,
        world: World,
        bundle: TrustBundle,
        error: Code,
    ) {
        let world = World {
            trust: mint::trust(self.mint.root.verifying_key(), &bundle),
            ..world
        };
        self.push(Refused {
            name: name.to_owned(),
            description,
            kind: "payment",
            bytes: payment.encode(),
            error,
            known: Known {
                request: Some(request.clone()),
                static_key: None,
            },
            stage: Stage::Verify(Box::new(world), Box::new(bundle)),
        });
    }

    pub(super) fn verification(&mut self) {
        let payment = self.paid.payment.clone();
        let (alice, bob, request) = (self.alice.clone(), self.bob.clone(), self.request.clone());
        let carol = self.mint.holder(Algorithm::Ed25519, "Carol");
        let with_signature = |signature: Signature| {
            let mut transfers = payment.transfers().to_vec();
            transfers[0].signatures[0] = signature;
            rebuilt(&payment, payment.notes().to_vec(), transfers)
        };
        let signature = payment.transfers()[0].signatures[0];
        let high = with_signature(other_s(&signature));
        self.verify(
            "high-s",
            "An ECDSA signature with s in the upper half.",
            &high,
            Code::TransferForged,
        );
        let mut flipped = *signature.as_bytes();
        flipped[40] ^= 1;
        let flipped = with_signature(Signature::from_bytes(flipped));
        self.verify(
            "flipped-signature",
            "One bit of a signature is flipped.",
            &flipped,
            Code::TransferForged,
        );
        let by_bob = with_signature(Signature::from_bytes([1; 64]));
        self.verify(
            "no-curve-point",
            "A signature of ones.",
            &by_bob,
            Code::TransferForged,
        );

        let mut note = payment.notes()[0].clone();
        note.body.amount = fen(500_000);
        let raised = Piece::of_note(note, &alice).pay(&request, fen(3_745)).payment;
        self.verify(
            "raised-note",
            "The holder wrote another amount on the note.",
            &raised,
            Code::NoteForged,
        );
        let notes = vec![Signed::sign(
            payment.notes()[0].body.clone(),
            &self.mint.certifying,
        )];
        let elsewhere = rebuilt(&payment, notes, payment.transfers().to_vec());
        self.verify(
            "note-of-another-issuer",
            "A key that is no series' signed the note.",
            &elsewhere,
            Code::NoteForged,
        );
        let late = self
            .mint
            .note_issued(&alice, fen(5_000), self.mint.series().issue.until.plus(1));
        let late = late.pay(&request, fen(3_745)).payment;
        self.verify(
            "note-after-issue",
            "The note is dated after its series' last day of issue.",
            &late,
            Code::NoteForged,
        );

        let to_carol = self
            .note
            .pay(&carol.request(1, Some(fen(3_745))), fen(3_745))
            .payment;
        self.verify(
            "another-payee",
            "The payment goes to Carol.",
            &to_carol,
            Code::WrongPayee,
        );
        let output = |holder: &Holder, amount| Output {
            holder_key: holder.verifying_key(),
            amount: fen(amount),
        };
        let change_to_payee = transfer(
            &[&self.note],
            vec![output(&bob, 3_745), output(&bob, 1_255)],
            request.reference(),
        );
        let description = "Change, too, goes to the payee.";
        self.verify(
            "two-outputs-to-payee",
            description,
            &change_to_payee,
            Code::WrongPayee,
        );
        let other = self
            .note
            .pay(&bob.request(2, Some(fen(3_745))), fen(3_745))
            .payment;
        self.verify(
            "another-request",
            "The payment answers another request of Bob's.",
            &other,
            Code::WrongRequest,
        );
        let less = self.note.pay(&request, fen(3_744)).payment;
        self.verify("less-than-asked", "A fen is missing.", &less, Code::WrongAmount);
        let more = self.note.pay(&request, fen(3_746)).payment;
        self.verify("more-than-asked", "A fen too much.", &more, Code::WrongAmount);

        let certificates = vec![Signed::sign(alice.certificate.body.clone(), &self.mint.note_key)];
        let forged = Payment::new(
            payment.notes().to_vec(),
            payment.transfers().to_vec(),
            certificates,
        );
        let forged = forged.expect("well formed");
        let description = "The operator did not sign the payer's certificate.";
        self.verify(
            "certificate-forged",
            description,
            &forged,
            Code::CertificateForged,
        );
        let yesterday = Day::from_number(TODAY.number() - 1);
        let mut grant = self.mint.grant(None);
        grant.validity = Validity {
            from: Day::from_number(TODAY.number() - 30),
            until: yesterday,
        };
        let expired = self.mint.certified(Algorithm::P256, "Alice", grant);
        let expired = self
            .note
            .clone()
            .held_by(&expired)
            .pay(&request, fen(3_745))
            .payment;
        let description = "The payer's certificate ended yesterday.";
        self.verify(
            "certificate-expired",
            description,
            &expired,
            Code::CertificateExpired,
        );

        let bundle = self.mint.bundle_revoking([alice.key_hash()]);
        let description = "The payer's key is on the status list.";
        self.verify_in(
            "revoked",
            description,
            &payment,
            &request,
            self.mint.world(),
            bundle,
            Code::HolderRevoked,
        );
        let mut bundle = self.mint.bundle();
        bundle.series.clear();
        let description = "Nobody told the payee of the note's series.";
        self.verify_in(
            "unknown-series",
            description,
            &payment,
            &request,
            self.mint.world(),
            bundle,
            Code::UnknownSeries,
        );
        let mut bundle = self.mint.bundle();
        bundle.operators.clear();
        bundle.policies.clear();
        let description = "Nobody told the payee of the payer's operator.";
        let world = self.mint.world();
        self.verify_in(
            "unknown-operator",
            description,
            &payment,
            &request,
            world,
            bundle,
            Code::UnknownOperator,
        );
        let mut bundle = self.mint.bundle();
        bundle
            .policies
            .retain(|policy| policy.body.class != WalletClass::Ii);
        let description = "Nobody told the payee of the policy for the payer's class.";
        let world = self.mint.world();
        self.verify_in(
            "unknown-policy",
            description,
            &payment,
            &request,
            world,
            bundle,
            Code::UnknownPolicy,
        );

        let mut world = self.mint.world();
        world.limits.offline.age_days = u32::MAX;
        world.now = Timestamp::from_seconds(self.mint.series().spend_until.plus(1).start().seconds());
        let description = "The day after the note's last day.";
        self.verify_in(
            "series-expired",
            description,
            &payment,
            &request,
            world,
            self.mint.bundle(),
            Code::SeriesExpired,
        );
        let mut world = self.mint.world();
        world.now = Timestamp::from_seconds(NOW.seconds() + 91 * 86_400);
        let description = "A note of 91 days; the payee takes 90.";
        self.verify_in(
            "too-old",
            description,
            &payment,
            &request,
            world,
            self.mint.bundle(),
            Code::TooOld,
        );
        let chain = self.mint.chain(Algorithm::Ed25519, 4, Shape::Whole);
        let mut world = self.mint.world();
        world.limits.offline.hops = 3;
        let description = "Four hops; the payee takes three.";
        let bundle = self.mint.bundle();
        self.verify_in(
            "too-many-hops",
            description,
            &chain.payment,
            &chain.request,
            world,
            bundle,
            Code::TooManyHops,
        );
        let mut world = self.mint.world();
        world.limits.per_payment = fen(3_744);
        let description = "A fen more than the payee's policy permits at once.";
        let bundle = self.mint.bundle();
        self.verify_in(
            "payee-limit",
            description,
            &payment,
            &request,
            world,
            bundle,
            Code::PaymentLimit,
        );
        let mut grant = self.mint.grant(None);
        grant.class = WalletClass::Iv;
        let anonymous = self.mint.certified(Algorithm::P256, "Alice, anonymous", grant);
        let big = bob.request(3, Some(fen(200_001)));
        let beyond = self
            .mint
            .note(&anonymous, fen(200_001))
            .pay(&big, fen(200_001))
            .payment;
        let description = "A fen more than the payer's policy permits at once.";
        let (world, bundle) = (self.mint.world(), self.mint.bundle());
        self.verify_in(
            "payer-limit",
            description,
            &beyond,
            &big,
            world,
            bundle,
            Code::PaymentLimit,
        );

        let mut world = self.mint.world();
        world.remember(&to_carol);
        let description = "Carol's payment consumed the same note.";
        let bundle = self.mint.bundle();
        self.verify_in(
            "consumed-elsewhere",
            description,
            &payment,
            &request,
            world,
            bundle,
            Code::ConsumedTwice,
        );
        let one = self
            .note
            .pay(&alice.request(1, None), fen(4_000))
            .received_by(&alice);
        let two = self
            .note
            .pay(&alice.request(2, None), fen(4_000))
            .received_by(&alice);
        let big = bob.request(4, Some(fen(8_000)));
        let minted = pay(&[&one, &two], &big, fen(8_000)).payment;
        let description = "Alice paid herself twice out of one note, and Bob with both.";
        let (world, bundle) = (self.mint.world(), self.mint.bundle());
        self.verify_in(
            "consumed-within",
            description,
            &minted,
            &big,
            world,
            bundle,
            Code::ConsumedTwice,
        );
    }
}
