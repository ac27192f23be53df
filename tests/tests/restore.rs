//! An account restored from its words, with a backup and without; and backups that are none.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use protocol::{Algorithm, Amount, Name, WalletClass};
use simulator::{
    Air, Frames, Phone, PhoneOptions, Roles, SeededEntropy, World, WorldError, seed_from_environment,
};
use tests::phones::yuan;
use wallet_core::{
    AccountWords, Location, NewWallet, OpenError, PastKind, RestoreError, Wallet, WordCount, WordList,
    platform::Entropy as _,
};

/// A shop that has earned 40.00, and asks for 5.00 more.
fn world() -> (World, Phone, Phone) {
    let mut world = World::new(seed_from_environment(43)).unwrap();
    let options = PhoneOptions {
        class: WalletClass::I,
        merchant: Some(Name::new("Tea House").unwrap()),
        ..PhoneOptions::default()
    };
    let shop = world.phone_with("Shop", &options).unwrap();
    let alice = world.phone("Alice").unwrap();
    for phone in [&shop, &alice] {
        world.fund(phone, yuan("100.00")).unwrap();
    }
    let mut handoff = world
        .handoff(&alice, &shop, yuan("40.00"), Roles::PayeeIsCard)
        .unwrap();
    assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
    shop.wallet().request(Some(yuan("5.00"))).unwrap();
    (world, shop, alice)
}

#[test]
fn the_account_comes_back_with_its_past_and_without_its_cash() {
    let (mut world, shop, alice) = world();
    let backup = shop.wallet().backup().unwrap();
    let account = shop.wallet().account_balance(&world.line()).unwrap();
    let device = world.device("next").unwrap();
    let next = world
        .restore_from_words(device, shop.owner().clone(), Some(&backup))
        .unwrap();
    let wallet = next.wallet();
    assert_eq!(wallet.account().unwrap(), shop.wallet().account().unwrap());
    assert_eq!(wallet.account_balance(&world.line()).unwrap(), account);
    assert_eq!(wallet.balance().unwrap().spendable, Amount::ZERO);
    let past = wallet.past().unwrap().unwrap();
    assert_eq!(past.class, Some(WalletClass::I));
    assert_eq!(past.name.as_ref().map(Name::as_str), Some("Tea House"));
    let lines: Vec<_> = past
        .entries
        .iter()
        .map(|entry| (entry.kind, entry.amount))
        .collect();
    assert!(lines.contains(&(PastKind::Received, yuan("40.00"))));
    assert!(lines.contains(&(PastKind::Loaded, yuan("100.00"))));
    assert_eq!(past.requests.len(), 1);

    // It is a wallet like any other, also after a restart, and its own backup carries the past on.
    let mut handoff = world
        .handoff(&alice, &next, yuan("7.00"), Roles::PayeeIsCard)
        .unwrap();
    assert!(handoff.tap(Frames::Extended, &mut Air::perfect()).completed());
    let again = wallet.backup().unwrap();
    let device = world.device("third").unwrap();
    let third = world
        .restore_from_words(device, shop.owner().clone(), Some(&again))
        .unwrap();
    let past = third.wallet().past().unwrap().unwrap();
    let received = past
        .entries
        .iter()
        .filter(|entry| entry.kind == PastKind::Received);
    assert_eq!(received.count(), 2);
    assert!(world.books().unwrap().balanced);
}

#[test]
fn words_alone_restore_the_account() {
    let (mut world, shop, _) = world();
    let device = world.device("next").unwrap();
    let next = world
        .restore_from_words(device, shop.owner().clone(), None)
        .unwrap();
    assert_eq!(next.wallet().past().unwrap(), None);
    assert_eq!(next.wallet().account().unwrap(), shop.wallet().account().unwrap());
}

#[test]
fn a_backup_is_nobody_elses_and_says_little_by_its_size() {
    let (mut world, shop, alice) = world();
    let backup = shop.wallet().backup().unwrap();
    assert_eq!((backup.len() - 25 - 24 - 16) % 4_096, 0);
    assert_ne!(backup, shop.wallet().backup().unwrap(), "never the same nonce");
    let device = world.device("thief").unwrap();
    let stolen = world.restore_from_words(device, alice.owner().clone(), Some(&backup));
    assert!(matches!(stolen, Err(WorldError::Restore(RestoreError::Foreign))));
    let text = b"Tea House";
    assert!(!backup.windows(text.len()).any(|window| window == text));
}

#[test]
fn hostile_backups_are_told_by_type_and_leave_nothing_behind() {
    let (world, shop, _) = world();
    let entropy = SeededEntropy::new(world.seed(), 99);
    let backup = shop.wallet().backup().unwrap();
    let random = zeroize::Zeroizing::new([1; 32]);
    let words = AccountWords::from_entropy(&random, WordCount::Twelve, WordList::English).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let location = Location::from(folder.path().join("wallet.sqlite"));
    let attempt = |bytes: &[u8]| {
        let new = NewWallet {
            words: &words,
            root: world.bank().root(),
            algorithm: Algorithm::Ed25519,
        };
        let restored = Wallet::restore(&location, shop.platform(), &new, Some(bytes));
        restored.err().unwrap()
    };
    let typed = |error: &RestoreError| {
        matches!(
            error,
            RestoreError::Foreign | RestoreError::Damaged | RestoreError::TooNew { .. }
        )
    };
    for length in (0..100).chain([backup.len() - 1]) {
        let error = attempt(&backup[..length]);
        assert!(typed(&error), "{length}: {error:?}");
    }
    let draw = || {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes).unwrap();
        usize::try_from(u64::from_be_bytes(bytes) >> 1).unwrap()
    };
    for round in 0..500 {
        let mut bytes = backup.clone();
        for _ in 0..=draw() % 4 {
            let at = draw() % bytes.len();
            bytes[at] ^= u8::try_from(1 + draw() % 255).unwrap();
        }
        let error = attempt(&bytes);
        assert!(typed(&error), "round {round}: {error:?}");
    }
    assert_eq!(
        Wallet::open(&location, shop.platform()).err(),
        Some(OpenError::NoWallet),
        "nothing was made"
    );
}

#[test]
fn a_damaged_backup_of_ones_own_is_damaged_and_not_foreign() {
    let (mut world, shop, _) = world();
    let backup = shop.wallet().backup().unwrap();
    let cases = [(0, RestoreError::TooNew { found: 2 }), (1, RestoreError::Foreign)];
    let last = (backup.len() - 1, RestoreError::Damaged);
    let nonce = (30, RestoreError::Damaged);
    for (at, expected) in cases.into_iter().chain([nonce, last]) {
        let mut bytes = backup.clone();
        bytes[at] ^= 3;
        let device = world.device("next").unwrap();
        match world.restore_from_words(device, shop.owner().clone(), Some(&bytes)) {
            Err(WorldError::Restore(error)) => assert_eq!(error, expected, "{at}"),
            other => panic!("{at}: {:?}", other.map(|_| ())),
        }
    }
}
