//! The pool of certified holder keys.
//!
//! A key is in the wallet's file before the bank hears of it. So none is forgotten in the vault, and one whose certificate
//! did not come, or has run out before it was used, is certified by a later sync.

use protocol::{
    Code, HolderCertificate, Signed,
    bank::{Answer, KeyApplication, Order},
    message::Refusal,
};

use super::{
    super::{
        Inner,
        keys::{application, application_job, retire_destroyed, retired},
        operation::{Core, Moment, Operation},
    },
    ask, refusal,
};
use crate::{
    error::{BankError, Fault},
    model::{Change, HolderKey, Secret, SecretName, Standing, Usage},
    platform::BankTransport,
    vault::{KeyVault, VaultError, sign_checked},
};

/// How many fresh keys a sync fills the pool up to.
const POOL: usize = 16;

/// Keys whose certificates end within so many days count as gone.
pub(super) const LASTING_DAYS: u32 = 30;

/// Fills the key pool; returns how many keys came into it.
pub(super) fn certify(inner: &Inner, bank: &dyn BankTransport) -> Result<usize, BankError> {
    let mut operation = inner.operation()?;
    let keys = candidates(&mut operation)?;
    if keys.is_empty() {
        return Ok(0);
    }
    let applications: Vec<_> = operation.with(|core, _| {
        let applications = keys.iter().map(|key| application(core, key));
        applications.collect::<Result<_, Fault>>()
    })?;
    let signed = operation.outside(|platform| sign(&*platform.vault, &keys, applications.clone()));
    if signed == Err(VaultError::KeyInvalidated) {
        let publics: Vec<_> = keys.iter().map(|key| key.public).collect();
        retire_destroyed(&mut operation, &publics)?;
    }
    let signed = signed.map_err(Fault::from)?;
    drop(operation);
    let certificates = match ask(inner, bank, Order::Certify { keys: signed })? {
        Answer::Certified { certificates } => certificates,
        answer => {
            if let Answer::Refused(Refusal {
                code: Code::HolderRevoked | Code::KeyTaken,
                ..
            }) = answer
            {
                give_up(inner, &keys)?;
            }
            return Err(refusal(&answer));
        }
    };
    inner.operation()?.with(|core, moment| {
        if certificates.len() != keys.len() {
            return Err(BankError::InvalidAnswer);
        }
        let mut changes = Vec::new();
        for (application, certificate) in applications.iter().zip(certificates) {
            check_certificate(core, moment, application, &certificate)?;
            let key = core.purse.key(&application.holder_key);
            changes.extend(key.cloned().map(|mut key| {
                key.certificate = Some(certificate);
                Change::Key(key)
            }));
        }
        let count = changes.len();
        if core.purse.ran_out {
            changes.push(Change::RanOut(false));
        }
        core.commit(changes, moment).map_err(Fault::from)?;
        Ok(count)
    })
}

/// As many keys as the pool lacks: first those that wait for a certificate, then new ones, which are in the file when
/// this returns.
fn candidates(operation: &mut Operation<'_>) -> Result<Vec<HolderKey>, Fault> {
    let (mut keys, missing, algorithm, wallet) = operation.with(|core, moment| {
        if core.purse.device.standing == Standing::Frozen {
            return Err(Fault::DeviceFrozen);
        }
        let lasting = moment.now.day().plus(LASTING_DAYS);
        let missing = POOL.saturating_sub(core.purse.fresh_keys(lasting));
        let keys: Vec<HolderKey> = core
            .purse
            .keys_to_certify(lasting)
            .take(missing)
            .cloned()
            .collect();
        let missing = missing.saturating_sub(keys.len());
        Ok((
            keys,
            missing,
            core.purse.profile.algorithm,
            core.store.head().wallet,
        ))
    })?;
    let mut made = Vec::new();
    let mut trouble = None;
    while made.len() < missing && trouble.is_none() {
        match operation.outside(|platform| platform.vault.create_key(&wallet, algorithm)) {
            Ok(key) => made.push(HolderKey {
                public: key.public,
                handle: key.handle,
                assurance: key.assurance,
                usage: Usage::Fresh,
                certificate: None,
            }),
            Err(error) => trouble = Some(error),
        }
    }
    if !made.is_empty() {
        operation.with(|core, moment| {
            let mut changes = Vec::new();
            for key in &made {
                let secret = Secret::draw(moment);
                changes.push(Change::Secret(SecretName::Static(key.public), secret));
                changes.push(Change::Key(key.clone()));
            }
            core.commit(changes, moment).map_err(Fault::from)
        })?;
        keys.extend(made);
    }
    // What was made before the trouble serves the next sync.
    trouble.map_or(Ok(keys), |error| Err(error.into()))
}

fn sign(
    vault: &dyn KeyVault,
    keys: &[HolderKey],
    applications: Vec<KeyApplication>,
) -> Result<Vec<Signed<KeyApplication>>, VaultError> {
    let jobs = keys.iter().zip(&applications);
    let signatures = sign_checked(
        vault,
        jobs.map(|(key, body)| application_job(key, body)).collect(),
    )?;
    Ok(applications
        .into_iter()
        .zip(signatures)
        .map(|(body, signature)| Signed { body, signature })
        .collect())
}

/// The bank will never certify one of these. They hold nothing, and the next sync tries others. A key that an open request
/// names is kept: somebody may be paying it right now.
fn give_up(inner: &Inner, keys: &[HolderKey]) -> Result<(), Fault> {
    inner.operation()?.with(|core, moment| {
        let keys = keys.iter().filter_map(|key| core.purse.key(&key.public));
        let unused = keys.filter(|key| core.purse.is_unused(key));
        let changes = unused.cloned().map(retired).collect();
        Ok(core.commit(changes, moment)?)
    })
}

fn check_certificate(
    core: &Core,
    moment: &Moment,
    application: &KeyApplication,
    certificate: &Signed<HolderCertificate>,
) -> Result<(), BankError> {
    let body = core
        .purse
        .trust
        .check(certificate, moment.now.day())
        .map_err(|_| BankError::InvalidAnswer)?;
    let same = body.holder_key == application.holder_key && body.static_key == application.static_key;
    if same {
        Ok(())
    } else {
        Err(BankError::InvalidAnswer)
    }
}
