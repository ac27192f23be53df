"""A ring of payments between three languages, as frozen frames: `tests/vectors/transcripts/ring.json`.

Kotlin pays Swift 50.00, Swift pays Python 30.00 out of that, Python pays Kotlin 20.00 back. All three phones are the
sandbox's, out of one seed, so that the same calls send the same bytes whatever language makes them. Every language
replays the whole ring, and plays its own phone alone against the frames that the others sent.

Written anew with `python bindings/python/tests/ring.py`, with the sandbox's wheel installed; that is only needed when
the wire format, the wallet's use of randomness or the sandbox changes.

The order of calls is a part of it, because every call may draw from its phone's randomness: make every phone in order,
fund, and then for each payment nothing but `request` and `receive` of the payee, `pay` of the payer, and the tap.
"""

import json
from pathlib import Path

import dcep_wallet as dcep

FILE = Path(__file__).resolve().parents[3] / "tests" / "vectors" / "transcripts" / "ring.json"

SEED = 11
PHONES = ["Kotlin", "Swift", "Python"]
FUND = {"phone": "Kotlin", "fen": 10_000}
PAYMENTS = [
    {"payer": "Kotlin", "payee": "Swift", "fen": 5_000, "payer_side": "reader", "frames": "extended"},
    {"payer": "Swift", "payee": "Python", "fen": 3_000, "payer_side": "card", "frames": "extended"},
    {"payer": "Python", "payee": "Kotlin", "fen": 2_000, "payer_side": "reader", "frames": "short"},
]

SIDES = {"reader": dcep.Side.READER, "card": dcep.Side.CARD}
FRAMES = {"short": dcep.FrameSize.SHORT, "extended": dcep.FrameSize.EXTENDED}
OTHER = {"reader": "card", "card": "reader"}


def stage(script):
    """The sandbox and its phones, funded, before the first payment."""
    sandbox = dcep.Sandbox(script["seed"])
    phones = {name: sandbox.phone(name) for name in script["phones"]}
    sandbox.fund(script["fund"]["phone"], dcep.Amount(fen=script["fund"]["fen"]))
    return sandbox, phones


def armed_payee(wallet, payment):
    """The payee's handoff."""
    request = wallet.request(dcep.Amount(fen=payment["fen"]), None)
    return wallet.receive(request.id, SIDES[OTHER[payment["payer_side"]]])


def armed_payer(wallet, payment):
    """The payer's handoff."""
    consent = dcep.Consent.EXACTLY(dcep.Amount(fen=payment["fen"]))
    return wallet.pay(consent, SIDES[payment["payer_side"]])


def exchange(wallets, payment):
    """Makes one payment, and returns the frames that passed."""
    payee = armed_payee(wallets[payment["payee"]], payment)
    payer = armed_payer(wallets[payment["payer"]], payment)
    reader, card = (payer, payee) if payment["payer_side"] == "reader" else (payee, payer)
    tap = dcep.simulated_tap(reader, card, FRAMES[payment["frames"]], None)
    assert tap.completed
    return [{"from": frame.from_.name.lower(), "hex": frame.bytes.hex()} for frame in tap.frames]


def record():
    """Plays the ring, and returns what the file holds."""
    script = {"seed": SEED, "phones": PHONES, "fund": FUND}
    _sandbox, phones = stage(script)
    payments = [payment | {"exchange": exchange(phones, payment)} for payment in PAYMENTS]
    return script | {"payments": payments}


def text(script):
    """The file: one line a frame."""
    return json.dumps(script, indent=1) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text(record()), encoding="utf-8")
    print(FILE)
