//! Every decoder of the protocol, and what is done with what was decoded.

use protocol::{
    Expected, ForkProof, Payment, Request, StaticKeyHash, Trust, TrustBundle, cbor, verify, verify_recorded,
};

use super::input::Input;
use crate::{
    mint::{Mint, World, fen},
    vectors::SEED,
    wire::{KINDS, Known, recode},
};

/// What payments are held against: the world of the frozen vectors, and requests that they answer.
struct Scene {
    world: World,
    trust: Trust,
    requests: Vec<Request>,
    /// Forks the note that the first-hop payments of the vectors consume.
    fork: Payment,
}

thread_local! {
    static SCENE: Scene = Scene::new();
}

/// The first byte selects the decoder, the second the request, the rest is what it gets.
///
/// Whatever is understood is written again as the very same bytes.
pub fn decoders(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = *input.one_of(&KINDS);
    SCENE.with(|scene| {
        let request = input.one_of(&scene.requests);
        let bytes = input.rest();
        let known = Known {
            request: Some(request.clone()),
            static_key: Some(StaticKeyHash::from_bytes([7; 16])),
        };
        let Ok(again) = recode(kind, bytes, &known) else {
            return;
        };
        assert_eq!(again, bytes, "{kind}: not the one encoding");
        match kind {
            "payment" => scene.judge(&Payment::decode(bytes).unwrap(), request),
            "answer" => scene.judge(&Payment::decode_answer(bytes, request).unwrap(), request),
            "trust-bundle" => scene.believe(&cbor::decode("trust bundle", bytes).unwrap()),
            "fork-proof" => {
                let proof: ForkProof = cbor::decode("fork proof", bytes).unwrap();
                if let Ok(fork) = proof.verify() {
                    assert_eq!(fork.outpoint.output, proof.output);
                }
            }
            _ => {}
        }
    });
}

impl Scene {
    fn new() -> Self {
        let mint = Mint::new(SEED);
        let requests = crate::vectors::requests();
        let payer = mint.holder(protocol::Algorithm::Ed25519, "Alice");
        let fork = mint.note(&payer, fen(5_000)).pay(&requests[0], fen(1)).payment;
        Self {
            world: mint.world(),
            trust: mint.trust(),
            requests,
            fork,
        }
    }

    /// A payment is good or it is not; both checks agree on what it brings, and a fork of it can be shown.
    fn judge(&self, payment: &Payment, request: &Request) {
        let expected = Expected::from(request);
        let context = self.world.context();
        let on_the_spot = verify(payment.clone(), &expected, &context);
        let recorded = verify_recorded(payment.clone(), &expected, &self.trust);
        if let Ok(verified) = &on_the_spot {
            let output = payment.final_transfer().outputs[0];
            assert_eq!(verified.amount(), output.amount);
            assert_eq!(output.holder_key, expected.payee);
            assert_eq!(verified.outpoint().origin, payment.id());
            assert!(payment.encode_answer(request).is_some());
            let recorded = recorded
                .as_ref()
                .expect("what is good in a tap is good by record");
            assert_eq!(recorded.amount(), verified.amount());
        }
        for (outpoint, _) in payment.consumptions() {
            let found = ForkProof::find(payment, &self.fork, &outpoint);
            if let (Some(proof), Ok(_)) = (found, &on_the_spot) {
                proof.verify().expect("two good payments that fork prove it");
            }
        }
    }

    /// Parts are merged or nothing is; merging them again brings nothing new.
    fn believe(&self, bundle: &TrustBundle) {
        let mut trust = self.trust.clone();
        match trust.merge(bundle) {
            Ok(_) => assert_eq!(trust.merge(bundle), Ok(false)),
            Err(_) => assert_eq!(trust, self.trust),
        }
    }
}
