//! The connection is cut after every so many bytes, in either direction; then both people try again. However it was
//! cut, there is one payment in the end.

use crate::town::{Said, Town, Wallet};
use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

/// What a wire carries before it is cut: bytes from reader to card, and from card to reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Carries {
    to_card: usize,
    to_reader: usize,
}

const EVERYTHING: Carries = Carries {
    to_card: usize::MAX,
    to_reader: usize::MAX,
};

/// A wire to `card` for one connection. Returns where to plug in, and what was carried in the end.
fn wire(card: String, carries: Carries) -> (String, JoinHandle<Carries>) {
    let plug = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = plug.local_addr().expect("an address").to_string();
    let carried = thread::spawn(move || {
        let (reader, _) = plug.accept().expect("the reader");
        let card = TcpStream::connect(card).expect("the card");
        let (reader_too, card_too) = (
            reader.try_clone().expect("a handle"),
            card.try_clone().expect("a handle"),
        );
        let back = thread::spawn(move || pump(card_too, reader_too, carries.to_reader));
        let to_card = pump(reader, card, carries.to_card);
        let to_reader = back.join().expect("the way back");
        Carries { to_card, to_reader }
    });
    (address, carried)
}

/// Carries up to `most` bytes, and then cuts both directions.
fn pump(mut from: TcpStream, mut to: TcpStream, most: usize) -> usize {
    let mut carried = 0;
    let mut carry = || -> io::Result<()> {
        let mut byte = [0];
        while carried < most && from.read(&mut byte)? == 1 {
            to.write_all(&byte)?;
            carried += 1;
        }
        Ok(())
    };
    // However one direction ends, the wire is gone.
    let _ended = carry();
    let _cut = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    carried
}

struct Pair<'a> {
    card: (&'a Wallet, &'a [&'a str]),
    reader: (&'a Wallet, &'a [&'a str]),
}

impl Pair<'_> {
    /// One contact over a wire: what the card says, what the reader says, and what was carried.
    fn meet(&self, carries: Carries) -> (Said, Said, Carries) {
        let (wallet, verb) = self.card;
        let mut card = wallet.start(verb.iter().copied().chain(["--listen", "127.0.0.1:0"]));
        let (address, carried) = wire(card.address(), carries);
        let (wallet, verb) = self.reader;
        let reader = wallet.run(verb.iter().copied().chain(["--connect", address.as_str()]));
        (card.said(), reader, carried.join().expect("the wire"))
    }
}

/// Some bytes from the beginning, the middle and the very end of a direction.
fn cuts(total: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = (0..8).map(|eighth| total * eighth / 8).collect();
    cuts.extend([total - 3, total - 1]);
    cuts
}

/// (payments made by the payer, payments taken by the payee), all of them receipted.
fn payments(payer: &Wallet, payee: &Wallet) -> (usize, usize) {
    let count = |wallet: &Wallet, kind: &str| {
        let history = wallet.history();
        let of_kind: Vec<_> = history.iter().filter(|entry| entry.0 == kind).collect();
        assert!(
            of_kind.iter().all(|entry| entry.1 == 100 && entry.2 == "done"),
            "{history:?}"
        );
        of_kind.len()
    };
    (count(payer, "paid"), count(payee, "received"))
}

fn torn_everywhere(card_pays: bool) {
    let town = Town::open();
    let payer = town.wallet_with("payer", "100.00");
    let payee = town.wallet("payee");
    let pay = (&payer, &["pay", "--exactly", "1.00"][..]);
    let receive = (&payee, &["receive", "1.00"][..]);
    let (card, reader) = if card_pays { (pay, receive) } else { (receive, pay) };
    let pair = Pair { card, reader };

    let (card_said, reader_said, whole) = pair.meet(EVERYTHING);
    card_said.ok();
    reader_said.ok();
    let of_reader = cuts(whole.to_card).into_iter().map(|to_card| Carries {
        to_card,
        ..EVERYTHING
    });
    let of_card = cuts(whole.to_reader).into_iter().map(|to_reader| Carries {
        to_reader,
        ..EVERYTHING
    });

    let (mut done, mut doubts) = (1, 0);
    for cut in of_reader.chain(of_card) {
        let (card_said, reader_said, _) = pair.meet(cut);
        let first = if card_pays { card_said } else { reader_said };
        if first.exit != 0 {
            let (spendable, in_doubt) = payer.money();
            let doubtful = first.json["error"]["message"]
                .as_str()
                .is_some_and(|message| message.contains("1.00 is in doubt"));
            assert_eq!(doubtful, in_doubt == 100, "{cut:?}: {:#}", first.json);
            assert_eq!(first.json["error"]["retryable"], true);
            assert!(spendable + in_doubt + done * 100 <= 10_000, "{cut:?}");
            doubts += usize::from(doubtful);
            let (card_said, reader_said, _) = pair.meet(EVERYTHING);
            card_said.ok();
            reader_said.ok();
        }
        done += 1;
        if done % 5 == 0 {
            // Without the bank nobody may pay so often.
            payer.run(["sync"]).ok();
        }
        let count = usize::try_from(done).expect("a few");
        assert_eq!(payments(&payer, &payee), (count, count), "{cut:?}");
        assert_eq!(
            (payer.money(), payee.money()),
            ((10_000 - done * 100, 0), (done * 100, 0)),
            "{cut:?}"
        );
    }
    assert!(
        doubts >= 3,
        "the cuts should hit payments in flight, not only handshakes: {doubts}"
    );
}

#[test]
fn one_payment_when_the_payee_listens() {
    torn_everywhere(false);
}

#[test]
fn one_payment_when_the_payer_listens() {
    torn_everywhere(true);
}
