//! What goes abroad and comes back is the same, and nonsense is called so.

use super::*;
use crate::{MemoryGuard, SoftwareVault};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use wallet_core::{
    guard::{RollbackGuard as _, WalletId},
    vault::{KeyVault as _, conformance},
};

fn lent(vault: impl KeyVault + 'static) -> Lent<dyn KeyVault> {
    Lent(Arc::new(vault))
}

/// There and back again through both conversions, and nothing is lost.
#[test]
fn a_vault_that_went_abroad_is_a_vault_still() {
    for algorithm in [protocol::Algorithm::Ed25519, protocol::Algorithm::P256] {
        let vault = lent(SoftwareVault::new(vec![1; 32]).unwrap());
        let wallets = [WalletId([1; 16]), WalletId([2; 16])];
        conformance::check(&vault, algorithm, wallets).unwrap();
    }
}

#[test]
fn a_guard_that_went_abroad_is_a_guard_still() {
    let guard = Lent::<dyn RollbackGuard>(Arc::new(MemoryGuard::new()));
    let head = |number| guard::Head {
        wallet: WalletId([3; 16]),
        number,
        digest: [4; 32],
    };
    assert_eq!(guard.read(&head(1).wallet), Ok(None));
    assert_eq!(guard.advance(None, &head(1)), Ok(head(1)));
    assert_eq!(guard.advance(None, &head(2)), Ok(head(1)));
    assert_eq!(guard.advance(Some(&head(1)), &head(2)), Ok(head(2)));
    assert_eq!(guard.read(&head(1).wallet), Ok(Some(head(2))));
}

/// What a platform can answer that makes no sense.
struct Nonsense;

impl KeyVault for Nonsense {
    fn create_key(&self, _: Vec<u8>, _: Algorithm) -> Result<VaultKey, VaultError> {
        Ok(VaultKey {
            handle: Vec::new(),
            public_key: vec![4; 12],
            algorithm: Algorithm::P256,
            assurance: Assurance::SecureElement,
        })
    }
    fn sign_all(&self, _: Vec<SignRequest>) -> Result<Vec<Vec<u8>>, VaultError> {
        Ok(Vec::new())
    }
    fn list_keys(&self, _: Vec<u8>) -> Result<Option<Vec<Vec<u8>>>, VaultError> {
        Ok(None)
    }
    fn delete_key(&self, _: Vec<u8>) -> Result<Vec<u8>, VaultError> {
        Ok(Vec::new())
    }
    fn authorize(&self, _: Confirmation) -> Result<Amount, VaultError> {
        Ok(Amount { fen: 0 })
    }
    fn wrap(&self, _: Vec<u8>) -> Result<Vec<u8>, VaultError> {
        Ok(Vec::new())
    }
    fn unwrap(&self, _: Vec<u8>) -> Result<Vec<u8>, VaultError> {
        Ok(vec![0; 31])
    }
}

#[test]
fn nonsense_is_called_so() {
    let (vault, misbehaved) = (lent(Nonsense), vault::VaultError::Misbehaved);
    let wallet = WalletId([1; 16]);
    for algorithm in [protocol::Algorithm::Ed25519, protocol::Algorithm::P256] {
        assert_eq!(vault.create_key(&wallet, algorithm), Err(misbehaved));
    }
    let handle = vault::KeyHandle(vec![1]);
    assert_eq!(vault.delete_key(&handle), Err(misbehaved));
    let amount = protocol::Amount::from_fen(1).unwrap();
    let agreed = vault.authorize(&vault::Confirmation::Exactly(amount));
    assert_eq!(agreed, Err(misbehaved));
    assert_eq!(vault.unwrap(&[]).map(drop), Err(misbehaved));
    let head = Head {
        wallet: vec![0; 15],
        number: 1,
        digest: vec![0; 32],
    };
    assert_eq!(guard::Head::try_from(head), Err(guard::GuardUnavailable));
}

#[test]
fn both_forms_of_a_point_are_one_key() {
    let vault = SoftwareVault::new(vec![1; 32]).unwrap();
    let key = KeyVault::create_key(&vault, vec![0; 16], Algorithm::P256).unwrap();
    let compressed = key.public_key;
    let point = p256::PublicKey::from_sec1_bytes(&compressed).unwrap();
    let uncompressed = point.to_sec1_point(false).as_bytes().to_vec();
    assert_eq!(uncompressed.len(), 65);
    let key = public_key(protocol::Algorithm::P256, &compressed);
    assert!(key.is_some());
    assert_eq!(public_key(protocol::Algorithm::P256, &uncompressed), key);
    for wrong in [&uncompressed[..64], &compressed[1..], &[]] {
        assert_eq!(public_key(protocol::Algorithm::P256, wrong), None);
    }
}
