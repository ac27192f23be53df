//! Trust bundles and fraud proofs that prove nothing.

use protocol::{
    Amount, Body, Code, ForkProof, Note, Outpoint, Output, Signed, SignedTransfer, Transfer, TrustBundle,
    WalletClass, cbor,
    fraud::{Branch, Origin},
};

use super::{Maker, Refused, Stage};
use crate::{
    hostile::other_s,
    mint::{Holder, NOW, fen},
    wire::Known,
};

impl Maker {
    fn merge(
        &mut self,
        name: &str,
        description: &'static str,
        bundle: &TrustBundle,
        known: TrustBundle,
        error: Code,
    ) {
        self.push(Refused {
            name: name.to_owned(),
            description,
            kind: "trust-bundle",
            bytes: cbor::encode(bundle),
            error,
            known: Known::default(),
            stage: Stage::Trust(Box::new(known)),
        });
    }

    pub(super) fn trust(&mut self) {
        let usual = self.mint.bundle();
        let mut bundle = usual.clone();
        bundle.operators[0] = Signed::sign(self.mint.operator(), &self.mint.certifying);
        let (description, nothing) = ("An operator that certified itself.", TrustBundle::default());
        self.merge(
            "self-made-operator",
            description,
            &bundle,
            nothing.clone(),
            Code::TrustNotSigned,
        );
        let mut bundle = usual.clone();
        bundle.series[0] = Signed::sign(self.mint.series(), &self.mint.note_key);
        let description = "A series that its own key signed.";
        self.merge(
            "self-made-series",
            description,
            &bundle,
            nothing.clone(),
            Code::TrustNotSigned,
        );
        let mut bundle = usual.clone();
        bundle.policies[1] = Signed::sign(self.mint.policy(WalletClass::Ii), &self.mint.root);
        let description = "A policy that the root signed, who is not the operator.";
        self.merge(
            "policy-of-root",
            description,
            &bundle,
            nothing.clone(),
            Code::TrustNotSigned,
        );
        let mut bundle = usual.clone();
        bundle.status[0].body = protocol::StatusList::new(9, NOW, []);
        let description = "A status list whose version was changed.";
        self.merge(
            "status-list-changed",
            description,
            &bundle,
            usual.clone(),
            Code::TrustNotSigned,
        );
        let mut bundle = usual.clone();
        bundle.authority.clear();
        let description = "A status list of an authority that nobody named.";
        self.merge(
            "status-list-of-nobody",
            description,
            &bundle,
            nothing.clone(),
            Code::TrustNotSigned,
        );
        let mut bundle = usual.clone();
        bundle.operators.clear();
        let description = "Policies of an operator that nobody named.";
        self.merge(
            "policy-of-nobody",
            description,
            &bundle,
            nothing.clone(),
            Code::TrustNotSigned,
        );

        let mut series = self.mint.series();
        series.claim_until = series.claim_until.plus(1);
        let mut bundle = nothing.clone();
        bundle.series.push(Signed::sign(series, &self.mint.root));
        let description = "Another series under a known number.";
        self.merge(
            "second-series",
            description,
            &bundle,
            usual.clone(),
            Code::TrustContradiction,
        );
        let mut policy = self.mint.policy(WalletClass::Ii);
        policy.limits.per_payment = Amount::MAX;
        let mut bundle = nothing.clone();
        bundle.policies.push(Signed::sign(policy, &self.mint.certifying));
        let description = "Another policy under a known version.";
        self.merge(
            "second-policy",
            description,
            &bundle,
            usual.clone(),
            Code::TrustContradiction,
        );
        let mut bundle = nothing;
        bundle.status.push(self.mint.status([self.alice.key_hash()]));
        let description = "Another status list under a known version.";
        self.merge(
            "second-status-list",
            description,
            &bundle,
            usual,
            Code::TrustContradiction,
        );
    }

    fn fork(&mut self, name: &str, description: &'static str, proof: &ForkProof) {
        self.push(Refused {
            name: name.to_owned(),
            description,
            kind: "fork-proof",
            bytes: cbor::encode(proof),
            error: Code::ForkProofInvalid,
            known: Known::default(),
            stage: Stage::ForkProof,
        });
    }

    pub(super) fn fork_proofs(&mut self) {
        let (alice, bob) = (self.alice.clone(), self.bob.clone());
        let honest = self.paid.payment.transfers()[0].clone();
        let note: Note = self.paid.payment.notes()[0].body.clone();
        let outpoint = self.note.outpoint();
        let branch = |signed: &SignedTransfer| Branch {
            transfer: signed.transfer.clone(),
            signature: signed.signatures[0],
        };
        let proof = |second: Branch| ForkProof {
            origin: Origin::Note(note.clone()),
            output: 0,
            first: branch(&honest),
            second,
        };
        let description = "One transfer twice.";
        self.fork("same-transfer", description, &proof(branch(&honest)));
        let mut other_signature = branch(&honest);
        other_signature.signature = other_s(&other_signature.signature);
        let description = "One transfer under two signatures.";
        self.fork(
            "same-transfer-other-signature",
            description,
            &proof(other_signature),
        );
        let reference = self.request.reference();
        let invented = |inputs: Vec<Outpoint>, key: &Holder| {
            let transfer = Transfer {
                inputs,
                outputs: vec![Output {
                    holder_key: bob.verifying_key(),
                    amount: fen(5_000),
                }],
                reference,
            };
            let signature = key.key.sign(&transfer.message());
            Branch { transfer, signature }
        };
        let description = "The second transfer is signed by the payee, who wants the payer accused.";
        let by_bob = proof(invented(vec![outpoint], &bob));
        self.fork("signed-by-another", description, &by_bob);
        let elsewhere = Outpoint {
            origin: self.paid.payment.id(),
            output: 1,
        };
        let unrelated = proof(invented(vec![elsewhere], &alice));
        let description = "The second transfer consumes something else.";
        self.fork("another-outpoint", description, &unrelated);
        let mut no_output = proof(invented(vec![outpoint], &alice));
        no_output.output = 1;
        let description = "A note has no output 1.";
        self.fork("no-such-output", description, &no_output);
        let own = Outpoint {
            origin: outpoint.origin,
            output: 0,
        };
        let mut of_another = proof(invented(vec![own, elsewhere], &bob));
        of_another.second.signature = bob.key.sign(&of_another.second.transfer.message());
        let description = "The owner of another input signed the second transfer, the accused did not.";
        self.fork("owner-of-another-input", description, &of_another);
    }
}
