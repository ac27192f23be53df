//! Wallets that are born and woken while the disk goes wrong.

use std::sync::Arc;

use protocol::{Algorithm, Amount, SigningKey, VerifyingKey};
use simulator::{
    Air, Roles, SeededEntropy, World,
    disk::{Disk, Kept, Trouble},
    seed_from_environment,
};
use tests::phones::yuan;
use wallet_core::{
    AccountWords, EventKind, Location, NewWallet, OpenError, Platform, Wallet, WordCount, WordList,
    guard::{Head, MemoryGuard},
    vault::SoftwareVault,
};
use zeroize::Zeroizing;

use crate::stand::{Case, FILE, Rig, Still, TROUBLES, in_doubt, tap};

/// What a wallet is made of.
pub(crate) struct Newborn {
    words: AccountWords,
    root: VerifyingKey,
    algorithm: Algorithm,
    case: u64,
}

impl Newborn {
    pub(crate) fn new(root: VerifyingKey, algorithm: Algorithm, case: u64) -> Self {
        let mut secret = Zeroizing::new([5; 32]);
        secret[..8].copy_from_slice(&case.to_be_bytes());
        Self {
            words: AccountWords::from_entropy(&secret, WordCount::Twelve, WordList::English).unwrap(),
            root,
            algorithm,
            case,
        }
    }

    /// A device without a wallet.
    pub(crate) fn rig(&self) -> Rig {
        let entropy = Arc::new(SeededEntropy::new(2, self.case));
        let world = World::on_disks(1).unwrap();
        Rig::new(
            Disk::new().unwrap(),
            Platform {
                vault: Arc::new(SoftwareVault::new(Zeroizing::new([7; 32]), entropy.clone())),
                guard: Arc::new(MemoryGuard::default()),
                clock: Arc::new(world.clock().clone()),
                entropy,
            },
        )
    }

    pub(crate) fn create(&self, rig: &Rig) -> Result<Wallet, OpenError> {
        let new = NewWallet {
            words: &self.words,
            root: self.root,
            algorithm: self.algorithm,
        };
        Wallet::create(rig.location(), rig.platform.clone(), &new)
    }
}

fn root() -> VerifyingKey {
    SigningKey::from_seed(Algorithm::Ed25519, &[8; 32])
        .unwrap()
        .verifying_key()
}

#[test]
fn every_operation_of_a_birth_goes_wrong_in_every_way() {
    let (mut cases, mut alive) = (0, 0);
    for trouble in TROUBLES {
        for after in 0.. {
            let _case = Case((trouble, after));
            let newborn = Newborn::new(root(), Algorithm::P256, cases);
            let mut rig = newborn.rig();
            rig.disk.plan(trouble, after);
            let first = newborn.create(&rig);
            if rig.disk.forget_plan() {
                first.unwrap();
                assert!(after > 10, "a birth is more than {after} operations");
                break;
            }
            cases += 1;
            let born = first.is_ok();
            drop(first);
            rig.cycle(Kept::Nothing);
            let second = newborn.create(&rig);
            match second {
                Ok(_) => assert!(!born, "a wallet that was there is gone"),
                // There is a whole wallet, even if nobody was told.
                Err(OpenError::WalletExists) => alive += 1,
                Err(error) => panic!("{error}"),
            }
            drop(second);
            let report = rig.open();
            assert!(!report.rolled_back);
        }
    }
    println!(
        "power: {cases} births with one thing wrong, {alive} of them of a whole wallet, none of half a one"
    );
}

/// A payment in doubt, whose commit the guard has not heard of yet.
fn torn_payment() -> (Still, Amount) {
    let mut world = World::on_disks(seed_from_environment(7)).unwrap();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    let before = Still::of(&alice);
    let amount = yuan("37.45");
    let request = bob.wallet().request(Some(amount)).unwrap().id;
    let (payer, payee) = (alice.wallet(), bob.wallet());
    let bytes = (0..).find(|cut| {
        tap(
            payer,
            payee,
            &request,
            amount,
            Roles::PayeeIsCard,
            &mut Air::cut_after(*cut),
        )
        .unwrap();
        in_doubt(payer) == 1
    });
    assert!(bytes.is_some());
    (Still::of(&alice).with_guard(before.head), amount)
}

#[test]
fn every_operation_of_an_awakening_goes_wrong_in_every_way() {
    let (still, amount) = torn_payment();
    let mut cases = 0;
    for trouble in TROUBLES {
        for after in 0.. {
            let _case = Case((trouble, after));
            let mut rig = still.rest(cases);
            rig.disk.plan(trouble, after);
            let first = Wallet::open(rig.location(), rig.platform.clone()).map(|(_, report)| report);
            let reached = !rig.disk.forget_plan();
            match first {
                Ok(report) => assert!(report.guard_caught_up && !report.rolled_back, "{report:?}"),
                // A drive that fails is no damage, and no reason to take a wallet for one.
                Err(error) => assert_eq!(error, OpenError::Unavailable),
            }
            if !reached {
                assert!(after > 10, "an awakening is more than {after} operations");
                break;
            }
            cases += 1;
            rig.restart(Kept::Nothing);
            let balance = rig.wallet().balance().unwrap();
            assert_eq!((rig.owned(), balance.in_doubt), (yuan("62.55"), amount));
        }
    }
    println!("power: {cases} awakenings with one thing wrong, after which nothing is lost");
}

fn is_told_of_a_rollback(wallet: &Wallet) -> bool {
    while let Some(event) = wallet.next_event().unwrap() {
        if matches!(event.kind, EventKind::RolledBack { .. }) {
            return true;
        }
        wallet.acknowledge_event(event.id).unwrap();
    }
    false
}

#[test]
fn a_rolled_back_wallet_is_found_out_whatever_goes_wrong_then() {
    let (still, _) = torn_payment();
    let still = still.with_guard(Head {
        number: still.head.number + 99,
        digest: [9; 32],
        ..still.head
    });
    let mut cases = 0;
    for trouble in TROUBLES {
        for after in 0.. {
            let _case = Case((trouble, after));
            let mut rig = still.rest(cases);
            rig.disk.plan(trouble, after);
            let first = Wallet::open(rig.location(), rig.platform.clone()).map(|(_, report)| report);
            if rig.disk.forget_plan() {
                assert!(first.unwrap().rolled_back);
                break;
            }
            cases += 1;
            rig.cycle(Kept::Nothing);
            rig.open();
            assert_eq!(rig.wallet().balance().unwrap().spendable, Amount::ZERO);
            let head = rig.wallet().journal_head().unwrap();
            assert_eq!(rig.platform.guard.read(&head.wallet), Ok(Some(head)));
            // Whichever `open` found it out, and whether anybody saw its report: it is told until it is acknowledged.
            assert!(is_told_of_a_rollback(rig.wallet()));
        }
    }
    println!("power: {cases} retirements with one thing wrong, each told, after which no old key is used");
}

#[test]
fn a_store_on_a_disk_has_one_owner_and_its_damage_has_no_copy() {
    let newborn = Newborn::new(root(), Algorithm::Ed25519, 0);
    let mut rig = newborn.rig();
    let wallet = newborn.create(&rig).unwrap();
    let open = |location: Location| Wallet::open(location, rig.platform.clone()).map(|_| ());
    assert_eq!(open(rig.location()), Err(OpenError::AlreadyOpen));
    let other = Disk::new().unwrap();
    other.restore(&rig.disk.snapshot());
    assert_eq!(open(other.location(FILE)), Ok(()), "it is another disk");
    wallet.close().unwrap();
    assert_eq!(open(rig.location()), Ok(()));

    let nowhere = Location::on_vfs("no-such-file-system", FILE);
    assert_eq!(open(nowhere), Err(OpenError::Unavailable));

    let mut bytes = rig.disk.read(FILE).unwrap();
    bytes[..16].fill(0);
    rig.disk.put(FILE, bytes.clone());
    assert_eq!(open(rig.location()), Err(OpenError::Damaged { copy: None }));
    assert_eq!(rig.disk.read(FILE), Some(bytes), "and it is left as it was");
    rig.disk.format();
    assert!(!matches!(rig.disk.read(FILE), Some(bytes) if !bytes.is_empty()));
    rig.cycle(Kept::Nothing);
    assert!(newborn.create(&rig).is_ok());
    // A power cut in between is not forgotten with the plan.
    rig.disk.plan(Trouble::PowerCut(Kept::Everything), 0);
    assert_eq!(
        Wallet::open(rig.location(), rig.platform.clone()).err(),
        Some(OpenError::Unavailable)
    );
}
