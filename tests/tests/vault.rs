//! Key vaults: what any of them must do, and what a wallet does when one does not.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use protocol::{Algorithm, Amount, Assurance, Code, Coded as _, VerifyingKey};
use simulator::{
    Air, Frames, Handoff, PhoneOptions, Roles, SeededEntropy, VaultManners, VaultTrouble, World, WorldError,
    disk::Kept, seed_from_environment,
};
use tests::{
    phones::{events, owned, pay, spendable, yuan},
    vaults::{self, Meddling},
};
use wallet_core::{
    BankError, Consent, EventKind, Fault, HandoffError, Kind, OnlyAtBank, OpenError, Outcome, PayError, Side,
    TapError,
    guard::WalletId,
    vault::{
        KeyVault, SoftwareVault, VaultError, VaultKey,
        conformance::{self, Found},
    },
};
use zeroize::Zeroizing;

const ALGORITHMS: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::P256];
const WALLETS: [WalletId; 2] = [WalletId([0xaa; 16]), WalletId([0xbb; 16])];
const AWKWARD: VaultManners = VaultManners {
    awkward_form: true,
    seconds_per_call: 7,
};

fn world() -> World {
    World::new(seed_from_environment(17)).unwrap()
}

fn options(algorithm: Algorithm) -> PhoneOptions {
    PhoneOptions {
        algorithm,
        ..PhoneOptions::default()
    }
}

#[test]
fn the_software_vault_conforms() {
    for algorithm in ALGORITHMS {
        let entropy = Arc::new(SeededEntropy::new(1, 1));
        let vault = SoftwareVault::new(Zeroizing::new([1; 32]), entropy);
        assert_eq!(conformance::check(&vault, algorithm, WALLETS), Ok(()));
    }
}

#[test]
fn a_slow_chip_that_answers_in_der_and_high_s_conforms() {
    let mut world = world();
    for algorithm in ALGORITHMS {
        let phone = world.phone_with("Alice", &options(algorithm)).unwrap();
        let vault = phone.hardware().vault();
        vault.behave(AWKWARD);
        let (before, held) = (world.clock().now(), vault.held());
        assert_eq!(conformance::check(vault, algorithm, WALLETS), Ok(()));
        assert!(world.clock().now().seconds() > before.seconds() + 100);
        assert_eq!(vault.held(), held, "it leaves nothing behind");
    }
}

/// Every trouble at every call is found out, and named.
#[test]
fn a_vault_in_trouble_does_not_conform() {
    let mut world = world();
    let phone = world.phone("Alice").unwrap();
    let vault = phone.hardware().vault();
    let before = vault.calls();
    conformance::check(vault, Algorithm::Ed25519, WALLETS).unwrap();
    let calls = vault.calls() - before;
    let refuses = |trouble| !matches!(trouble, VaultTrouble::SignsTooLittle | VaultTrouble::Garbles);
    let (mut checks, mut wrong) = (std::collections::BTreeSet::new(), 0);
    for trouble in VaultTrouble::ALL {
        if trouble == VaultTrouble::PowerFailsAfter {
            // It has done everything right, and is dead.
            continue;
        }
        for call in 0..calls {
            vault.trouble_after(call, trouble);
            let checked = conformance::check(vault, Algorithm::Ed25519, WALLETS);
            vault.mend();
            match checked {
                Err(broken) => {
                    checks.insert(broken.check);
                    wrong += usize::from(!matches!(broken.found, Found::Refused(_)));
                }
                // A call that must be refused may be refused, and who signs nothing can sign nothing wrong.
                Ok(()) => assert!(
                    !refuses(trouble) || trouble == VaultTrouble::Refuses(VaultError::KeyInvalidated),
                    "{trouble:?} at {call}"
                ),
            }
        }
    }
    assert_eq!(checks.len(), 8, "{checks:?}");
    assert!(wrong > 0);
}

/// What a vault that cannot be trusted with anything makes of a tap: one payment or none, and the next tap mends it.
#[test]
fn a_tap_with_trouble_at_every_call_of_either_vault_pays_once() {
    let mut troubles = 0;
    for algorithm in ALGORITHMS {
        let mut world = World::on_disks(seed_from_environment(18)).unwrap();
        let mut alice = world.phone_with("Alice", &options(algorithm)).unwrap();
        let mut bob = world.phone_with("Bob", &options(algorithm)).unwrap();
        world.fund(&alice, yuan("200.00")).unwrap();
        for phone in [&alice, &bob] {
            phone.hardware().vault().behave(AWKWARD);
        }
        let amount = yuan("1.00");
        let mut paid = Amount::ZERO;
        for roles in Roles::ALL {
            for (trouble, payers) in VaultTrouble::ALL
                .into_iter()
                .flat_map(|t| [(t, true), (t, false)])
            {
                let hit = if payers { &alice } else { &bob };
                let request = bob.wallet().request(Some(amount)).unwrap().id;
                let vault = hit.hardware().vault();
                vault.trouble_after(0, trouble);
                let before = vault.calls();
                let mut first = world
                    .handoff_for(&alice, &bob, &request, Consent::Exactly(amount), roles)
                    .unwrap();
                let report = first.tap(Frames::Extended, &mut Air::perfect());
                assert!(vault.calls() > before, "the vault was not asked");
                drop(first);
                troubles += 1;
                let went_well = report.completed();
                assert!(!went_well, "{trouble:?}: {report:?}");
                if matches!(
                    trouble,
                    VaultTrouble::PowerFailsBefore | VaultTrouble::PowerFailsAfter
                ) {
                    let phone = if payers { &mut alice } else { &mut bob };
                    phone.crash(Kept::Nothing).unwrap();
                }
                assert_eq!(
                    spendable(&bob),
                    paid,
                    "{trouble:?}: nothing arrived without a receipt"
                );
                // Whatever it was, the next tap ends it.
                let mut second = world
                    .handoff_for(&alice, &bob, &request, Consent::To(request, amount), roles)
                    .unwrap();
                let report = second.tap(Frames::Extended, &mut Air::perfect());
                assert!(report.completed(), "{trouble:?}: {report:?}");
                paid = paid.checked_add(amount).unwrap();
                assert_eq!(spendable(&bob), paid, "{trouble:?}");
                assert_eq!(owned(&alice).checked_add(owned(&bob)), Some(yuan("200.00")));
            }
        }
        for phone in [&alice, &bob] {
            phone.wallet().sync(phone.line()).unwrap();
            assert!(
                events(phone)
                    .iter()
                    .all(|kind| !matches!(kind, EventKind::KeysDestroyed { .. }))
            );
        }
        assert!(world.books().unwrap().balanced);
    }
    assert_eq!(troubles, 2 * 2 * 9 * 2);
}

/// A sync makes keys, has them certified, looks what the vault has and deletes. Whatever fails in it, the next one is whole,
/// and nothing is left over in the vault.
#[test]
fn a_sync_with_trouble_at_every_call_of_the_vault_leaves_nothing_behind() {
    for trouble in VaultTrouble::ALL {
        let mut world = World::on_disks(seed_from_environment(19)).unwrap();
        let mut alice = world.phone("Alice").unwrap();
        let mut cases = 0;
        for call in 0.. {
            // A load uses keys up, and so does a refresh of what has become too many pieces.
            world.fund(&alice, yuan("10.00")).unwrap();
            let vault = alice.hardware().vault();
            vault.trouble_after(call, trouble);
            let before = vault.calls();
            let synced = alice.wallet().sync(alice.line());
            let reached = vault.calls() - before > call;
            vault.mend();
            if alice.disk().is_some_and(|disk| !disk.is_powered()) {
                alice.crash(Kept::Nothing).unwrap();
            }
            if !reached {
                synced.unwrap();
                break;
            }
            cases += 1;
            alice.wallet().sync(alice.line()).unwrap();
            alice.wallet().sync(alice.line()).unwrap();
            let history = alice.wallet().history().unwrap();
            let refreshes = history
                .iter()
                .filter(|entry| entry.kind == Kind::Refreshed)
                .count();
            let made = alice.hardware().vault().held().len();
            // Sixteen in the pool, and those that hold what was loaded, or refreshed.
            assert!(
                made <= 16 + 8 * (cases + refreshes) + 8,
                "{made} keys after {cases} times {trouble:?}, and {refreshes} refreshes"
            );
            assert_eq!(owned(&alice), Amount::from_fen(1_000 * cases as u64).unwrap());
        }
        assert!(cases >= 8, "{cases}");
    }
}

#[test]
fn a_destroyed_key_costs_a_delay_and_nothing_else() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    drop(events(&alice));
    let vault = alice.hardware().vault();

    // The key that would have paid is gone in the moment it is to sign.
    pay(&world, &alice, &bob, "50.00");
    assert!(vault.destroy(&next_signer()));
    drop(events(&alice));
    pay(&world, &alice, &bob, "20.00");
    let told = events(&alice);
    let destroyed = told.iter().find_map(|kind| match kind {
        EventKind::KeysDestroyed { keys, held } => Some((*keys, *held)),
        _ => None,
    });
    let (keys, held) = destroyed.unwrap();
    assert_eq!(keys, 1);
    let balance = alice.wallet().balance().unwrap();
    assert_eq!(balance.reasons, [(OnlyAtBank::KeyRetired, held)]);
    assert_eq!(
        balance.spendable.checked_add(held),
        yuan("100.00").checked_sub(yuan("70.00")),
        "the payment was planned again"
    );

    // Declared once; what it held comes back when its window closes.
    let report = alice.wallet().sync(alice.line()).unwrap();
    assert!(report.retired);
    assert!(!alice.wallet().sync(alice.line()).unwrap().retired);
    world.clock().advance(6 * 366 * 86_400);
    world.bank().close_windows().unwrap();
    alice.wallet().sync(alice.line()).unwrap();
    let account = alice.wallet().account_balance(alice.line()).unwrap();
    assert!(account >= held, "{account} of {held}");
    assert!(world.books().unwrap().balanced);
}

/// The key that would sign Alice's second payment: a twin of the world tells.
fn next_signer() -> VerifyingKey {
    let mut twin = world();
    let (alice, bob) = (twin.phone("Alice").unwrap(), twin.phone("Bob").unwrap());
    twin.fund(&alice, yuan("100.00")).unwrap();
    pay(&twin, &alice, &bob, "50.00");
    let known = alice.hardware().vault().signers_after(0).len();
    pay(&twin, &alice, &bob, "20.00");
    alice.hardware().vault().signers_after(known)[0]
}

#[test]
fn a_request_whose_key_is_gone_cannot_be_paid_and_the_payer_is_told() {
    for roles in Roles::ALL {
        let mut world = world();
        let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        world.fund(&alice, yuan("100.00")).unwrap();
        let amount = yuan("30.00");
        let request = bob.wallet().request(Some(amount)).unwrap();
        assert!(bob.hardware().vault().destroy(&request.payee.body.holder_key));
        let mut handoff = world
            .handoff_for(&alice, &bob, &request.id, Consent::Exactly(amount), roles)
            .unwrap();
        let report = handoff.tap(Frames::Extended, &mut Air::perfect());
        for outcome in [&report.payer, &report.payee] {
            assert!(
                matches!(outcome, Some(Outcome::Refused { refusal }) if refusal.code == Code::KeyRetired),
                "{report:?}"
            );
        }
        assert!(matches!(
            events(&bob)[..],
            [EventKind::KeysDestroyed {
                keys: 1,
                held: Amount::ZERO
            }]
        ));
        assert!(bob.wallet().open_requests().unwrap().is_empty());
        // It was signed, and so it is the bank's to bring home.
        assert_eq!(alice.wallet().in_doubt().unwrap().len(), 1);
        alice.wallet().sync(alice.line()).unwrap();
        assert_eq!(alice.wallet().in_doubt().unwrap().len(), 0);
        bob.wallet().sync(bob.line()).unwrap();
        assert_eq!(owned(&bob), Amount::ZERO);
        world.clock().advance(6 * 366 * 86_400);
        world.bank().close_windows().unwrap();
        assert_eq!(bob.wallet().account_balance(bob.line()).unwrap(), amount);
        // And with another key it goes on at once.
        assert!(bob.wallet().sync(bob.line()).is_ok());
        assert!(bob.wallet().request(Some(amount)).is_ok());
    }
}

#[test]
fn money_that_comes_back_to_a_destroyed_key_comes_back_through_the_bank() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let amount = yuan("30.00");
    let request = bob.wallet().request(Some(amount)).unwrap();
    let torn = |cut| {
        let mut handoff = world
            .handoff_for(
                &alice,
                &bob,
                &request.id,
                Consent::Exactly(amount),
                Roles::PayeeIsCard,
            )
            .unwrap();
        handoff.tap(Frames::Extended, &mut Air::cut_after(cut))
    };
    // Signed, and torn before it arrives.
    for cut in (300..1_500).step_by(50) {
        torn(cut);
        if !alice.wallet().in_doubt().unwrap().is_empty() {
            break;
        }
    }
    assert_eq!(alice.wallet().in_doubt().unwrap().len(), 1);
    bob.wallet().withdraw(&request.id).unwrap();
    alice.hardware().vault().destroy_all();
    let mut handoff = world
        .handoff_for(
            &alice,
            &bob,
            &request.id,
            Consent::Exactly(amount),
            Roles::PayeeIsCard,
        )
        .unwrap();
    let report = handoff.tap(Frames::Extended, &mut Air::perfect());
    assert_eq!(
        report.result,
        Err(TapError::Handoff(HandoffError::Fault(Fault::KeyRetired)))
    );
    for phone in [&bob, &alice] {
        phone.wallet().sync(phone.line()).unwrap();
    }
    world.clock().advance(6 * 366 * 86_400);
    world.bank().close_windows().unwrap();
    assert_eq!(
        alice.wallet().account_balance(alice.line()).unwrap(),
        yuan("100.00"),
        "all of it is back"
    );
    alice.wallet().sync(alice.line()).unwrap();
    assert!(world.books().unwrap().balanced);
}

#[test]
fn a_wallet_that_lost_every_key_says_so_and_receives_again_after_a_sync() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    world.fund(&bob, yuan("100.00")).unwrap();
    alice.hardware().vault().destroy_all();
    let mut handoff = world
        .handoff(&alice, &bob, yuan("10.00"), Roles::PayerIsCard)
        .unwrap();
    let report = handoff.tap(Frames::Short, &mut Air::perfect());
    assert!(
        matches!(report.declined(), Some(PayError::NotEnough { .. })),
        "{report:?}"
    );
    assert_eq!(owned(&alice), yuan("100.00"));
    let report = alice.wallet().sync(alice.line()).unwrap();
    assert!(report.retired && report.new_keys == 16, "{report:?}");
    pay(&world, &bob, &alice, "10.00");
    pay(&world, &alice, &bob, "5.00");
}

/// Two wallets on one device, and keys that a crash has left over: each tidies up after itself alone.
#[test]
fn only_what_is_left_over_is_deleted() {
    let mut world = world();
    let mut alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("10.00")).unwrap();
    alice.wallet().sync(alice.line()).unwrap();
    let platform = alice.platform();
    let before = alice.hardware().vault().held();
    let wallet = alice.wallet().journal_head().unwrap().wallet;
    platform.vault.create_key(&wallet, Algorithm::Ed25519).unwrap();
    let other = platform
        .vault
        .create_key(&WALLETS[0], Algorithm::Ed25519)
        .unwrap();
    assert_eq!(alice.wallet().sync(alice.line()).unwrap().deleted_keys, 1);
    let held = alice.hardware().vault().held();
    assert_eq!(held.len(), before.len() + 1);
    assert!(before.iter().chain([&other.public]).all(|key| held.contains(key)));

    // Rolled back: retired, and deleted once the bank knows.
    let snapshot = alice.snapshot().unwrap();
    world.fund(&alice, yuan("10.00")).unwrap();
    alice.wallet().sync(alice.line()).unwrap();
    assert!(alice.restore(&snapshot).unwrap().rolled_back);
    let report = alice.wallet().sync(alice.line()).unwrap();
    assert!(
        report.retired && report.deleted_keys >= before.len(),
        "{report:?}"
    );
    let held = alice.hardware().vault().held();
    assert!(before.iter().all(|key| !held.contains(key)));
    assert!(held.contains(&other.public));
    assert_eq!(owned(&alice), yuan("10.00"), "nothing is forgotten");
}

#[test]
fn without_the_key_that_wraps_the_data_key_the_lost_phone_path_is_next() {
    let mut world = world();
    let mut alice = world.phone("Alice").unwrap();
    alice.hardware().vault().destroy_data_key();
    let error = alice.restart().unwrap_err();
    let WorldError::Open(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error, OpenError::DataKeyDestroyed);
    assert_eq!(error.code(), Code::DataKeyDestroyed);
}

/// A payee that demands a chip is paid by no key in software, and the payer hears of it before it signs.
#[test]
fn a_payee_may_demand_keys_that_are_kept_better() {
    for roles in Roles::ALL {
        let mut world = world();
        let (alice, mut bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        world.fund(&alice, yuan("100.00")).unwrap();
        let demanded = Some(Assurance::SecureElement);
        bob.wallet().demand_assurance(demanded).unwrap();
        bob.restart().unwrap();
        assert_eq!(bob.wallet().demanded_assurance().unwrap(), demanded);
        let signed = alice.hardware().vault().transfers_after(0).len();
        let mut handoff = world.handoff(&alice, &bob, yuan("10.00"), roles).unwrap();
        let report = handoff.tap(Frames::Extended, &mut Air::perfect());
        assert!(
            matches!(
                report.payer,
                Some(Outcome::Declined {
                    reason: PayError::AssuranceTooLow {
                        demanded: Assurance::SecureElement
                    },
                    ..
                })
            ),
            "{report:?}"
        );
        assert!(
            matches!(report.payee, Some(Outcome::Refused { refusal }) if refusal.code == Code::AssuranceTooLow),
            "{report:?}"
        );
        assert_eq!(
            alice.hardware().vault().transfers_after(0).len(),
            signed,
            "nothing was signed"
        );
        bob.wallet().demand_assurance(Some(Assurance::Software)).unwrap();
        assert_eq!(bob.wallet().demanded_assurance().unwrap(), None);
        pay(&world, &alice, &bob, "10.00");
    }
}

/// A vault that was moved into a chip: what it makes from now on is kept there.
struct Chip(Arc<dyn KeyVault>);

impl Meddling for Chip {
    fn vault(&self) -> &dyn KeyVault {
        &*self.0
    }
    fn create_key(&self, wallet: &WalletId, algorithm: Algorithm) -> Result<VaultKey, VaultError> {
        let assurance = Assurance::SecureElement;
        let made = self.0.create_key(wallet, algorithm)?;
        Ok(VaultKey { assurance, ..made })
    }
}

/// Of a wallet with keys in software and keys in a chip, a payee that demands the chip gets what the chip's keys hold; and the
/// payer hears whether it has too little or only keeps it too badly.
#[test]
fn what_better_keys_hold_is_paid_to_who_demands_them() {
    let mut world = world();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("10.00")).unwrap();
    let (wallet, _, _) = vaults::opened(&alice, Chip);
    let line = world.line();
    // Every load uses up keys, and every sync certifies new ones.
    for _ in 0..30 {
        world
            .bank()
            .pay_in(&wallet.account().unwrap(), yuan("1.00"))
            .unwrap();
        wallet.load(&line, yuan("1.00")).unwrap();
        wallet.sync(&line).unwrap();
    }
    bob.wallet()
        .demand_assurance(Some(Assurance::SecureElement))
        .unwrap();
    let pay = |amount: &str| {
        let request = bob.wallet().request(Some(yuan(amount))).unwrap();
        let mut handoff = Handoff {
            payer: wallet.pay(Consent::Exactly(yuan(amount)), Side::Reader).unwrap(),
            payee: bob.wallet().receive(&request.id, Side::Card).unwrap(),
        };
        let report = handoff.tap(Frames::Extended, &mut Air::perfect());
        assert!(report.completed() || report.declined().is_some(), "{report:?}");
        report.declined()
    };
    assert_eq!(pay("0.50"), None);
    let rest = wallet.balance().unwrap().spendable;
    assert_eq!(rest, yuan("39.50"));
    let demanded = Assurance::SecureElement;
    assert_eq!(pay("39.50"), Some(PayError::AssuranceTooLow { demanded }));
    assert!(matches!(pay("39.51"), Some(PayError::NotEnough { .. })));
}

/// A vault whose bank line works and which says no: the error is the vault's own.
#[test]
fn a_sync_that_the_user_cancels_says_so() {
    let mut world = world();
    let alice = world.phone("Alice").unwrap();
    world.fund(&alice, yuan("10.00")).unwrap();
    alice
        .hardware()
        .vault()
        .trouble_after(0, VaultTrouble::Refuses(VaultError::UserCancelled));
    assert_eq!(
        alice.wallet().sync(alice.line()).unwrap_err(),
        BankError::Fault(Fault::Vault(VaultError::UserCancelled))
    );
}
