"""Paying by codes and files: what one wallet shows, another reads."""

import dcep_wallet as dcep
import pytest
from dcep_wallet import Amount, Consent, HandoffOutcome, SlipKind

AMOUNT = Amount.parse("37.45")


def read(slip):
    """What a camera makes of the codes of a slip, of which it misses every other one."""
    scanner = dcep.SlipScanner()
    step = 1 if slip.frame_count() == 1 else 2
    for number in range(0, 1000, step):
        progress = scanner.scan(slip.frame(number).text)
        if progress.slip:
            assert progress.percent == 100
            return progress.slip
    raise AssertionError("not read")


@pytest.fixture
def pair():
    box = dcep.Sandbox(7)
    alice, bob = box.phone("Alice"), box.phone("Bob")
    box.fund("Alice", Amount.parse("100.00"))
    box.set_offline(True)
    return box, alice, bob


def test_three_codes_pay(pair):
    _, alice, bob = pair
    asked = read(bob.request_slip(bob.request(AMOUNT, "Bob's stall").id))
    assert asked.kind() == SlipKind.REQUEST
    request = alice.read_request(asked)
    assert (request.amount, str(request.payee)) == (AMOUNT, "unverified “Bob's stall”")

    paid = alice.pay_request(asked, Consent.EXACTLY(AMOUNT))
    assert (paid.amount, paid.payee, paid.slip.kind()) == (AMOUNT, request.payee, SlipKind.PAYMENT)
    assert paid.slip.frame_count() == 1
    assert [doubt.transfer for doubt in alice.in_doubt()] == [paid.transfer]

    taken = bob.take_slip(read(paid.slip))
    assert taken.outcome == HandoffOutcome.RECEIVED(request.id, paid.transfer, AMOUNT)
    again = bob.take_slip(paid.slip)
    assert (taken.repeated, again.repeated, again.outcome) == (False, True, taken.outcome)
    assert bob.balance().spendable == AMOUNT

    ended = alice.take_slip(read(taken.answer))
    assert ended.outcome == HandoffOutcome.PAID(paid.transfer, AMOUNT, request.payee, False)
    assert ended.answer is None and alice.in_doubt() == []


def test_a_long_one_is_read_from_any_codes(pair):
    box, payer, payee = pair
    for _ in range(5):
        request = payee.request(AMOUNT, None)
        reader = payer.pay(Consent.EXACTLY(AMOUNT), dcep.Side.READER)
        assert dcep.tap(reader, payee.receive(request.id, dcep.Side.CARD)).completed
        payer, payee = payee, payer
    asked = payee.request_slip(payee.request(AMOUNT, None).id)
    paid = payer.pay_request(asked, Consent.EXACTLY(AMOUNT))
    assert paid.slip.frame_count() > 1
    assert payee.take_slip(read(paid.slip)).outcome.amount == AMOUNT


def test_a_file_does_as_well_and_the_same_payment_is_shown_again(pair):
    box, alice, bob = pair
    asked = dcep.Slip.from_bytes(bob.request_slip(bob.request(AMOUNT, None).id).bytes())
    paid = alice.pay_request(asked, Consent.UP_TO(AMOUNT))
    alice = box.restart("Alice")
    again = alice.payment_slip(paid.transfer)
    assert again.bytes() == paid.slip.bytes() == alice.pay_request(asked, Consent.UP_TO(AMOUNT)).slip.bytes()
    assert alice.payment_slip("00" * 32) is None
    assert alice.balance().in_doubt == AMOUNT


def test_a_code_is_drawn(pair):
    _, _, bob = pair
    frame = bob.request_slip(bob.request(AMOUNT, None).id).frame(0)
    assert frame.text.startswith("DCEP1:") and len(frame.modules) == frame.side**2
    # The pattern in the corner: a ring around a block.
    assert list(frame.modules[:8]) == [1] * 7 + [0]
    assert list(frame.modules[frame.side : frame.side + 8]) == [1, 0, 0, 0, 0, 0, 1, 0]


def test_what_is_no_slip_is_told(pair):
    _, alice, bob = pair
    scanner = dcep.SlipScanner()
    with pytest.raises(dcep.SlipError.Foreign) as foreign:
        scanner.scan("https://example.org")
    assert foreign.value.name == "not-a-slip"
    with pytest.raises(dcep.SlipError.Malformed):
        dcep.Slip.from_bytes(b"\x00")
    with pytest.raises(dcep.SlipError.TooLarge):
        dcep.Slip.from_bytes(bytes(40_001))
    asked = bob.request_slip(bob.request(AMOUNT, None).id)
    with pytest.raises(dcep.PayError.ConfirmOnDevice):
        alice.pay_request(asked, Consent.UP_TO(Amount.parse("37.44")))
    with pytest.raises(dcep.PayError.OwnRequest):
        bob.read_request(asked)
    with pytest.raises(dcep.TapError.Malformed):
        bob.take_slip(asked)
    payment = alice.pay_request(asked, Consent.EXACTLY(AMOUNT)).slip
    with pytest.raises(dcep.PayError.NothingAsked):
        alice.read_request(payment)
    refused = alice.take_slip(payment).outcome
    assert refused.reason.name == "unknown-request"
