"""Opens, pays and closes a thousand times, and prints how memory and open files went: run by `test_soak.py`, as a
process of its own, against a bank in another process.

    python soak.py BANK ROOT ROUNDS WARM_UP
"""

import gc
import json
import os
import sys
import tempfile
from pathlib import Path

import dcep_wallet as dcep

import people
from people import fen


def resident():
    """Bytes of memory that are in use."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def measured():
    """Memory and open files, with nothing left to collect."""
    gc.collect()
    return {"resident": resident(), "files": len(os.listdir("/proc/self/fd"))}


class Pair:
    """Two wallets, the payer with money."""

    def __init__(self, folder, bank, root):
        folder.mkdir()
        self.owners = []
        for name in ("payer", "payee"):
            (folder / name).mkdir()
            self.owners.append(people.Owner(folder / name, people.software_platform(bank), root))
        self.owners[0].wallet.load(fen(10_000))
        for owner in self.owners:
            owner.wallet.shut_down()

    def round(self):
        """Open, pay, close."""
        payer, payee = (dcep.Wallet.open(owner.path, owner.platform) for owner in self.owners)
        with payer, payee:
            before = payee.balance().spendable
            outcome = people.pay(payer, payee, fen(1))
            assert isinstance(outcome, dcep.HandoffOutcome.PAID), outcome
            assert payee.balance().spendable == before + fen(1)
            for wallet in (payer, payee):
                for _event in wallet.events():
                    pass


def main(address, root, rounds, warm_up):
    """The command."""
    bank = dcep.HttpBank(address)
    with tempfile.TemporaryDirectory() as folder:
        pair, report = None, {}
        for number in range(rounds):
            # A fresh pair after every tenth payment, which is as many as may be made without the bank.
            if number % 10 == 0:
                pair = Pair(Path(folder) / str(number), bank, root)
            pair.round()
            if number + 1 == warm_up:
                report["before"] = measured()
        report["after"] = measured()
    print(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
