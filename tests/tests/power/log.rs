//! The write-ahead log, cut off at every frame and beside it.

use std::sync::{Arc, Mutex};

use protocol::Amount;
use simulator::{Air, Roles, World, seed_from_environment};
use tests::phones::yuan;
use wallet_core::{
    Wallet,
    guard::{GuardUnavailable, Head, RollbackGuard, WalletId},
};

use crate::stand::{Case, Rig, Still, in_doubt, tap};

const LOG: &str = "wallet.sqlite-wal";
const LOG_HEADER: usize = 32;
const FRAME: usize = 24 + 4096;

/// A commit, as the wallet was after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Moment {
    head: Head,
    owned: Amount,
    in_doubt: usize,
}

fn moment(rig: &Rig) -> Moment {
    let head = rig.wallet().journal_head().unwrap();
    Moment {
        head,
        owned: rig.owned(),
        in_doubt: in_doubt(rig.wallet()),
    }
}

/// Remembers everything that the guard ever held.
struct Recorder {
    guard: Arc<dyn RollbackGuard>,
    held: Mutex<Vec<Head>>,
}

impl RollbackGuard for Recorder {
    fn read(&self, wallet: &WalletId) -> Result<Option<Head>, GuardUnavailable> {
        self.guard.read(wallet)
    }

    fn advance(&self, known: Option<&Head>, head: &Head) -> Result<Head, GuardUnavailable> {
        self.held.lock().unwrap().push(*head);
        self.guard.advance(known, head)
    }
}

/// A wallet after a payment in doubt and one receipted, requests in between, with all of it in the log; and every
/// moment on the way there, and all that the guard held.
fn history() -> (Still, Vec<Moment>, Vec<Head>) {
    let mut world = World::on_disks(seed_from_environment(8)).unwrap();
    let (alice, bob) = (world.phone("Alice").unwrap(), world.phone("Bob").unwrap());
    world.fund(&alice, yuan("100.00")).unwrap();
    // After a restart the log is empty, and what was before is in the file.
    let mut rig = Still::of(&alice).wake(0);
    rig.close();
    let guard = Arc::new(Recorder {
        guard: rig.platform.guard.clone(),
        held: Mutex::default(),
    });
    rig.platform.guard = guard.clone();
    rig.open();
    guard
        .held
        .lock()
        .unwrap()
        .push(rig.wallet().journal_head().unwrap());
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
    let held = guard.held.lock().unwrap().clone();
    (Still::now(&rig), moments, held)
}

#[test]
fn a_log_cut_off_anywhere_is_a_crash_ahead_of_the_guard_and_a_rollback_behind_it() {
    let (still, moments, held) = history();
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
        for guarded in &held {
            let _case = Case((cut, guarded.number));
            let mut rig = still.with_guard(*guarded).rest(case);
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
            let knows = rig.platform.guard.read(&now.head.wallet);
            assert_eq!(knows, Ok(Some(now.head)), "whatever it was");
            // The guard does not go back in time: when this commit was made, it had come so far.
            let come = held
                .iter()
                .filter(|head| head.number < number)
                .max_by_key(|head| head.number);
            if come.is_some_and(|come| guarded.number < come.number) {
                continue;
            }
            assert_eq!(report.rolled_back, guarded.number > number);
            if report.rolled_back {
                assert_eq!(
                    rig.wallet().balance().unwrap().spendable,
                    Amount::ZERO,
                    "no old key signs"
                );
                rollbacks += 1;
            } else {
                assert_eq!(now.head, then.head);
                assert_eq!(report.guard_caught_up, *guarded != then.head);
                found_again[found] = true;
                crashes += 1;
            }
        }
    }
    assert_eq!(found_again, vec![true; moments.len()]);
    assert!(rollbacks > 0);
    println!(
        "power: a log of {frames} frames cut at {} places, with a guard at {} heads: {crashes} crashes and {rollbacks} rollbacks, \
         told apart",
        cuts.len(),
        held.len()
    );
}
