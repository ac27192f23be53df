//! Lost phones: this one declares the others lost, or hears that it was declared lost itself.

use protocol::{
    Code,
    bank::{Answer, DeviceId, IdempotencyKey, Order},
    cbor,
    message::Refusal,
};

use super::{super::Inner, refusal, send, sign_call};
use crate::{
    error::{BankError, Fault},
    event::{Event, EventKind},
    model::{Change, Device, Standing, Usage},
    platform::BankTransport,
};

/// Stores the wish before anybody hears of it.
pub(super) fn order(inner: &Inner) -> Result<(), Fault> {
    inner.operation()?.with(|core, moment| {
        let device = core.purse.device;
        if device.standing == Standing::Frozen {
            return Err(Fault::DeviceFrozen);
        }
        let wished = Device {
            standing: Standing::Freezing,
            wish: Some(IdempotencyKey::from_bytes(moment.draw())),
            ..device
        };
        Ok(core.commit(vec![Change::Device(wished)], moment)?)
    })
}

/// Brings the wish to the bank, if there is one.
pub(super) fn others_if_wanted(inner: &Inner, bank: &dyn BankTransport) -> Result<(), BankError> {
    let wish = inner.operation()?.with(|core, moment| {
        let device = core.purse.device;
        if device.standing != Standing::Freezing {
            return Ok(None);
        }
        let key = device
            .wish
            .unwrap_or_else(|| IdempotencyKey::from_bytes(moment.draw()));
        let order = Order::Freeze { device: device.id };
        let call = sign_call(&core.account_key()?, key, order);
        Ok::<_, Fault>(Some((device.wish, cbor::encode(&call))))
    })?;
    let Some((wish, call)) = wish else {
        return Ok(());
    };
    let answer = send(inner, bank, &call)?;
    inner.operation()?.with(|core, moment| {
        let device = core.purse.device;
        if device.standing != Standing::Freezing || device.wish != wish {
            // Meanwhile it was frozen itself, or another call was quicker, or there is another wish.
            return Ok(());
        }
        match &answer {
            Answer::Frozen => {
                let told = Event::new(moment.now, EventKind::OthersFrozen);
                let changes = vec![stands(device, Standing::Good), Change::Event(told)];
                Ok(core.commit(changes, moment).map_err(Fault::from)?)
            }
            Answer::Refused(Refusal {
                code: Code::DeviceFrozen,
                ..
            }) => {
                // The other one was faster; what that means for the keys is in the mailbox.
                core.commit(vec![stands(device, Standing::Good)], moment)
                    .map_err(Fault::from)?;
                Err(refusal(&answer))
            }
            other => Err(refusal(other)),
        }
    })
}

/// Hears which phones were declared lost. If this is one of them, none of its keys pays anybody but the bank any more. What
/// it signed before stays signed: it is the only one who could have.
pub(super) fn heard(inner: &Inner, lost: &[DeviceId]) -> Result<(), Fault> {
    inner.operation()?.with(|core, moment| {
        let device = core.purse.device;
        if !lost.contains(&device.id) || device.standing == Standing::Frozen {
            return Ok(());
        }
        let live = core.purse.keys().filter(|key| key.usage != Usage::Retired);
        let mut changes: Vec<_> = live
            .cloned()
            .map(|mut key| {
                key.usage = Usage::Frozen;
                Change::Key(key)
            })
            .collect();
        let held = core.purse.total();
        changes.push(stands(device, Standing::Frozen));
        changes.push(Change::Event(Event::new(
            moment.now,
            EventKind::DeviceFrozen { held },
        )));
        Ok(core.commit(changes, moment)?)
    })
}

const fn stands(device: Device, standing: Standing) -> Change {
    Change::Device(Device { standing, ..device })
}
