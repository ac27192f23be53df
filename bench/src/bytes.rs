//! Bytes and commands on the air: counted in the simulator's air, APDU headers and status words included.

use std::error::Error;

use protocol::{Algorithm, Amount, Name, Slip};
use serde::Serialize;
use simulator::{Air, Frames, Phone, PhoneOptions, Roles, Traffic, World};
use wallet_core::{
    Consent,
    link::qr::{Code, Frames as Codes},
};

/// The modelled air: 106 kbit/s carry 10 kB/s of ours, and every command costs 20 ms.
const BYTES_PER_MS: f64 = 10.0;
const MS_PER_COMMAND: f64 = 20.0;

#[derive(Serialize)]
pub(crate) struct Bytes {
    /// One note in; payee and change out; extended length; payee is the card. Budget 850.
    first_hop_bytes_total: usize,
    /// The same, the payer is the card.
    first_hop_bytes_total_payer_is_card: usize,
    /// The same in short frames, payee is the card.
    first_hop_bytes_total_short: usize,
    /// As the first, to a merchant with the longest registered name. Budget 900.
    first_hop_bytes_with_name: usize,
    /// What one more hop adds to a tap, the value passed on whole. Budget 128.
    hop_growth_bytes: usize,
    /// The same payment by codes: bytes of the slips, and the version of the largest code. Budgets 500 and 15.
    code_request_bytes: usize,
    code_payment_bytes: usize,
    code_receipt_bytes: usize,
    code_version: usize,
    /// Commands of one tap. Budgets 4 (extended) and 6 (short).
    apdu_commands_extended: PerRole<usize>,
    apdu_commands_short: PerRole<usize>,
    /// Bytes at 10 kB/s and 20 ms per command. Budgets 170 and 210.
    modelled_tap_ms_extended: PerRole<f64>,
    modelled_tap_ms_short: PerRole<f64>,
    /// Durable commits of one handoff. Budgets: payer 1 before a byte leaves, 3 on both sides together.
    commits_payer: u64,
    commits_payee: u64,
}

#[derive(Serialize)]
struct PerRole<T> {
    payee_is_card: T,
    payer_is_card: T,
}

impl<T> PerRole<T> {
    fn of<E>(mut measure: impl FnMut(Roles) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            payee_is_card: measure(Roles::PayeeIsCard)?,
            payer_is_card: measure(Roles::PayerIsCard)?,
        })
    }
}

pub(crate) fn measure(algorithm: Algorithm) -> Result<Bytes, Box<dyn Error>> {
    let plain = PhoneOptions {
        algorithm,
        ..PhoneOptions::default()
    };
    let name = Name::new("M".repeat(Name::MAX_BYTES))?;
    let merchant = PhoneOptions {
        merchant: Some(name),
        ..plain.clone()
    };
    let first_hop = |roles, frames| first_hop(&plain, &plain, roles, frames).map(|(traffic, _)| traffic);
    let (first, (commits_payer, commits_payee)) =
        self::first_hop(&plain, &plain, Roles::PayeeIsCard, Frames::Extended)?;
    let (named, _) = self::first_hop(&plain, &merchant, Roles::PayeeIsCard, Frames::Extended)?;
    let slips = by_codes(&plain)?;
    let [code_request_bytes, code_payment_bytes, code_receipt_bytes] =
        [&slips[0], &slips[1], &slips[2]].map(|slip| slip.encode().len());
    Ok(Bytes {
        first_hop_bytes_total: first.bytes(),
        first_hop_bytes_total_payer_is_card: first_hop(Roles::PayerIsCard, Frames::Extended)?.bytes(),
        first_hop_bytes_total_short: first_hop(Roles::PayeeIsCard, Frames::Short)?.bytes(),
        first_hop_bytes_with_name: named.bytes(),
        hop_growth_bytes: hop_growth(&plain)?,
        code_request_bytes,
        code_payment_bytes,
        code_receipt_bytes,
        code_version: largest_version(&slips)?,
        apdu_commands_extended: PerRole::of(|roles| first_hop(roles, Frames::Extended).map(|t| t.commands))?,
        apdu_commands_short: PerRole::of(|roles| first_hop(roles, Frames::Short).map(|t| t.commands))?,
        modelled_tap_ms_extended: PerRole::of(|roles| first_hop(roles, Frames::Extended).map(modelled))?,
        modelled_tap_ms_short: PerRole::of(|roles| first_hop(roles, Frames::Short).map(modelled))?,
        commits_payer,
        commits_payee,
    })
}

fn modelled(traffic: Traffic) -> f64 {
    let [bytes, commands] =
        [traffic.bytes(), traffic.commands].map(|n| u32::try_from(n).map_or(f64::INFINITY, f64::from));
    (bytes / BYTES_PER_MS + commands * MS_PER_COMMAND).round()
}

/// One payment between two new phones: 37.45 out of a note of 50.00. With the commits of payer and payee.
fn first_hop(
    payer: &PhoneOptions,
    payee: &PhoneOptions,
    roles: Roles,
    frames: Frames,
) -> Result<(Traffic, (u64, u64)), Box<dyn Error>> {
    let mut world = World::new(1)?;
    let alice = world.phone_with("Alice", payer)?;
    let bob = world.phone_with("Bob", payee)?;
    world.fund(&alice, "100.00".parse()?)?;
    pay(&world, &alice, &bob, "37.45".parse()?, roles, frames)
}

/// The same payment, shown and read: request, payment, receipt.
fn by_codes(options: &PhoneOptions) -> Result<[Slip; 3], Box<dyn Error>> {
    let mut world = World::new(1)?;
    let alice = world.phone_with("Alice", options)?;
    let bob = world.phone_with("Bob", options)?;
    world.fund(&alice, "100.00".parse()?)?;
    let amount = "37.45".parse()?;
    let request = bob.wallet().request(Some(amount))?;
    let shown = bob.wallet().request_slip(&request.id)?;
    let Slip::Request(asked) = &shown else {
        return Err("a request is shown as something else".into());
    };
    let paid = alice.wallet().pay_request(asked, Consent::Exactly(amount))?;
    let receipt = bob.wallet().take(&paid.slip)?.answer.ok_or("no receipt")?;
    Ok([shown, paid.slip, receipt])
}

/// The version of the largest of their codes, of which each slip has one.
fn largest_version(slips: &[Slip]) -> Result<usize, Box<dyn Error>> {
    let mut largest = 0;
    for slip in slips {
        let frames = Codes::of(slip)?;
        if frames.count() != 1 {
            return Err("a slip that takes more than one code".into());
        }
        largest = largest.max((Code::of(frames.text(0))?.side() - 17) / 4);
    }
    Ok(largest)
}

fn pay(
    world: &World,
    payer: &Phone,
    payee: &Phone,
    amount: Amount,
    roles: Roles,
    frames: Frames,
) -> Result<(Traffic, (u64, u64)), Box<dyn Error>> {
    let mut handoff = world.handoff(payer, payee, amount, roles)?;
    let before = (
        payer.wallet().journal_head()?.number,
        payee.wallet().journal_head()?.number,
    );
    let report = handoff.tap(frames, &mut Air::perfect());
    if !report.completed() {
        return Err(format!("the tap did not complete: {report:?}").into());
    }
    let after = (
        payer.wallet().journal_head()?.number,
        payee.wallet().journal_head()?.number,
    );
    Ok((report.traffic, (after.0 - before.0, after.1 - before.1)))
}

/// The difference that one more hop makes, between the third and the fourth: by then every number has its usual length.
fn hop_growth(options: &PhoneOptions) -> Result<usize, Box<dyn Error>> {
    let mut world = World::new(2)?;
    let phones = (0..6)
        .map(|number| world.phone_with(&format!("phone-{number}"), options))
        .collect::<Result<Vec<_>, _>>()?;
    let amount: Amount = "50.00".parse()?;
    if let Some(first) = phones.first() {
        world.fund(first, amount)?;
    }
    let mut totals = Vec::new();
    for pair in phones.windows(2) {
        let [payer, payee] = pair else { continue };
        totals.push(
            pay(&world, payer, payee, amount, Roles::PayeeIsCard, Frames::Extended)?
                .0
                .bytes(),
        );
    }
    match totals.as_slice() {
        [.., before, after] => Ok(after - before),
        _ => Err("no hops".into()),
    }
}
