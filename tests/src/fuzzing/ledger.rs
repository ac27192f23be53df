//! What a wallet has, kept beside the wallet: every change must follow from something that was truly signed.

use protocol::{
    Amount, Body as _, Consumed, Id, Payment, Receipt, Signed, Transfer, VerifyingKey, message::ShortReceipt,
};

use super::house::Phone;

/// Remembers what a payment consumes. Of two transfers of one outpoint, only one may ever be signed, or taken.
pub(super) fn consume(consumed: &mut Consumed, payment: &Payment) {
    for (outpoint, transfer) in payment.consumptions() {
        let before = consumed.insert(outpoint, transfer);
        assert!(
            before.is_none_or(|before| before == transfer),
            "an outpoint went two ways"
        );
    }
}

/// Owned and in doubt, and what was signed away.
pub(super) struct Ledger {
    pub(super) owned: Amount,
    pub(super) doubt: Amount,
    outgoing: Vec<Outgoing>,
}

/// A transfer of the wallet's.
struct Outgoing {
    transfer: Id,
    amount: Amount,
    /// Whose receipt ends the doubt.
    payee: VerifyingKey,
    /// To whom it can be given back; a return cannot.
    payer: Option<VerifyingKey>,
    receipted: bool,
    back: bool,
}

impl Ledger {
    /// As it stands now, with nothing signed away.
    pub(super) fn of(phone: &Phone) -> Self {
        Self {
            owned: phone.owned(),
            doubt: phone.in_doubt(),
            outgoing: Vec::new(),
        }
    }

    /// The wallet has signed this payment.
    pub(super) fn pays(&mut self, payment: &Payment) {
        let output = payment.final_transfer().outputs[0];
        self.outgoing.push(Outgoing {
            transfer: payment.id(),
            amount: output.amount,
            payee: output.holder_key,
            payer: Some(payment.certificates()[0].body.holder_key),
            receipted: false,
            back: false,
        });
    }

    /// The wallet has taken this payment and given it back.
    pub(super) fn gives_back(&mut self, payment: &Payment) {
        let amount = payment.final_transfer().outputs[0].amount;
        let payee = payment.certificates()[0].body.holder_key;
        self.outgoing.push(Outgoing {
            transfer: Transfer::returning(payment.id(), amount, payee).id(),
            amount,
            payee,
            payer: None,
            receipted: false,
            back: false,
        });
    }

    /// How many of them are receipted.
    pub(super) fn receipted(&self) -> usize {
        self.outgoing.iter().filter(|outgoing| outgoing.receipted).count()
    }

    /// Something is no longer in doubt, or has come back: this receipt must say so. It counts once.
    pub(super) fn settles(&mut self, phone: &Phone, receipt: Option<ShortReceipt>) {
        let (owned, doubt) = (phone.owned(), phone.in_doubt());
        let receipt = receipt.expect("doubt ends with a receipt, and nothing else brings money back");
        let mut outgoing = self.outgoing.iter_mut();
        let outgoing = outgoing.find(|outgoing| outgoing.confirmed(&receipt));
        let outgoing = outgoing.expect("the receipt is the payee's");
        if doubt != self.doubt {
            assert_eq!(self.doubt.checked_sub(outgoing.amount), Some(doubt));
            assert!(!outgoing.receipted, "doubt ended twice");
            outgoing.receipted = true;
        }
        if owned != self.owned {
            assert_eq!(self.owned.checked_add(outgoing.amount), Some(owned));
            assert!(outgoing.given_back(&receipt), "nobody gave it back");
            assert!(!outgoing.back, "it came back twice");
            outgoing.back = true;
        }
        (self.owned, self.doubt) = (owned, doubt);
    }
}

impl Outgoing {
    fn confirmed(&self, receipt: &ShortReceipt) -> bool {
        let signed = Signed {
            body: Receipt {
                transfer: self.transfer,
                taken_at: receipt.taken_at,
            },
            signature: receipt.signature,
        };
        signed.verify(&self.payee).is_ok()
    }

    fn given_back(&self, receipt: &ShortReceipt) -> bool {
        let (Some(payer), Some(signature)) = (self.payer, receipt.returned) else {
            return false;
        };
        let back = Transfer::returning(self.transfer, self.amount, payer);
        self.payee.verify(&back.message(), &signature).is_ok()
    }
}
