//! The pool of certified holder keys.

use protocol::{
    Body as _, HolderCertificate, Signed, StaticKeyHash,
    bank::{Answer, KeyApplication, Order},
};

use super::{
    super::{
        Inner,
        operation::{Core, Moment},
    },
    ask, refusal,
};
use crate::{
    error::{BankError, Fault},
    model::{Change, HolderKey, Secret, SecretName, Standing, Usage},
    noise::StaticSecret,
    platform::BankTransport,
    vault::{CheckedJob, KeyVault, SignJob, sign_checked},
};

/// How many fresh keys a sync fills the pool up to.
const POOL: usize = 16;

/// Keys whose certificates end within so many days count as gone.
pub(super) const LASTING_DAYS: u32 = 30;

/// Fills the key pool. Keys that were made and not certified are forgotten: they never held anything.
pub(super) fn certify(inner: &Inner, bank: &dyn BankTransport) -> Result<usize, BankError> {
    let mut operation = inner.operation()?;
    let (missing, algorithm, account, device) = operation.with(|core, moment| {
        if core.purse.device.standing == Standing::Frozen {
            return Err(Fault::DeviceFrozen);
        }
        let missing = POOL.saturating_sub(core.purse.fresh_keys(moment.now.day().plus(LASTING_DAYS)));
        let (algorithm, device) = (core.purse.profile.algorithm, core.purse.device.id);
        Ok((missing, algorithm, core.account(), device))
    })?;
    if missing == 0 {
        return Ok(0);
    }
    let (mut keys, mut secrets) = (Vec::new(), Vec::new());
    for _ in 0..missing {
        let made = operation
            .outside(|platform| platform.vault.create_key(algorithm))
            .map_err(Fault::from)?;
        secrets.push(Secret::draw(&mut operation.moment));
        keys.push(HolderKey {
            public: made.public,
            handle: made.handle,
            assurance: made.assurance,
            usage: Usage::Fresh,
            certificate: None,
        });
    }
    let applications: Vec<_> = keys
        .iter()
        .zip(&secrets)
        .map(|(key, secret)| KeyApplication {
            account,
            holder_key: key.public,
            device: Some(device),
            static_key: StaticKeyHash::of(&StaticSecret::from_bytes(*secret.expose()).public()),
            assurance: key.assurance,
        })
        .collect();
    let signed =
        operation.outside(|platform| sign_applications(&*platform.vault, &keys, applications.clone()))?;
    drop(operation);
    let answer = ask(inner, bank, Order::Certify { keys: signed })?;
    let Answer::Certified { certificates } = answer else {
        return Err(refusal(&answer));
    };
    inner.operation()?.with(|core, moment| {
        if certificates.len() != keys.len() {
            return Err(BankError::InvalidAnswer);
        }
        let mut changes = Vec::new();
        let made = keys.into_iter().zip(secrets);
        for (((mut key, secret), application), certificate) in made.zip(&applications).zip(certificates) {
            check_certificate(core, moment, application, &certificate)?;
            key.certificate = Some(certificate);
            changes.push(Change::Secret(SecretName::Static(key.public), secret));
            changes.push(Change::Key(key));
        }
        let count = applications.len();
        core.commit(changes, moment).map_err(Fault::from)?;
        Ok(count)
    })
}

fn sign_applications(
    vault: &dyn KeyVault,
    keys: &[HolderKey],
    applications: Vec<KeyApplication>,
) -> Result<Vec<Signed<KeyApplication>>, Fault> {
    let job = |(key, application): (&HolderKey, &KeyApplication)| CheckedJob {
        public: key.public,
        job: SignJob {
            key: key.handle.clone(),
            message: application.message(),
        },
    };
    let signatures = sign_checked(vault, keys.iter().zip(&applications).map(job).collect())?;
    Ok(applications
        .into_iter()
        .zip(signatures)
        .map(|(body, signature)| Signed { body, signature })
        .collect())
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
