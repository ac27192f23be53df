"""People with wallets, for the tests."""

from dataclasses import dataclass
from pathlib import Path

import dcep_wallet as dcep
from dcep_wallet import Amount, Consent, Side


@dataclass(frozen=True)
class Loopback:
    """A bank in a process of its own."""

    address: str
    root: str


class Owner:
    """Somebody with a wallet in a file, who can close and open it again."""

    def __init__(self, folder, platform, root, algorithm=dcep.Algorithm.P256):
        self.path, self.platform = str(Path(folder) / "wallet.sqlite"), platform
        with dcep.AccountWords.generate(dcep.WordCount.TWELVE, dcep.WordList.ENGLISH) as words:
            self.wallet = dcep.Wallet.create(self.path, platform, words, root, algorithm)
        self.wallet.enrol(dcep.WalletClass.II, None)

    def reopen(self):
        """The app is closed and opened again."""
        self.wallet.shut_down()
        self.wallet = dcep.Wallet.open(self.path, self.platform)
        return self.wallet


def fen(number):
    """An amount."""
    return Amount(fen=number)


def software_platform(bank, clock=None):
    """A platform without hardware."""
    return dcep.Platform(
        vault=dcep.SoftwareVault(b"\x07" * 32), guard=dcep.MemoryGuard(), bank=bank, clock=clock
    )


def arm(payer, payee, amount, payer_side=Side.READER):
    """Both handoffs of a payment: the reader's and the card's."""
    payee_side = Side.CARD if payer_side is Side.READER else Side.READER
    taking = payee.receive(payee.request(amount, None).id, payee_side)
    paying = payer.pay(Consent.EXACTLY(amount), payer_side)
    return (paying, taking) if payer_side is Side.READER else (taking, paying)


def pay(payer, payee, amount):
    """A payment without mishaps: the payer's outcome."""
    reader, card = arm(payer, payee, amount)
    assert dcep.tap(reader, card).completed
    return reader.outcome()
