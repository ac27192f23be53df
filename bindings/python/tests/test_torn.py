"""Torn taps: cut in every frame, with restarts in between; nothing is paid twice, and nothing is lost."""

import itertools

import dcep_wallet as dcep
import pytest
from dcep_wallet import FrameSize, HandoffOutcome, Side

from people import arm, fen

AMOUNT = fen(3_745)


def funded(seed):
    """A sandbox in which Alice has 100.00, and Bob nothing."""
    sandbox = dcep.Sandbox(seed)
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    return sandbox, alice, bob


def boundaries(payer_side, frames):
    """After how many bytes every frame of an undisturbed tap ends."""
    _sandbox, alice, bob = funded(2)
    tap = dcep.tap(*arm(alice, bob, AMOUNT, payer_side), frames)
    assert tap.completed
    return list(itertools.accumulate(len(frame.data) for frame in tap.frames))


def accounted(alice, bob):
    """Every fen is at Alice, at Bob, or in doubt; and what is in doubt may be at Bob already."""
    balance, taken = alice.balance(), bob.balance().spendable
    assert balance.spendable + balance.in_doubt + taken in (fen(10_000), fen(10_000) + AMOUNT)
    assert balance.in_doubt in (fen(0), AMOUNT)
    assert balance.spendable + taken in (fen(10_000), fen(10_000) - AMOUNT)
    assert sum((doubt.amount for doubt in alice.in_doubt()), fen(0)) == balance.in_doubt


def meet_again(alice, bob, request, payer_side, frames):
    """New handoffs, for the same request."""
    payee_side = Side.CARD if payer_side is Side.READER else Side.READER
    taking = bob.receive(request, payee_side)
    paying = alice.pay(dcep.Consent.EXACTLY(AMOUNT), payer_side)
    reader, card = (paying, taking) if payer_side is Side.READER else (taking, paying)
    assert dcep.tap(reader, card, frames).completed
    return paying.outcome()


@pytest.mark.parametrize("restarted", ["nobody", "Alice", "Bob", "both"])
@pytest.mark.parametrize("payer_side", Side, ids=lambda side: side.name)
def test_whatever_tears_is_mended(payer_side, restarted):
    frames = FrameSize.SHORT if restarted in ("nobody", "both") else FrameSize.EXTENDED
    ends = boundaries(payer_side, frames)
    cuts = [0, *(end + 1 for end in ends[:-1])]
    seen_in_doubt = set()
    for cut in cuts:
        sandbox, alice, bob = funded(3)
        request = bob.request(AMOUNT, None).id
        payee_side = Side.CARD if payer_side is Side.READER else Side.READER
        taking, paying = bob.receive(request, payee_side), alice.pay(dcep.Consent.EXACTLY(AMOUNT), payer_side)
        reader, card = (paying, taking) if payer_side is Side.READER else (taking, paying)
        torn = dcep.tap(reader, card, frames, tear_after=cut)
        assert (torn.completed, torn.passed) == (False, cut)
        accounted(alice, bob)
        seen_in_doubt.add(bool(alice.in_doubt()))

        if restarted in ("Alice", "both"):
            alice = sandbox.restart("Alice")
        if restarted in ("Bob", "both"):
            bob = sandbox.restart("Bob")
        accounted(alice, bob)
        if restarted == "nobody":
            # The very same handoffs, held together again; unless only the last word tore, after which the card is done.
            assert paying.outcome() or dcep.tap(reader, card, frames).completed
            assert isinstance(paying.outcome(), HandoffOutcome.PAID), cut
        elif alice.in_doubt() or not bob.balance().spendable:
            outcome = meet_again(alice, bob, request, payer_side, frames)
            assert isinstance(outcome, HandoffOutcome.PAID), (cut, outcome)
        assert (alice.balance().spendable, bob.balance().spendable) == (fen(10_000) - AMOUNT, AMOUNT), cut
        assert alice.in_doubt() == []
        sandbox.books()
    assert seen_in_doubt == {False, True}


def test_the_bank_ends_a_doubt_that_no_tap_ends(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    reader, card = arm(alice, bob, AMOUNT)
    dcep.tap(reader, card, tear_after=660)
    assert [doubt.amount for doubt in alice.in_doubt()] == [AMOUNT]
    assert alice.in_doubt()[0].ends_by is dcep.EndsBy.TAP_OR_SYNC
    assert alice.sync().doubts_ended == 1
    bob.sync()
    assert (alice.in_doubt(), bob.balance().spendable) == ([], AMOUNT)
    assert [type(event.kind) for event in alice.events()] == [dcep.EventKind.RECORDED]


def test_the_tap_here_is_the_tap_there(sandbox):
    """The package's own tap and the sandbox's carry the same frames, and tear at the same byte."""

    def both(tear_after):
        results = []
        for tap in (dcep.tap, dcep.simulated_tap):
            _sandbox, alice, bob = funded(4)
            reader, card = arm(alice, bob, AMOUNT)
            if tap is dcep.tap:
                results.append(tap(reader, card, tear_after=tear_after))
            else:
                results.append(tap(reader, card, FrameSize.EXTENDED, tear_after))
        return results

    for tear_after in (None, 0, 1, 12, 13, 300, 660):
        here, there = both(tear_after)
        assert (here.completed, here.passed) == (there.completed, there.bytes)
        assert [(frame.sender, frame.data) for frame in here.frames] == [
            (frame.from_, frame.bytes) for frame in there.frames
        ]
