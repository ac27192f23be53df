//! Keys that the platform destroyed: found out, retired, told of.
//!
//! A phone's key store may destroy keys, because a fingerprint was enrolled or the screen lock was removed. It is a
//! rollback of that key alone: it is retired for ever, the next sync declares it to the bank, and what it held comes back
//! when the claim window closes. What it had signed before stays as good as it was, since nobody else can have signed with it.

use protocol::{Body as _, Signature, StaticKeyHash, VerifyingKey, bank::KeyApplication};

use super::operation::{Core, Moment, Operation};
use crate::{
    error::Fault,
    event::{Event, EventKind},
    model::{Change, HolderKey, SecretName, Usage},
    noise::StaticSecret,
    purse::sum,
    vault::{CheckedJob, SignJob, VaultError, sign_checked},
};

/// "Certify this key for me": what a key signs before it is anything, and what it is asked to sign to show that it can.
pub(super) fn application(core: &Core, key: &HolderKey) -> Result<KeyApplication, Fault> {
    let secret = core.store.secret(&SecretName::Static(key.public))?;
    Ok(KeyApplication {
        account: core.account(),
        holder_key: key.public,
        device: Some(core.purse.device.id),
        static_key: StaticKeyHash::of(&StaticSecret::from_bytes(*secret.expose()).public()),
        assurance: key.assurance,
    })
}

/// The job of signing that application.
pub(super) fn application_job(key: &HolderKey, application: &KeyApplication) -> CheckedJob {
    CheckedJob {
        public: key.public,
        job: SignJob {
            key: key.handle.clone(),
            message: application.message(),
        },
    }
}

/// Has everything signed in one call. `None`: the platform has destroyed a key that was to sign, and it is retired now.
pub(super) fn sign(
    operation: &mut Operation<'_>,
    jobs: Vec<CheckedJob>,
) -> Result<Option<Vec<Signature>>, Fault> {
    let mut signers: Vec<_> = jobs.iter().map(|job| job.public).collect();
    signers.dedup();
    match operation.outside(|platform| sign_checked(&*platform.vault, jobs)) {
        Err(VaultError::KeyInvalidated) if retire_destroyed(operation, &signers)? => Ok(None),
        signed => Ok(Some(signed?)),
    }
}

/// Retires those of these keys that the platform has destroyed; whether there were any.
///
/// A retirement is for ever and delays money by months, so one word of the vault does not do: every key is asked by
/// itself, for a signature that moves nothing, and only the one that says again that it is gone is taken to be gone.
pub(super) fn retire_destroyed(
    operation: &mut Operation<'_>,
    suspects: &[VerifyingKey],
) -> Result<bool, Fault> {
    let questions = operation.with(|core, _| {
        let keys = suspects.iter().filter_map(|key| core.purse.key(key));
        let live = keys.filter(|key| key.usage != Usage::Retired);
        live.map(|key| Ok(application_job(key, &application(core, key)?)))
            .collect::<Result<Vec<_>, Fault>>()
    })?;
    let destroyed: Vec<VerifyingKey> = operation.outside(|platform| {
        questions
            .into_iter()
            .filter_map(|question| {
                let key = question.public;
                let answer = sign_checked(&*platform.vault, vec![question]);
                (answer == Err(VaultError::KeyInvalidated)).then_some(key)
            })
            .collect()
    });
    if destroyed.is_empty() {
        return Ok(false);
    }
    operation.with(|core, moment| {
        let changes = retirement(core, moment, &destroyed);
        Ok::<_, Fault>(core.commit(changes, moment)?)
    })?;
    Ok(true)
}

fn retirement(core: &Core, moment: &Moment, destroyed: &[VerifyingKey]) -> Vec<Change> {
    let keys = destroyed.iter().filter_map(|key| core.purse.key(key));
    let mut changes: Vec<_> = keys.cloned().map(retired).collect();
    // A key that was never certified is known to nobody.
    let certified = destroyed
        .iter()
        .filter_map(|key| core.purse.key(key)?.certificate.as_ref())
        .count();
    if certified > 0 {
        let mut profile = core.purse.profile.clone();
        profile.retirement_undeclared = true;
        let pieces = core.purse.pieces();
        let held = pieces.filter(|piece| destroyed.contains(&piece.owner));
        let kind = EventKind::KeysDestroyed {
            keys: u32::try_from(certified).unwrap_or(u32::MAX),
            held: sum(held.map(|piece| piece.amount)),
        };
        changes.extend([
            Change::Profile(profile),
            Change::Event(Event::new(moment.now, kind)),
        ]);
    }
    changes
}

/// The row of a key that never signs again.
pub(super) fn retired(mut key: HolderKey) -> Change {
    key.usage = Usage::Retired;
    Change::Key(key)
}
