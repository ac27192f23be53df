//! Who is who, and whom to believe.

use core::num::NonZeroU32;

use protocol::{Policy, Signed, TrustBundle, WalletClass, cbor};

use super::{Maker, Object};
use crate::json::ToJson;

impl Maker {
    pub(super) fn trust(&self) -> Vec<Object> {
        let mint = &self.mint;
        let root = mint.root.verifying_key();
        let bundle = mint.bundle_revoking([self.shop.key_hash(), self.alice.key_hash()]);
        let empty = TrustBundle::default();
        let certifying = mint.certifying.verifying_key();
        let term = Policy {
            version: 2,
            stale_after_days: NonZeroU32::new(90),
            ..mint.policy(WalletClass::Ii)
        };
        let with_term = Signed::sign(term, &mint.certifying);
        let anonymous = Signed::sign(mint.policy(WalletClass::Iv), &mint.certifying);
        vec![
            self.signed(
                "operator",
                "signed-operator",
                "An operator's certificate, signed by the root.",
                &bundle.operators[0],
                root,
            ),
            self.signed(
                "series",
                "signed-series",
                "A series of notes, signed by the root.",
                &bundle.series[0],
                root,
            ),
            self.signed(
                "policy",
                "signed-policy",
                "The policy for class II: no limit per year, which is null.",
                &bundle.policies[1],
                certifying,
            ),
            self.signed(
                "policy-with-yearly-limit",
                "signed-policy",
                "The policy for class IV.",
                &anonymous,
                certifying,
            ),
            self.signed(
                "status-authority",
                "signed-authority",
                "The key that signs status lists, signed by the root.",
                &bundle.authority[0],
                root,
            ),
            self.signed(
                "status-list",
                "signed-status-list",
                "Two revoked keys, in ascending order of their hashes.",
                &bundle.status[0],
                mint.status_key.verifying_key(),
            ),
            self.signed(
                "status-list-empty",
                "signed-status-list",
                "Nobody is revoked.",
                &mint.status([]),
                mint.status_key.verifying_key(),
            ),
            self.signed(
                "policy-with-term",
                "signed-policy",
                "A policy that says how old trust may be: the term is its sixth element.",
                &with_term,
                certifying,
            ),
            self.plain(
                "trust-bundle",
                "trust-bundle",
                "Everything a wallet must believe.",
                cbor::encode(&bundle),
                bundle.to_json(),
            ),
            self.plain(
                "trust-bundle-empty",
                "trust-bundle",
                "Nothing.",
                cbor::encode(&empty),
                empty.to_json(),
            ),
            self.signed(
                "certificate",
                "signed-certificate",
                "A person's certificate: no name, so the grant has four elements.",
                &self.alice.certificate,
                certifying,
            ),
            self.signed(
                "certificate-merchant",
                "signed-certificate",
                "A merchant's certificate: its name is the fifth element of the grant.",
                &self.shop.certificate,
                certifying,
            ),
        ]
    }
}
