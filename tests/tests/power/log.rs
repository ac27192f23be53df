//! The write-ahead log, cut off at every frame and beside it.

use protocol::Amount;
use simulator::{Air, Roles, World, disk::Kept, seed_from_environment};
use tests::phones::yuan;
use wallet_core::{Wallet, guard::Head};

use crate::stand::{Case, Rig, Still, in_doubt, tap};

const LOG: &str = "wallet.sqlite-wal";
const LOG_HEADER: usize = 32;
const FRAME: usize = 24 + 4096;

/// A commit, as the wallet was after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Moment {
    head: Head,
    /// What the guard held then.
    guarded: Head,
    owned: Amount,
    in_doubt: usize,
}

fn moment(rig: &Rig) -> Moment {
    let head = rig.wallet().journal_head().unwrap();
    Moment {
        head,
        guarded: rig.platform.guard.read(&head.wallet).unwrap().unwrap(),
        owned: rig.owned(),
        in_doubt: in_doubt(rig.wallet()),
    }
}

/// A wallet after a payment in doubt and one receipted, requests in between, with all of it in the log; and every
/// moment on the way there.
fn history() -> (Still, Vec<Moment>) {
    let mut world = World::on_disks(seed_from_environment(8)).unwrap();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    // After a restart the log is empty, and what was before is in the file.
    let mut rig = Still::of(&alice).wake(0);
    rig.restart(Kept::Nothing);
    rig.close();
    rig.open();
    let mut moments = vec![moment(&rig)];
    let ask = |wallet: &Wallet| wallet.request(Some(yuan("10.00"))).unwrap().id;
    for round in 0..3 {
        ask(rig.wallet());
        moments.push(moment(&rig));
        let request = ask(bob.wallet());
        let meet = |mut air| {
            let (payer, payee) = (rig.wallet(), bob.wallet());
            tap(
                payer,
                payee,
                &request,
                yuan("10.00"),
                Roles::PayeeIsCard,
                &mut air,
            )
        };
        for cut in 0.. {
            let before = in_doubt(rig.wallet());
            meet(Air::cut_after(cut)).unwrap();
            if in_doubt(rig.wallet()) != before {
                break;
            }
        }
        moments.push(moment(&rig));
        if round < 2 {
            assert!(meet(Air::perfect()).unwrap().completed());
            moments.push(moment(&rig));
        }
    }
    (Still::now(&rig), moments)
}

#[test]
fn a_log_cut_off_anywhere_is_a_crash_ahead_of_the_guard_and_a_rollback_behind_it() {
    let (still, moments) = history();
    assert!(
        moments
            .windows(2)
            .all(|pair| pair[0].head.number + 1 == pair[1].head.number)
    );
    let whole = still.rest(0).disk.read(LOG).unwrap();
    let frames = (whole.len() - LOG_HEADER) / FRAME;
    assert!(frames >= 2 * moments.len(), "{frames} frames");
    let boundaries = (0..=frames).map(|frame| LOG_HEADER + frame * FRAME);
    let cuts: Vec<_> = boundaries
        .flat_map(|at| [at - 1, at, at + 1])
        .filter(|cut| *cut <= whole.len())
        .collect();
    let (mut crashes, mut rollbacks) = (0, 0);
    let mut found_again = vec![false; moments.len()];
    for (case, cut) in (0_u64..).zip(&cuts) {
        for (place, guard) in moments.iter().enumerate() {
            let _case = Case((cut, guard.guarded.number));
            let mut rig = still.with_guard(guard.guarded).rest(case);
            rig.disk.put(LOG, whole[..*cut].to_vec());
            let report = rig.open();
            // What is left is one of the moments that there were, to the fen. A retirement is a commit on top of it.
            let now = moment(&rig);
            let number = now.head.number - u64::from(report.rolled_back);
            let found = moments
                .iter()
                .position(|then| then.head.number == number)
                .unwrap();
            let then = moments[found];
            assert_eq!((now.owned, now.in_doubt), (then.owned, then.in_doubt));
            assert_eq!(now.guarded, now.head, "the guard knows, whatever it was");
            if place + 1 < found {
                // The guard does not go back in time: it is at most one commit behind what can be in the log.
                continue;
            }
            assert_eq!(report.rolled_back, guard.guarded.number > number);
            if report.rolled_back {
                assert_eq!(
                    rig.wallet().balance().unwrap().spendable,
                    Amount::ZERO,
                    "no old key signs"
                );
                rollbacks += 1;
            } else {
                assert_eq!(now.head, then.head);
                assert_eq!(report.guard_caught_up, guard.guarded != then.head);
                found_again[found] = true;
                crashes += 1;
            }
        }
    }
    assert_eq!(found_again, vec![true; moments.len()]);
    assert!(rollbacks > 0);
    println!(
        "power: a log of {frames} frames cut at {} places, before {} guards: {crashes} crashes and {rollbacks} rollbacks, \
         told apart",
        cuts.len(),
        moments.len()
    );
}
