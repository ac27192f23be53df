"""Every error: what it looks like is pinned in `errors.txt`, and every family is reached by a real call."""

import copy
import pickle
import re
from pathlib import Path

import dcep_wallet as dcep
import pytest
from dcep_wallet import Amount, Consent, FrameSize, HandoffOutcome, Side

import errors
import people
from people import fen

TABLE = Path(__file__).resolve().parents[3] / "docs" / "errors.md"


def test_what_errors_look_like_is_pinned():
    assert errors.text() == errors.FILE.read_text(encoding="utf-8")


def test_every_error_has_its_row():
    rows = dict(re.findall(r"^\| (\d+) \| `([a-z0-9-]+)` \|", TABLE.read_text(encoding="utf-8"), re.M))
    count = 0
    for name, family in errors.families().items():
        for error in errors.cases(name, family):
            assert rows[str(error.code)] == error.name
            assert str(error) == f"{error.name}: {error.sentence(dcep.Language.ENGLISH)}"
            assert isinstance(error, dcep.DcepError)
            assert type(error).__doc__
            count += 1
    assert count > 90


def test_the_families_are_what_there_is():
    assert sorted(errors.families()) == [
        "AmountError", "BankError", "ClockError", "GuardError", "ObserverError", "OpenError", "PayError", "PinError",
        "ReceiptError", "ReceiveError", "RefundError", "RestoreError", "SandboxError", "SlipError", "TapError",
        "TransportError", "VaultError", "WalletError", "WordsError",
    ]  # fmt: skip


@pytest.fixture
def funded(sandbox):
    """Alice with 100.00, and Bob."""
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    return alice, bob


def declined(alice, bob, asked, consent):
    """Why Alice does not pay what Bob asks."""
    card = bob.receive(bob.request(asked, None).id, Side.CARD)
    reader = alice.pay(consent, Side.READER)
    dcep.tap(reader, card)
    outcome = reader.outcome()
    assert isinstance(outcome, HandoffOutcome.DECLINED)
    return outcome.error


def test_amount_error():
    for text, kind in (("37.4", "Malformed"), ("", "Malformed"), ("90071992547409.92", "TooLarge")):
        with pytest.raises(getattr(dcep.AmountError, kind)):
            Amount.parse(text)


def test_pay_error(funded):
    alice, bob = funded
    error = declined(alice, bob, fen(10_001), Consent.EXACTLY(fen(10_001)))
    assert isinstance(error, dcep.PayError.NotEnough)
    assert (error.asked, error.spendable, error.in_doubt) == (fen(10_001), fen(10_000), fen(0))
    assert isinstance(declined(alice, bob, None, Consent.UNCONFIRMED()), dcep.PayError.AmountOpen)
    error = declined(alice, bob, fen(200), Consent.UP_TO(fen(100)))
    assert isinstance(error, dcep.PayError.ConfirmOnDevice)
    assert error.amount == fen(200)


def test_receive_error(funded):
    alice, _bob = funded
    with pytest.raises(dcep.ReceiveError.Zero):
        alice.request(fen(0), None)
    with pytest.raises(dcep.ReceiveError.UnknownRequest):
        alice.receive("00" * 16, Side.CARD)
    with pytest.raises(dcep.ReceiveError.Wallet) as raised:
        alice.request(Amount(fen=2**53), None)
    assert isinstance(raised.value.error, dcep.WalletError.InvalidAmount)
    with pytest.raises(dcep.ReceiveError.Wallet) as raised:
        alice.request(None, "a\u202eb")
    assert isinstance(raised.value.error, dcep.WalletError.InvalidName)
    with pytest.raises((dcep.ReceiveError.BalanceLimit, dcep.ReceiveError.PaymentLimit)):
        alice.request(dcep.largest_amount(), None)


def test_wallet_error(funded, sandbox):
    alice, _bob = funded
    with pytest.raises(dcep.WalletError.InvalidIdentifier):
        alice.history(dcep.HistoryQuery(after="nowhere"))
    alice.shut_down()
    with pytest.raises(dcep.WalletError.Closed):
        alice.balance()
    with pytest.raises(dcep.WalletError.Closed):
        sandbox.restart("Alice")
        alice.balance()


def test_refund_and_receipt_error(funded):
    alice, bob = funded
    outcome = people.pay(alice, bob, fen(1_000))
    with pytest.raises(dcep.RefundError.UnknownPayment):
        bob.refund("00" * 32, fen(1))
    with pytest.raises(dcep.RefundError.TooLarge) as raised:
        bob.refund(outcome.transfer, fen(1_001))
    assert raised.value.left == fen(1_000)
    with pytest.raises(dcep.ReceiptError.NoReceipt):
        alice.export_receipt("00" * 32)
    with pytest.raises(dcep.ReceiptError.NotProven):
        dcep.verify_receipt(b"no receipt", f"ed25519:{'ab' * 32}")


def test_bank_and_transport_error(funded, sandbox):
    alice, _bob = funded
    with pytest.raises(dcep.BankError.Refused) as raised:
        alice.load(fen(100))
    assert raised.value.reason.name == raised.value.name
    sandbox.set_offline(True)
    with pytest.raises(dcep.BankError.Transport) as raised:
        alice.sync()
    assert isinstance(raised.value.error, dcep.TransportError.Unreachable)
    assert raised.value.is_retryable


def test_tap_error(funded):
    alice, bob = funded
    reader, other = (wallet.pay(Consent.UNCONFIRMED(), Side.READER) for wallet in (alice, bob))
    with pytest.raises(dcep.TapError.NoTap):
        reader.receive(b"\x90\x00")
    with pytest.raises(dcep.TapError):
        dcep.tap(reader, other)
    reader.begin_tap(FrameSize.SHORT)
    with pytest.raises(dcep.TapError.NotArmed):
        reader.receive(dcep.unarmed_response(b"\x00\xa4\x04\x00"))


def test_pin_and_open_error(tmp_path, sandbox):
    platform = people.software_platform(sandbox.bank(), sandbox.clock())
    owner = people.Owner(tmp_path, platform, sandbox.root())
    with pytest.raises(dcep.PinError.BadPin), dcep.Pin(b"123"):
        pass
    with dcep.Pin.at_cost(b"271828", 8, 1) as pin, dcep.Pin.at_cost(b"314159", 8, 1) as wrong:
        with pytest.raises(dcep.PinError.NotSet):
            owner.wallet.change_pin(pin, wrong)
        owner.wallet.set_pin(pin)
        owner.wallet.shut_down()
        with pytest.raises(dcep.OpenError.PinRequired):
            dcep.Wallet.open(owner.path, platform)
        with dcep.LockedWallet.open(owner.path, platform) as locked:
            with pytest.raises(dcep.PinError.Wrong) as raised:
                locked.unlock(wrong)
            assert (raised.value.failed, raised.value.wait) == (1, 0)
            with pytest.raises(dcep.OpenError.AlreadyOpen):
                dcep.Wallet.open(owner.path, platform)
            wallet = locked.unlock(pin)
            wallet.remove_pin(pin)
    with pytest.raises(dcep.OpenError.NoPin):
        dcep.LockedWallet.open(owner.path, platform)
    with pytest.raises(dcep.OpenError.NoWallet):
        dcep.Wallet.open(str(tmp_path / "nothing"), platform)
    with dcep.AccountWords.generate(dcep.WordCount.TWELVE, dcep.WordList.ENGLISH) as words:
        for root in ("", "ed25519:00", f"p256:{'00' * 32}"):
            with pytest.raises(dcep.OpenError.InvalidRoot):
                dcep.Wallet.create(str(tmp_path / "new"), platform, words, root, dcep.Algorithm.P256)
        with pytest.raises(dcep.RestoreError) as raised:
            dcep.Wallet.restore(
                str(tmp_path / "new"), platform, words, sandbox.root(), dcep.Algorithm.P256, b"no backup"
            )
        assert isinstance(raised.value, (dcep.RestoreError.Damaged, dcep.RestoreError.Foreign))


def test_words_vault_and_sandbox_error(sandbox):
    with pytest.raises(dcep.WordsError.Bad):
        dcep.AccountWords.parse(b"abandon abandon")
    with pytest.raises(dcep.VaultError.WrongKey):
        dcep.SoftwareVault(b"too short")
    with pytest.raises(dcep.GuardError.Unavailable):
        dcep.MemoryGuard().read(b"no wallet's id")
    with pytest.raises(dcep.SandboxError.Failed) as raised:
        sandbox.fund("nobody", fen(1))
    assert "no such phone" in raised.value.what


def test_errors_are_ordinary_exceptions():
    match dcep.PinError.Wrong(failed=3, wait=60):
        case dcep.PinError.Wrong(failed=failed, wait=wait):
            assert (failed, wait) == (3, 60)
        case other:
            raise AssertionError(other)
    everything = [error for name, family in errors.families().items() for error in errors.cases(name, family)]
    for error in [*everything, dcep.InternalError("on purpose")]:
        for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            assert (type(other), repr(other)) == (type(error), repr(error))
