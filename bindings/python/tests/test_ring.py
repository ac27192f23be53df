"""The ring of payments, byte for byte: all of it, and every phone alone against the frames of the others."""

import json

import dcep_wallet as dcep
import pytest

import ring

SCRIPT = json.loads(ring.FILE.read_text(encoding="utf-8"))


def test_the_ring_replays_byte_for_byte():
    assert ring.record() == SCRIPT
    assert ring.text(SCRIPT) == ring.FILE.read_text(encoding="utf-8")


def play_reader(handoff, payment):
    """The reader's side, fed with what the card sent."""
    command = handoff.begin_tap(ring.FRAMES[payment["frames"]])
    frames = iter(payment["exchange"])
    for sent, answer in zip(frames, frames, strict=True):
        assert (sent["from"], answer["from"]) == ("reader", "card")
        assert command.hex() == sent["hex"]
        command = handoff.receive(bytes.fromhex(answer["hex"]))
    assert command is None


def play_card(handoff, payment):
    """The card's side, fed with what the reader sent."""
    frames = iter(payment["exchange"])
    for heard, answer in zip(frames, frames, strict=True):
        assert (heard["from"], answer["from"]) == ("reader", "card")
        assert handoff.process(bytes.fromhex(heard["hex"])).hex() == answer["hex"]


@pytest.mark.parametrize("own", SCRIPT["phones"])
def test_one_phone_alone_says_what_it_said(own):
    _sandbox, phones = ring.stage(SCRIPT)
    wallet = phones[own]
    balance = SCRIPT["fund"]["fen"] if own == SCRIPT["fund"]["phone"] else 0
    for payment in SCRIPT["payments"]:
        if own == payment["payee"]:
            handoff = ring.armed_payee(wallet, payment)
            side = ring.OTHER[payment["payer_side"]]
            balance += payment["fen"]
        elif own == payment["payer"]:
            handoff = ring.armed_payer(wallet, payment)
            side = payment["payer_side"]
            balance -= payment["fen"]
        else:
            continue
        (play_reader if side == "reader" else play_card)(handoff, payment)
        expected = dcep.HandoffOutcome.RECEIVED if own == payment["payee"] else dcep.HandoffOutcome.PAID
        assert isinstance(handoff.outcome(), expected)
    assert wallet.balance().spendable.fen == balance
