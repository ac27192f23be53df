//! A handoff in which one phone's disk goes wrong, at every operation of it.

use std::collections::BTreeSet;

use protocol::{Amount, Request, Signed, Slip};
use simulator::{
    Air, Roles, TapReport, World,
    disk::{Kept, Trouble},
    seed_from_environment,
};
use tests::phones::yuan;
use wallet_core::{Consent, OpenReport};

use crate::stand::{Case, Rig, Still, TROUBLES, in_doubt, swapped, tap};

/// Alice has 100.00, and Bob asks 37.45 for his noodles.
struct Scene {
    alice: Still,
    bob: Still,
    /// As it stands on Bob's screen.
    asked: Signed<Request>,
    amount: Amount,
}

/// How they pay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Means {
    Tap(Roles),
    Codes,
}

impl Means {
    const ALL: [Self; 3] = [
        Self::Tap(Roles::PayeeIsCard),
        Self::Tap(Roles::PayerIsCard),
        Self::Codes,
    ];

    /// With what they go on after what went wrong: with the same, with a tap the other way round, or with codes.
    const fn again(self, after: u64) -> Self {
        match (after % 3, self) {
            (0, same) => same,
            (1, Self::Tap(roles)) => Self::Tap(swapped(roles)),
            (1, Self::Codes) => Self::Tap(Roles::PayeeIsCard),
            _ => Self::Codes,
        }
    }
}

/// Whose disk goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whose {
    Payer,
    Payee,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::on_disks(seed_from_environment(3)).unwrap();
        let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
        world.fund(&alice, yuan("100.00")).unwrap();
        let amount = yuan("37.45");
        let request = bob.wallet().request(Some(amount)).unwrap().id;
        let Slip::Request(asked) = bob.wallet().request_slip(&request).unwrap() else {
            panic!()
        };
        Self {
            alice: Still::of(&alice),
            bob: Still::of(&bob),
            asked,
            amount,
        }
    }

    fn wake(&self, case: u64) -> [Rig; 2] {
        [self.alice.wake(2 * case), self.bob.wake(2 * case + 1)]
    }

    fn tap(&self, [alice, bob]: &[Rig; 2], roles: Roles, mut air: Air) -> Option<TapReport> {
        tap(
            alice.wallet(),
            bob.wallet(),
            &self.asked.body.id,
            self.amount,
            roles,
            &mut air,
        )
    }

    /// The payment and its receipt are shown and read. `None` if that did not go well.
    fn show(&self, [alice, bob]: &[Rig; 2]) -> Option<()> {
        let consent = Consent::Exactly(self.amount);
        let paid = alice.wallet().pay_request(&self.asked, consent).ok()?;
        let receipt = bob.wallet().take(&paid.slip).ok()?.answer?;
        alice.wallet().take(&receipt).ok().map(drop)
    }

    /// Whether they come to the end.
    fn pay(&self, phones: &[Rig; 2], means: Means) -> bool {
        match means {
            Means::Tap(roles) => self
                .tap(phones, roles, Air::perfect())
                .is_some_and(|report| report.result == Ok(true)),
            Means::Codes => self.show(phones).is_some(),
        }
    }

    /// No fen more, no fen less, wherever the payment is.
    fn assert_conserved(&self, [alice, bob]: &[Rig; 2]) {
        let in_doubt = alice.wallet().balance().unwrap().in_doubt;
        let at_bob = bob.owned();
        let under_way = if at_bob == Amount::ZERO {
            in_doubt
        } else {
            Amount::ZERO
        };
        assert!(at_bob == Amount::ZERO || at_bob == self.amount, "{at_bob}");
        assert_eq!(
            Amount::checked_sum([alice.owned(), under_way, at_bob]),
            Some(yuan("100.00")),
            "Alice {}, in doubt {in_doubt}, Bob {at_bob}",
            alice.owned()
        );
    }

    /// Exactly one payment, known to both.
    fn assert_paid_once(&self, [alice, bob]: &[Rig; 2]) {
        assert_eq!(bob.owned(), self.amount);
        assert_eq!(alice.owned(), yuan("62.55"));
        for phone in [alice, bob] {
            assert_eq!(in_doubt(phone.wallet()), 0);
        }
        let payments = |phone: &Rig| {
            let history = phone.wallet().history().unwrap();
            history
                .iter()
                .filter_map(|entry| entry.transfer)
                .collect::<Vec<_>>()
        };
        assert_eq!(payments(alice).len(), 1);
        assert_eq!(payments(alice), payments(bob));
    }

    /// What `open` reports of either phone before the payment, in the middle of it, and after it.
    fn states(&self) -> [BTreeSet<(usize, usize)>; 2] {
        let mut states: [BTreeSet<_>; 2] = Default::default();
        let mut look = |phones: &mut [Rig; 2]| {
            for (phone, states) in phones.iter_mut().zip(&mut states) {
                states.insert(counts(phone.restart(Kept::Nothing)));
            }
        };
        let mut phones = self.wake(0);
        look(&mut phones);
        let whole = self.tap(&phones, Roles::PayeeIsCard, Air::perfect()).unwrap();
        assert!(whole.completed());
        look(&mut phones);
        let torn = (0..whole.traffic.bytes()).rev().map(|cut| {
            let phones = self.wake(0);
            self.tap(&phones, Roles::PayeeIsCard, Air::cut_after(cut))
                .unwrap();
            phones
        });
        let mut torn = torn.filter(|[alice, _]| in_doubt(alice.wallet()) == 1);
        look(&mut torn.next().unwrap());
        assert!(states[0].iter().any(|(in_doubt, _)| *in_doubt == 1), "{states:?}");
        states
    }
}

fn counts(report: OpenReport) -> (usize, usize) {
    assert_eq!(report.orders, 0);
    (report.in_doubt, report.pieces)
}

#[test]
fn every_operation_of_a_handoff_goes_wrong_in_every_way() {
    let scene = Scene::new();
    let states = scene.states();
    let (mut cases, mut in_doubt_between, mut paid_between) = (0_u64, 0, 0);
    for whose in [Whose::Payer, Whose::Payee] {
        for means in Means::ALL {
            for trouble in TROUBLES {
                for restart in [true, false] {
                    if !restart && matches!(trouble, Trouble::PowerCut(_)) {
                        continue;
                    }
                    for after in 0.. {
                        let _case = Case((whose, means, trouble, restart, after));
                        let mut phones = scene.wake(cases);
                        let at = whose as usize;
                        phones[at].disk.plan(trouble, after);
                        let first = scene.pay(&phones, means);
                        if phones[at].disk.forget_plan() {
                            assert!(first);
                            scene.assert_paid_once(&phones);
                            assert!(after > 3, "a side of a handoff is more than {after} operations");
                            break;
                        }
                        cases += 1;
                        if restart {
                            let report = counts(phones[at].restart(Kept::Nothing));
                            assert!(states[at].contains(&report), "{report:?} of {states:?}");
                        }
                        phones[at].disk.make_room();
                        scene.assert_conserved(&phones);
                        in_doubt_between += in_doubt(phones[0].wallet());
                        paid_between += usize::from(phones[1].owned() == scene.amount);

                        assert!(scene.pay(&phones, means.again(after)));
                        scene.assert_paid_once(&phones);
                        for phone in &mut phones {
                            phone.restart(Kept::Nothing);
                        }
                        scene.assert_paid_once(&phones);
                    }
                }
            }
        }
    }
    println!(
        "power: {cases} handoffs with one thing wrong, {in_doubt_between} in doubt and {paid_between} taken in between, \
         each one payment in the end"
    );
    assert!(in_doubt_between > 0 && paid_between > 0);
}

/// The disk reports that a commit has failed, and it is there all the same; somebody copies the files at that moment. The phone goes
/// on without that payment, and pays another with the same money. Then the copy is put back, and with it a second transfer of one
/// outpoint.
#[test]
fn what_only_a_copy_knows_to_be_signed_never_leaves_it() {
    let scene = Scene::new();
    let (more, everything) = (yuan("80.00"), yuan("100.00"));
    assert!(
        scene.amount.checked_add(more).unwrap() > everything,
        "one piece is in both"
    );
    let (mut cases, mut frozen) = (0_u64, 0);
    for roles in Roles::ALL {
        for after in 0.. {
            let _case = Case((roles, after));
            let mut phones = scene.wake(cases);
            phones[0].disk.plan(Trouble::FailsAfter, after);
            let first = scene.tap(&phones, roles, Air::perfect());
            if phones[0].disk.forget_plan() {
                break;
            }
            cases += 1;
            let copy = phones[0].disk.snapshot();
            if first.is_some_and(|tap| tap.completed()) || in_doubt(phones[0].wallet()) > 0 {
                continue;
            }
            let [alice, bob] = &mut phones;
            let request = bob.wallet().request(Some(more)).unwrap().id;
            let second = tap(
                alice.wallet(),
                bob.wallet(),
                &request,
                more,
                roles,
                &mut Air::perfect(),
            );
            assert!(second.unwrap().completed());

            alice.close();
            alice.disk.restore(&copy);
            let report = alice.open();
            assert!(report.rolled_back, "{report:?}");
            frozen += report.frozen;
            // Bob asks for the first one still, and it is the very one that the copy would resume.
            for roles in Roles::ALL {
                let third = scene.tap(&phones, roles, Air::perfect()).unwrap();
                assert!(
                    report.frozen == 0 || third.payee.is_none(),
                    "Bob heard of it: {third:?}"
                );
                assert_eq!(phones[1].owned(), more);
            }
        }
    }
    println!("power: {frozen} of {cases} copies knew of a payment that their phone had given up");
    assert!(frozen > 0);
}

#[test]
fn a_full_disk_stops_a_payment_before_it_leaves_and_after_that_loses_nothing() {
    let scene = Scene::new();
    let mut cases = 0_u64;
    for whose in [Whose::Payer, Whose::Payee] {
        for roles in Roles::ALL {
            for room in (0..).step_by(1_000) {
                let _case = Case((whose, roles, room));
                let phones = scene.wake(cases);
                let disk = &phones[whose as usize].disk;
                let used = disk.used();
                disk.limit_to(used + room);
                let first = scene.tap(&phones, roles, Air::perfect()).unwrap();
                scene.assert_conserved(&phones);
                if first.completed() {
                    assert!(room > 4_000, "a commit takes more room than {room} bytes");
                    break;
                }
                cases += 1;
                // As long as it is full, nothing changes, however often they try.
                let second = scene.tap(&phones, swapped(roles), Air::perfect());
                assert!(!second.is_some_and(|tap| tap.completed()));
                scene.assert_conserved(&phones);
                disk.make_room();
                scene.tap(&phones, roles, Air::perfect()).unwrap().result.unwrap();
                scene.assert_paid_once(&phones);
            }
        }
    }
    println!("power: {cases} handoffs on full disks");
}
