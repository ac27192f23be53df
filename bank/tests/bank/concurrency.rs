//! Many callers at once.

use std::thread;

use crate::common::{World, answer, fen};
use protocol::{
    Amount, Code,
    bank::{Answer, Order},
};

const CALLERS: usize = 8;

/// The same call from many connections at once: all get the same answer, and it is done once.
#[test]
fn the_same_order_from_everywhere_at_once_is_done_once() {
    let world = World::new(1);
    let wallet = world.customer(1, 10_000);
    let load = wallet.call(
        wallet.idempotency_key(),
        Order::Load {
            amount: fen(5_000),
            keys: vec![wallet.key(0)],
        },
    );
    let pieces = wallet.load(&world.bank, 1_000);
    let (key, order) = wallet.deposit(&world.bank, &pieces);
    let deposit = wallet.call(key, order);
    for call in [load, deposit] {
        let answers: Vec<Vec<u8>> = thread::scope(|scope| {
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| scope.spawn(|| world.bank.handle_call(&call)))
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).collect()
        });
        assert!(!matches!(answer(&answers[0]), Answer::Refused(_)));
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        world.check();
    }
    assert_eq!(wallet.balance(&world.bank), fen(5_000));
    assert_eq!(world.bank.books().unwrap().issued, fen(6_000));
}

/// Many orders race for one account and one reserve: as many are granted as there is money for, and the books balance all
/// the while.
#[test]
fn orders_that_race_for_the_same_money_get_it_once() {
    let mut config = crate::common::config(bank::Place::Memory);
    config.initial_reserve = fen(2_500);
    let world = World::with(2, config);
    let wallet = world.customer(1, 3_500);
    let calls: Vec<_> = (0..CALLERS)
        .map(|_| {
            let order = Order::Load {
                amount: fen(1_000),
                keys: vec![wallet.key(0)],
            };
            wallet.call(wallet.idempotency_key(), order)
        })
        .collect();
    let answers: Vec<Answer> = thread::scope(|scope| {
        let callers: Vec<_> = calls
            .iter()
            .map(|call| scope.spawn(|| answer(&world.bank.handle_call(call))))
            .collect();
        for _ in 0..20 {
            let books = world.bank.books().unwrap();
            let torn: Vec<_> = books.checks.iter().filter(|check| !check.holds).collect();
            assert!(torn.is_empty(), "{torn:#?}");
        }
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let granted = answers
        .iter()
        .filter(|answer| matches!(answer, Answer::Loaded { .. }))
        .count();
    assert_eq!(granted, 2, "the reserve covers two");
    for answer in answers {
        if let Answer::Refused(refusal) = answer {
            assert!(matches!(refusal.code, Code::ReserveTooLow | Code::AccountTooLow));
        }
    }
    assert_eq!(wallet.balance(&world.bank), fen(1_500));
    assert_eq!(world.bank.books().unwrap().loads_in_flight, Amount::ZERO);
    world.check();
}
