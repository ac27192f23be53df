//! Loads, deposits and enrolments in which the disk goes wrong, at every operation of them.

use protocol::{Algorithm, Amount, WalletClass};
use simulator::{
    Phone, World,
    disk::{Kept, Trouble},
    seed_from_environment,
};
use tests::phones::{owned, spendable, yuan};
use wallet_core::Wallet;

use crate::{
    life::Newborn,
    stand::{Case, TROUBLES, in_doubt},
};

/// What the owner of a phone has in the account.
fn account(world: &World, phone: &Phone) -> Amount {
    phone.wallet().account_balance(&world.line()).unwrap()
}

/// Does something with the bank that moves `amount`, while one operation of the disk goes wrong, one after the other;
/// then, with or without a battery pull, the phone syncs, and all of the amount has moved, or nothing. How many cases
/// that were.
fn with_every_operation_going_wrong(
    seed: u64,
    amount: Amount,
    prepare: impl Fn(&World, &Phone),
    deal: impl Fn(&World, &Wallet) -> bool,
) -> u64 {
    let mut cases = 0;
    for (trouble, restart) in TROUBLES
        .iter()
        .flat_map(|trouble| [(*trouble, true), (*trouble, false)])
    {
        if !restart && matches!(trouble, Trouble::PowerCut(_)) {
            continue;
        }
        let mut world = World::on_disks(seed_from_environment(seed)).unwrap();
        let mut phone = world.phone("Alice").unwrap();
        for after in 0.. {
            let _case = Case((trouble, restart, after));
            prepare(&world, &phone);
            let before = (owned(&phone), account(&world, &phone));
            let disk = phone.disk().unwrap().clone();
            disk.plan(trouble, after);
            let dealt = deal(&world, phone.wallet());
            let reached = !disk.forget_plan();
            disk.make_room();
            if restart {
                let report = phone.crash(Kept::Nothing).unwrap();
                assert!(!report.rolled_back);
                assert_eq!(report.in_doubt, in_doubt(phone.wallet()));
                assert!(report.orders <= 1, "{report:?}");
            }
            phone.wallet().sync(&world.line()).unwrap();

            let now = (owned(&phone), account(&world, &phone));
            let moved = now != before;
            assert!(moved || !dealt);
            let difference = if moved { amount } else { Amount::ZERO };
            let [less, more] = if now.0 < before.0 {
                [now, before]
            } else {
                [before, now]
            };
            assert_eq!(Some(more.0), less.0.checked_add(difference), "on the phone");
            assert_eq!(Some(less.1), more.1.checked_add(difference), "in the account");
            assert_eq!(in_doubt(phone.wallet()), 0);
            let books = world.books().unwrap();
            assert!(books.balanced && books.outstanding == now.0, "{books:?}");
            if !reached {
                assert!(dealt && after > 6, "dealings are more than {after} operations");
                break;
            }
            cases += 1;
        }
    }
    cases
}

#[test]
fn every_operation_of_a_load_goes_wrong_in_every_way() {
    let amount = yuan("1.00");
    let cases = with_every_operation_going_wrong(
        4,
        amount,
        |world, phone| {
            let account = phone.wallet().account().unwrap();
            world.bank().pay_in(&account, amount).unwrap();
        },
        |world, wallet| wallet.load(&world.line(), amount).is_ok(),
    );
    println!("power: {cases} loads with one thing wrong, each all or nothing after a sync");
}

#[test]
fn every_operation_of_a_deposit_goes_wrong_in_every_way() {
    let amount = yuan("20.00");
    let cases = with_every_operation_going_wrong(
        5,
        amount,
        |world, phone| {
            if spendable(phone) == Amount::ZERO {
                world.fund(phone, amount).unwrap();
            }
        },
        |world, wallet| wallet.deposit(&world.line(), None).is_ok(),
    );
    println!("power: {cases} deposits with one thing wrong, each all or nothing after a sync");
}

#[test]
fn every_operation_of_an_enrolment_goes_wrong_in_every_way() {
    let world = World::on_disks(seed_from_environment(6)).unwrap();
    let mut cases = 0;
    for trouble in TROUBLES {
        for after in 0.. {
            let _case = Case((trouble, after));
            let newborn = Newborn::new(world.bank().root(), Algorithm::Ed25519, cases);
            let mut rig = newborn.rig();
            rig.hold(newborn.create(&rig).unwrap());
            let enrol = |wallet: &Wallet| wallet.enrol(&world.line(), WalletClass::Ii, None);
            rig.disk.plan(trouble, after);
            let first = enrol(rig.wallet());
            if rig.disk.forget_plan() {
                first.unwrap();
                assert!(after > 6, "an enrolment is more than {after} operations");
                break;
            }
            cases += 1;
            rig.restart(Kept::Nothing);
            enrol(rig.wallet()).unwrap();
            rig.wallet().sync(&world.line()).unwrap();
            rig.wallet().request(Some(yuan("1.00"))).unwrap();
        }
    }
    println!("power: {cases} enrolments with one thing wrong, each complete when repeated");
}
