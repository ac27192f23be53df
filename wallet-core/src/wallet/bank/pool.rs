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
    model::{Change, HolderKey, Usage},
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
    let (missing, algorithm, account) = operation.with(|core, moment| {
        let missing = POOL.saturating_sub(core.purse.fresh_keys(moment.now.day().plus(LASTING_DAYS)));
        Ok::<_, Fault>((
            missing,
            core.purse.profile.algorithm,
            core.account_key().verifying_key(),
        ))
    })?;
    if missing == 0 {
        return Ok(0);
    }
    let mut keys = Vec::new();
    for _ in 0..missing {
        let made = operation
            .outside(|platform| platform.vault.create_key(algorithm))
            .map_err(Fault::from)?;
        keys.push(HolderKey {
            public: made.public,
            handle: made.handle,
            assurance: made.assurance,
            static_secret: operation.moment.draw(),
            usage: Usage::Fresh,
            certificate: None,
        });
    }
    let applications: Vec<_> = keys
        .iter()
        .map(|key| KeyApplication {
            account,
            holder_key: key.public,
            static_key: StaticKeyHash::of(&StaticSecret::from_bytes(key.static_secret).public()),
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
        for ((mut key, application), certificate) in keys.into_iter().zip(&applications).zip(certificates) {
            check_certificate(core, moment, application, &certificate)?;
            key.certificate = Some(certificate);
            changes.push(Change::Key(key));
        }
        let count = changes.len();
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
