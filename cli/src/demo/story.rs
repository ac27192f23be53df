//! The story: its first act, and how it is told.

use protocol::{Amount, Coded as _};
use std::time::Instant;
use wallet_core::link::apdu::FrameSize;

use super::{
    phone::Phone,
    second_act,
    stage::Stage,
    step::{CardSide, Holding, Step, Tapped},
    touch::Touch,
};
use crate::{failure::Failure, root, terminal::Took};

/// One scene: what happened, and what is worth knowing about it.
pub(super) struct Scene {
    title: String,
    remarks: Vec<String>,
    tapped: Option<Tapped>,
}

/// Plays a scene.
pub(super) type Play = fn(&mut Stage) -> Result<Scene, Failure>;

/// The first act, in the order of its scenes.
const SCENES: [Play; 9] = [
    the_bank_opens,
    everybody_enrols,
    alice_loads,
    flight_mode,
    alice_pays_bob,
    bob_pays_carol,
    a_tap_tears,
    the_tap_is_mended,
    back_online,
];

/// Tells it to whoever listens, one step at a time.
pub(super) fn tell(stage: &mut Stage, listener: &mut dyn FnMut(&Step)) -> Result<(), Failure> {
    for (number, play) in SCENES.into_iter().chain(second_act::SCENES).enumerate() {
        let start = Instant::now();
        let Scene {
            title,
            remarks,
            tapped,
        } = play(stage)?;
        let took = Took::since(start);
        // Nobody has an account before the second scene.
        let holdings = match number {
            0 => Vec::new(),
            _ => holdings(stage)?,
        };
        listener(&Step {
            title,
            online: stage.alice.network.is_on(),
            remarks,
            tapped,
            took,
            holdings,
        });
    }
    Ok(())
}

fn the_bank_opens(stage: &mut Stage) -> Result<Scene, Failure> {
    let reserve = stage.bank.books()?.reserve;
    let root = root::fingerprint(&stage.bank.root());
    Ok(Scene::new("The central bank funds an operator's reserve")
        .remark(format!("{reserve} in reserve, nothing issued"))
        .remark(format!("bank at {}, root {root}", stage.url())))
}

fn everybody_enrols(stage: &mut Stage) -> Result<Scene, Failure> {
    for phone in stage.phones() {
        phone.enrol()?;
    }
    let calls = stage.calls();
    Ok(Scene::new("Alice, Bob and Carol enrol over HTTP").remark(format!(
        "{calls} calls: an account and a pool of certified keys for each"
    )))
}

fn alice_loads(stage: &mut Stage) -> Result<Scene, Failure> {
    let (cash, loaded) = (yuan("250.00")?, yuan("100.00")?);
    stage.alice_pays_in(cash)?;
    stage.alice.wallet.load(&stage.alice.network, loaded)?;
    Ok(
        Scene::new(format!("Alice brings {cash} to the counter and loads {loaded}"))
            .remark("the notes are issued against the operator's reserve"),
    )
}

fn flight_mode(stage: &mut Stage) -> Result<Scene, Failure> {
    stage.switch_network(false);
    let tried = match stage.alice.wallet.sync(&stage.alice.network) {
        Err(error) => format!("Alice tries the bank: {error} [{}]", error.code()),
        Ok(_) => "Alice reaches the bank all the same".to_owned(),
    };
    stage.calls_before_flight = stage.calls();
    Ok(Scene::new("All three phones go into flight mode").remark(tried))
}

fn alice_pays_bob(stage: &mut Stage) -> Result<Scene, Failure> {
    let touch = Touch {
        amount: yuan("37.45")?,
        card: CardSide::Payee,
        frames: FrameSize::Extended,
        torn_after: None,
    };
    let request = stage.bob.wallet.request(Some(touch.amount))?;
    let tapped = touch.tap(&stage.alice, &stage.bob, &request.id)?;
    Ok(Scene::new(format!("Offline: Alice pays Bob {}", touch.amount)).tap(tapped))
}

fn bob_pays_carol(stage: &mut Stage) -> Result<Scene, Failure> {
    let touch = Touch {
        amount: yuan("20.00")?,
        card: CardSide::Payer,
        frames: FrameSize::Short,
        torn_after: None,
    };
    let request = stage.carol.wallet.request(Some(touch.amount))?;
    let tapped = touch.tap(&stage.bob, &stage.carol, &request.id)?;
    Ok(Scene::new(format!("Offline: Bob pays Carol {}", touch.amount))
        .remark("out of the very money he just received: it has seen no bank in between")
        .tap(tapped))
}

fn a_tap_tears(stage: &mut Stage) -> Result<Scene, Failure> {
    let touch = Touch {
        amount: yuan("5.00")?,
        card: CardSide::Payee,
        frames: FrameSize::Short,
        // SELECT, the handshake, and the first of the payment's commands.
        torn_after: Some(3),
    };
    let request = stage.bob.wallet.request(Some(touch.amount))?;
    let tapped = touch.tap(&stage.alice, &stage.bob, &request.id)?;
    stage.torn = Some(request.id);
    Ok(Scene::new(format!(
        "Offline: Alice pays Bob {}, and the tap tears in the middle",
        touch.amount
    ))
    .remark("a part of the payment has crossed: her money is neither spendable nor gone")
    .tap(tapped))
}

fn the_tap_is_mended(stage: &mut Stage) -> Result<Scene, Failure> {
    let touch = Touch {
        amount: yuan("5.00")?,
        // The other way around this time: roles do not matter.
        card: CardSide::Payer,
        frames: FrameSize::Extended,
        torn_after: None,
    };
    let request = stage.torn.take().ok_or(Failure::Torn)?;
    stage.alice.restart()?;
    stage.bob.restart()?;
    let tapped = touch.tap(&stage.alice, &stage.bob, &request)?;
    Ok(
        Scene::new("Offline: both apps are closed and opened again, and the phones tap again")
            .remark(format!(
                "the same payment completes: {} is paid once",
                touch.amount
            ))
            .tap(tapped),
    )
}

fn back_online(stage: &mut Stage) -> Result<Scene, Failure> {
    let mut scene = Scene::new("Online again: Bob and Carol deposit everything, Alice keeps her cash")
        .remark(end_of_flight(stage));
    for phone in [&stage.bob, &stage.carol] {
        let deposited = phone.wallet.deposit(&phone.network, None)?;
        scene = scene.remark(format!("{} deposits {deposited}", phone.name));
    }
    stage.alice.wallet.sync(&stage.alice.network)?;
    Ok(scene)
}

/// Flight mode off, and whether it was real.
pub(super) fn end_of_flight(stage: &Stage) -> String {
    let offline = stage.calls().saturating_sub(stage.calls_before_flight);
    stage.switch_network(true);
    format!("{offline} more calls to the bank were tried while offline")
}

fn holdings(stage: &Stage) -> Result<Vec<Holding>, Failure> {
    stage.phones().into_iter().map(Phone::holding).collect()
}

pub(super) fn yuan(text: &str) -> Result<Amount, Failure> {
    text.parse().map_err(|source| Failure::Amount {
        text: text.to_owned(),
        source,
    })
}

impl Scene {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            remarks: Vec::new(),
            tapped: None,
        }
    }

    pub(super) fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }

    pub(super) fn tap(mut self, tapped: Tapped) -> Self {
        self.tapped = Some(tapped);
        self
    }
}
