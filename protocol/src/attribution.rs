//! Attributions: who answers for a fork, in an object that a stranger can check with the issuer's root.
//!
//! A fork is attributed to the key that signed both transfers, if an operator certified that key. A cheat can also fork
//! through a key of its own making that nobody ever certified. No honest wallet takes a payment that such a key signed,
//! so whoever *took* value from one is in it: it signed for it, by a receipt, by paying it on, or by claiming it (which is
//! paying it on to an operator). Merely being named in somebody's output proves nothing.
//!
//! That nobody certified a key is a statement of the operators over their append-only registries, one of each. A
//! certificate rebuts it.

use minicbor::{Decode, Encode};

use crate::{
    certificate::{HolderCertificate, OperatorCertificate, OperatorId},
    code::{Code, Coded},
    fraud::{Branch, ForkProof, ForkProofError},
    key::VerifyingKey,
    receipt::Receipt,
    signed::{Body, Signed},
    time::Timestamp,
    transfer::{Outpoint, Transfer},
    trust::Trust,
};

/// A fork, and why somebody answers for it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Attribution {
    /// The fork.
    #[n(0)]
    pub proof: ForkProof,
    /// Why, and who.
    #[n(1)]
    pub basis: Basis,
}

/// Why somebody answers for a fork.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Basis {
    /// The key that signed both transfers is certified.
    #[n(0)]
    Certified(#[n(0)] Signed<HolderCertificate>),
    /// It is not, and these took what it forked.
    #[n(1)]
    Taken {
        /// Of every operator, about the key that forked and about every other key on the ways to those who took.
        #[n(0)]
        statements: Vec<Signed<NeverCertified>>,
        /// The first certified holders down the branches that took.
        #[n(1)]
        takings: Vec<Taking>,
    },
}

/// "This key stands nowhere in my registry, and never will." Signed by the operator's certifying key.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct NeverCertified {
    /// Who says it.
    #[n(0)]
    pub operator: OperatorId,
    /// The key.
    #[n(1)]
    pub holder_key: VerifyingKey,
    /// When the operator looked.
    #[n(2)]
    pub at: Timestamp,
}

impl Body for NeverCertified {
    const TAG: &'static str = "dcep/1/never-certified";
}

/// How a certified holder took value that came from a fork.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Taking {
    /// From a branch of the proof to the transfer that was taken from; each one spends an output of the one before it.
    #[n(0)]
    pub path: Vec<Transfer>,
    /// The output of the last of them that was taken.
    #[n(1)]
    pub output: u8,
    /// Whose it is.
    #[n(2)]
    pub certificate: Signed<HolderCertificate>,
    /// What that holder signed.
    #[n(3)]
    pub act: Act,
}

/// What somebody signed that took value.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Act {
    /// The receipt for it.
    #[n(0)]
    Receipt(#[n(0)] Signed<Receipt>),
    /// A transfer that spends it.
    #[n(1)]
    PaidOn(#[n(0)] Branch),
}

/// Why an attribution does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AttributionError {
    /// The fraud proof proves nothing.
    #[error(transparent)]
    Proof(#[from] ForkProofError),
    /// A certificate is of another key, or of an operator that is not known, or not signed by it.
    #[error("a certificate in the attribution is none of the accused key's")]
    Certificate,
    /// An operator did not state that it never certified a key on the way.
    #[error("an operator did not state that it never certified a key on the way")]
    Statement,
    /// The transfers do not lead from the fork to what was taken.
    #[error("the transfers do not lead from the fork to what was taken")]
    Path,
    /// The accused key did not sign for what it is said to have taken.
    #[error("the accused key did not sign for what it is said to have taken")]
    NotTaken,
    /// Nobody is accused.
    #[error("nobody is accused")]
    Nobody,
}

impl Coded for AttributionError {
    fn code(&self) -> Code {
        Code::ForkProofInvalid
    }
}

impl Attribution {
    /// Checks everything with nothing but the issuer's root and the operators it certified, and returns the keys that
    /// answer for the fork. Validity and the status list do not matter: a key is its owner's for ever.
    ///
    /// # Errors
    /// [`AttributionError`].
    pub fn verify(&self, trust: &Trust) -> Result<Vec<VerifyingKey>, AttributionError> {
        let fork = self.proof.verify()?;
        let operators = Operators::of(trust);
        match &self.basis {
            Basis::Certified(certificate) => {
                operators.check(certificate, &fork.culprit)?;
                Ok(vec![fork.culprit])
            }
            Basis::Taken { statements, takings } => {
                operators.check_never_certified(&fork.culprit, statements)?;
                let mut accused = Vec::new();
                for taking in takings {
                    let key = taking.verify(&self.proof, &operators, statements)?;
                    if !accused.contains(&key) {
                        accused.push(key);
                    }
                }
                if accused.is_empty() {
                    return Err(AttributionError::Nobody);
                }
                Ok(accused)
            }
        }
    }
}

impl Taking {
    fn verify(
        &self,
        proof: &ForkProof,
        operators: &Operators,
        statements: &[Signed<NeverCertified>],
    ) -> Result<VerifyingKey, AttributionError> {
        let (branch, last) = self
            .path
            .first()
            .zip(self.path.last())
            .ok_or(AttributionError::Path)?;
        if *branch != proof.first.transfer && *branch != proof.second.transfer {
            return Err(AttributionError::Path);
        }
        for (spent, spending) in self.path.iter().zip(self.path.iter().skip(1)) {
            let mut owners = owners_of_spent(spent, spending).peekable();
            owners.peek().ok_or(AttributionError::Path)?;
            if !owners.any(|owner| operators.check_never_certified(&owner, statements).is_ok()) {
                return Err(AttributionError::Statement);
            }
        }
        let taker = last
            .outputs
            .get(usize::from(self.output))
            .ok_or(AttributionError::Path)?
            .holder_key;
        operators.check(&self.certificate, &taker)?;
        let taken = Outpoint {
            origin: last.id(),
            output: self.output,
        };
        if self.act.takes(&taken, &taker) {
            Ok(taker)
        } else {
            Err(AttributionError::NotTaken)
        }
    }
}

impl Act {
    fn takes(&self, taken: &Outpoint, taker: &VerifyingKey) -> bool {
        match self {
            // A receipt is for output 0.
            Self::Receipt(receipt) => {
                receipt.body.transfer == taken.origin && taken.output == 0 && receipt.verify(taker).is_ok()
            }
            Self::PaidOn(Branch { transfer, signature }) => {
                transfer.inputs.contains(taken) && taker.verify(&transfer.message(), signature).is_ok()
            }
        }
    }
}

/// The owners of those outputs of one transfer that another one spends.
fn owners_of_spent(spent: &Transfer, spending: &Transfer) -> impl Iterator<Item = VerifyingKey> {
    let id = spent.id();
    let inputs = spending.inputs.iter().filter(move |input| input.origin == id);
    inputs.filter_map(|input| {
        let output = spent.outputs.get(usize::from(input.output))?;
        Some(output.holder_key)
    })
}

/// Every operator that the root certified.
struct Operators(Vec<OperatorCertificate>);

impl Operators {
    fn of(trust: &Trust) -> Self {
        let operators = trust.bundle().operators.into_iter();
        Self(operators.map(|signed| signed.body).collect())
    }

    /// An operator certified this key, whenever that was.
    fn check(
        &self,
        certificate: &Signed<HolderCertificate>,
        key: &VerifyingKey,
    ) -> Result<(), AttributionError> {
        let issued_by =
            |operator: &&OperatorCertificate| operator.operator == certificate.body.grant.operator;
        let holds = certificate.body.holder_key == *key
            && self
                .0
                .iter()
                .find(issued_by)
                .is_some_and(|operator| certificate.verify(&operator.certifying_key).is_ok());
        if holds {
            Ok(())
        } else {
            Err(AttributionError::Certificate)
        }
    }

    /// Every operator states that it never certified this key.
    fn check_never_certified(
        &self,
        key: &VerifyingKey,
        statements: &[Signed<NeverCertified>],
    ) -> Result<(), AttributionError> {
        let states = |operator: &OperatorCertificate| {
            statements.iter().any(|statement| {
                statement.body.operator == operator.operator
                    && statement.body.holder_key == *key
                    && statement.verify(&operator.certifying_key).is_ok()
            })
        };
        if self.0.iter().all(states) && !self.0.is_empty() {
            Ok(())
        } else {
            Err(AttributionError::Statement)
        }
    }
}
