//! Receipt files: a stranger with the issuer's root learns who was paid, how much and when; and no meddled file convinces.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{
    Amount, Coded as _, Id, Name, Proven, ReceiptFile, ReceiptFileError, SigningKey, VerifyingKey,
    key::Algorithm,
};
use simulator::{Air, Frames, Handoff, Phone, PhoneOptions, Roles, World, seed_from_environment};
use tests::phones::yuan;
use wallet_core::{Outcome, ReceiptError};

struct Scene {
    world: World,
    alice: Phone,
    shop: Phone,
    paid: Id,
}

/// Alice has paid 30.00 to a shop with a registered name.
fn scene() -> Scene {
    let mut world = World::new(seed_from_environment(47)).unwrap();
    let alice = world.phone("Alice").unwrap();
    let merchant = PhoneOptions {
        merchant: Some(Name::new("Bob's Noodles").unwrap()),
        ..PhoneOptions::default()
    };
    let shop = world.phone_with("Bob", &merchant).unwrap();
    world.fund(&alice, yuan("100.00")).unwrap();
    let report = world
        .handoff(&alice, &shop, yuan("30.00"), Roles::PayeeIsCard)
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect());
    let Some(Outcome::Paid { transfer: paid, .. }) = report.payer else {
        panic!("{report:?}");
    };
    Scene {
        world,
        alice,
        shop,
        paid,
    }
}

fn verify(bytes: &[u8], root: VerifyingKey) -> Result<Proven, ReceiptFileError> {
    ReceiptFile::decode(bytes)?.verify(root)
}

#[test]
fn both_sides_can_show_the_same_to_a_stranger() {
    let scene = scene();
    let root = scene.world.bank().root();
    let by_alice = scene.alice.wallet().export_receipt(&scene.paid).unwrap();
    let by_shop = scene.shop.wallet().export_receipt(&scene.paid).unwrap();
    let proven = verify(&by_alice, root).unwrap();
    assert_eq!(verify(&by_shop, root).unwrap(), proven);
    assert_eq!((proven.transfer, proven.amount), (scene.paid, yuan("30.00")));
    assert_eq!(proven.payee.unwrap().as_str(), "Bob's Noodles");
    assert_eq!(proven.taken_at.day(), scene.world.clock().now().day());

    // Years later, and with everybody's certificates long gone, it proves the same.
    scene.world.clock().advance(5 * 365 * 86_400);
    scene.alice.wallet().sync(&scene.world.line()).unwrap();
    let later = scene.alice.wallet().export_receipt(&scene.paid).unwrap();
    assert_eq!(verify(&later, root).unwrap().amount, yuan("30.00"));
}

#[test]
fn refunds_have_receipts_too_and_what_is_in_doubt_has_none() {
    let scene = scene();
    let root = scene.world.bank().root();
    let refund = scene.shop.wallet().refund(&scene.paid, yuan("5.00")).unwrap();
    let none = Err(ReceiptError::NoReceipt);
    assert_eq!(scene.shop.wallet().export_receipt(&refund), none);
    assert_eq!(scene.alice.wallet().export_receipt(&refund), none);
    let mut bring = Handoff {
        payer: scene.shop.wallet().resume(Roles::PayeeIsCard.payer()).unwrap(),
        payee: scene
            .alice
            .wallet()
            .await_refund(&scene.paid, Roles::PayeeIsCard.payee())
            .unwrap(),
    };
    bring.tap(Frames::Extended, &mut Air::perfect());
    for phone in [&scene.shop, &scene.alice] {
        let file = phone.wallet().export_receipt(&refund).unwrap();
        let proven = verify(&file, root).unwrap();
        assert_eq!((proven.transfer, proven.amount), (refund, yuan("5.00")));
        assert_eq!(proven.payee, None);
    }
}

#[test]
fn nobody_is_convinced_by_a_file_that_was_meddled_with() {
    let scene = scene();
    let root = scene.world.bank().root();
    let good = scene.alice.wallet().export_receipt(&scene.paid).unwrap();
    let proven = verify(&good, root).unwrap();
    let stranger = SigningKey::from_seed(Algorithm::Ed25519, &[9; 32])
        .unwrap()
        .verifying_key();
    assert!(matches!(verify(&good, stranger), Err(ReceiptFileError::Trust(_))));

    // Every byte counts: a change makes another error, or changes nothing that is proven.
    for at in 0..good.len() {
        for bit in [0x01, 0x80] {
            let mut bad = good.clone();
            bad[at] ^= bit;
            match verify(&bad, root) {
                Ok(same) => assert_eq!(same, proven, "byte {at}"),
                Err(error) => assert!(!error.code().name().is_empty()),
            }
        }
    }
    for length in 0..good.len() {
        assert!(verify(&good[..length], root).is_err(), "cut after {length}");
    }
    assert!(verify(&vec![0; ReceiptFile::MAX_BYTES + 1], root).is_err());

    // Good parts of different files do not make a file.
    let other = scene
        .world
        .handoff(&scene.alice, &scene.shop, yuan("7.00"), Roles::PayerIsCard)
        .unwrap()
        .tap(Frames::Extended, &mut Air::perfect());
    let Some(Outcome::Paid { transfer, .. }) = other.payer else {
        panic!("{other:?}");
    };
    let other = ReceiptFile::decode(&scene.alice.wallet().export_receipt(&transfer).unwrap()).unwrap();
    let file = ReceiptFile::decode(&good).unwrap();
    let mixed = [
        ReceiptFile {
            receipt: other.receipt.clone(),
            ..file.clone()
        },
        ReceiptFile {
            payment: other.payment.clone(),
            ..file.clone()
        },
        ReceiptFile {
            payee: other.payee.clone(),
            ..file.clone()
        },
    ];
    for mixed in mixed {
        assert_eq!(mixed.verify(root), Err(ReceiptFileError::Mismatch));
    }
    let mut forged = file.clone();
    forged.receipt.signature = other.receipt.signature;
    assert_eq!(forged.verify(root), Err(ReceiptFileError::Forged));
    let newer = ReceiptFile { version: 2, ..file };
    assert_eq!(
        newer.verify(root),
        Err(ReceiptFileError::UnknownVersion { version: 2 })
    );
    assert_ne!(proven.amount, Amount::ZERO);
}
