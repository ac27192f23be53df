"""A first payment from end to end: two wallets in files, a bank on loopback, a simulated tap."""

import json
import urllib.request

import dcep_wallet as dcep
from dcep_wallet import Amount, EventKind, HandoffOutcome, HistoryKind, PayeeName, Side

import people


def owner(folder, name, bank):
    """Somebody with a vault and a guard in files."""
    home, guard = folder / name, folder / f"{name}-guard"
    home.mkdir()
    guard.mkdir()
    platform = dcep.Platform(
        vault=dcep.file_vault(home / "master"), guard=dcep.FileGuard(guard), bank=dcep.HttpBank(bank.address)
    )
    return people.Owner(home, platform, bank.root)


def test_a_first_payment(tmp_path, bank):
    assert dcep.HttpBank(bank.address).root() == bank.root
    alice, bob = owner(tmp_path, "alice", bank), owner(tmp_path, "bob", bank)
    alice.wallet.load(Amount.parse("100.00"))
    assert alice.wallet.account_balance() == Amount.parse("900.00")

    request = bob.wallet.request(Amount.parse("37.45"), "Bob's stall")
    assert str(request.payee) == "unverified “Bob's stall”"
    card = bob.wallet.receive(request.id, Side.CARD)
    reader = alice.wallet.pay(dcep.Consent.EXACTLY(request.amount), Side.READER)
    assert dcep.tap(reader, card).completed

    match reader.outcome():
        case HandoffOutcome.PAID(transfer=transfer, amount=amount, mended=False):
            assert amount == Amount.parse("37.45")
        case other:
            raise AssertionError(other)
    assert card.outcome() == HandoffOutcome.RECEIVED(request.id, transfer, amount)
    assert alice.wallet.balance().spendable == Amount.parse("62.55")
    assert bob.wallet.balance().spendable == bob.wallet.balance().unsettled == amount
    assert alice.wallet.in_doubt() == []

    # A third person believes the receipt.
    proven = dcep.verify_receipt(alice.wallet.export_receipt(transfer), bank.root)
    assert (proven.transfer, proven.amount, proven.operator) == (transfer, amount, "Demo Bank")

    # Both hear of it, once, and both see it in their history.
    assert [event.kind for event in bob.wallet.events()] == [EventKind.RECEIVED(transfer, request.id, amount, None)]
    payee = PayeeName.UNVERIFIED("Bob's stall")
    assert [event.kind for event in alice.wallet.events()] == [EventKind.PAID(transfer, amount, payee, False)]
    assert list(alice.wallet.events()) == []
    assert {entry.kind for entry in alice.wallet.history_entries(size=1)} == {HistoryKind.PAID, HistoryKind.LOADED}

    # Everything survives a restart, and everything goes home.
    assert bob.reopen().balance().spendable == amount
    assert bob.wallet.open_report().pieces == 1
    assert bob.wallet.deposit(None) == amount
    assert bob.wallet.account_balance() == Amount.parse("1037.45")
    alice.wallet.sync()
    with urllib.request.urlopen(f"{bank.address}/v1/books") as answer:
        books = json.load(answer)
    assert books
    alice.wallet.shut_down()
    bob.wallet.shut_down()


def test_a_wallet_without_its_guard_counts_as_copied(tmp_path, bank):
    alice = owner(tmp_path, "alice", bank)
    alice.wallet.load(Amount.parse("10.00"))
    alice.wallet.shut_down()
    for head in (tmp_path / "alice-guard").glob("*.json"):
        head.unlink()
    with dcep.Wallet.open(alice.path, alice.platform) as wallet:
        assert wallet.open_report().rolled_back
        assert wallet.balance().only_at_bank == Amount.parse("10.00")
        assert not wallet.balance().spendable
