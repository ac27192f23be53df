"""What Python adds: money that stays whole, records that print, `with` and `for`."""

import copy
import inspect
import pickle

import dcep_wallet as dcep
import pytest
from dcep_wallet import Amount, Consent, FrameSize, HistoryQuery, Side

import people
from people import arm, fen, pay


def test_money_is_whole_numbers():
    price = Amount.parse("37.45")
    assert (price.fen, str(price), f"{price:>8}", repr(price)) == (3745, "37.45", "   37.45", "Amount.parse('37.45')")
    assert eval(repr(price), {"Amount": Amount}) == price
    assert price + price == price * 2 == 2 * price == Amount.parse("74.90")
    assert sum([price, price], fen(0)) == sum([price, price]) == price * 2
    assert price - fen(45) == Amount.parse("37.00")
    assert (price // fen(1000), bool(price), bool(fen(0))) == (3, True, False)
    assert sorted([price, fen(1), fen(2)]) == [fen(1), fen(2), price]
    assert max(price, fen(1)) is price
    assert {price: "here"}[fen(3745)] == "here"
    assert dcep.largest_amount() == fen(2**53 - 1)


@pytest.mark.parametrize(
    "nonsense",
    [
        lambda price: price + 1,
        lambda price: 1 + price,
        lambda price: price - 1,
        lambda price: price * 1.5,
        lambda price: 0.5 * price,
        lambda price: price * price,
        lambda price: price / 2,
        lambda price: price // 2,
        lambda price: price < 1,
        lambda price: price + None,
        lambda price: -price,
        lambda price: float(price),
        lambda price: int(price),
        lambda price: Amount("37.45"),
    ],
)
def test_money_mixes_with_nothing(nonsense):
    with pytest.raises(TypeError):
        nonsense(Amount.parse("37.45"))


def test_money_has_limits():
    with pytest.raises(dcep.AmountError.TooLarge):
        dcep.largest_amount() + fen(1)
    with pytest.raises(dcep.AmountError.TooLarge):
        dcep.largest_amount() * 2
    with pytest.raises(ValueError, match="not negative"):
        fen(1) - fen(2)
    with pytest.raises(AttributeError):
        fen(1).fen = 2
    # A record can be built with any number; whatever call it is given to refuses it.
    assert str(fen(2**64 - 1)) == "184467440737095516.15"


def test_records_print_compare_and_travel(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    dcep.tap(*arm(alice, bob, fen(5)), tear_after=660)
    doubts = alice.in_doubt()
    assert repr(doubts).startswith(f"[InDoubt(transfer='{doubts[0].transfer}', what=Doubtful.PAYMENT, name=PayeeName.")
    assert "amount=Amount.parse('0.05')" in repr(doubts)
    records = [doubts[0], alice.balance(), alice.limits(), alice.freshness(), alice.open_report(), sandbox.books()]
    for record in records:
        assert record != None and record is not None  # noqa: E711 - that this does not raise is the point
        assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == record
        with pytest.raises(AttributeError):
            record.amount = fen(0)
    assert len({Consent.EXACTLY(fen(5)), Consent.EXACTLY(amount=fen(5)), Consent.UNCONFIRMED()}) == 2
    assert repr(Consent.EXACTLY(fen(5))) == "Consent.EXACTLY(amount=Amount.parse('0.05'))"
    assert Consent.EXACTLY(fen(5)) != Consent.UP_TO(fen(5))
    assert isinstance(Consent.EXACTLY(fen(5)), Consent)
    assert repr(Side.READER) == "Side.READER"
    assert str(alice.limits().limits[2].lifts.until) == "2026-11-25"


def test_events_are_acknowledged_after_the_body(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    for number in (1, 2, 3):
        pay(alice, bob, fen(number))
    for event in bob.events():
        assert event.kind.amount == fen(1)
        break
    with pytest.raises(ZeroDivisionError):
        for event in bob.events():
            assert event.kind.amount == fen(1)
            1 // 0
    bob = sandbox.restart("Bob")
    assert bob.next_event().kind.amount == fen(1)
    assert [event.kind.amount.fen for event in bob.events()] == [1, 2, 3]
    assert list(bob.events()) == []


def test_history_comes_in_pages(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    for number in range(1, 6):
        pay(alice, bob, fen(number))
    assert [len(page.entries) for page in bob.history_pages(size=2)] == [2, 2, 1]
    everything = bob.history(HistoryQuery()).entries
    assert len(everything) == 5
    for size in (1, 2, 5, 50):
        assert list(bob.history_entries(size=size)) == everything
    large = list(bob.history_entries(HistoryQuery(at_least=fen(4)), size=1))
    assert sorted(entry.amount.fen for entry in large) == [4, 5]
    # What comes in while somebody turns pages moves nothing.
    pages = bob.history_pages(size=2)
    first = next(pages)
    sandbox.advance(1)
    pay(alice, bob, fen(6))
    rest = [entry for page in pages for entry in page.entries]
    assert first.entries + rest == everything


def test_with_shuts_down_and_wipes(tmp_path, sandbox):
    platform = people.software_platform(sandbox.bank(), sandbox.clock())
    path = str(tmp_path / "wallet")
    with dcep.AccountWords.generate(dcep.WordCount.TWENTY_FOUR, dcep.WordList.SIMPLIFIED_CHINESE) as words:
        typed = words.reveal()
        assert words.matches(typed)
        assert len(typed.decode().split()) == 24
        assert (repr(words), str(words)) == ("<AccountWords>", "<AccountWords>")
        with dcep.Wallet.create(path, platform, words, sandbox.root(), dcep.Algorithm.ED25519) as wallet:
            assert wallet.account().startswith("ed25519:")
    with pytest.raises(AttributeError, match="wiped"):
        words.reveal()
    with pytest.raises(dcep.WalletError.Closed):
        wallet.account()
    with pytest.raises(ZeroDivisionError), dcep.Wallet.open(path, platform) as wallet:
        1 // 0
    with dcep.Wallet.open(path, platform), dcep.Pin.at_cost(b"271828", 8, 1) as pin:
        assert "271828" not in repr(pin)
    pin.wipe()
    with pytest.raises(AttributeError, match="wiped"):
        wallet.set_pin(pin)


def test_a_handoff_prints_what_it_is(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    reader, card = arm(alice, bob, fen(5))
    assert (repr(reader), repr(card)) == ("<Handoff payer READER None>", "<Handoff payee CARD None>")
    dcep.tap(reader, card, FrameSize.SHORT)
    assert repr(reader).startswith("<Handoff payer READER HandoffOutcome.PAID(transfer='")


def everything_public():
    """Every public class, method, property and function, by its full name."""
    for name in dcep.__all__:
        thing = getattr(dcep, name)
        if inspect.isclass(thing):
            yield from members(name, thing)
        elif callable(thing):
            yield name, thing


def members(name, kind):
    """A class, what it defines itself, and the classes in it."""
    yield name, kind
    seen = set()
    for base in kind.__mro__:
        if not base.__module__.startswith("dcep_wallet"):
            continue
        for part, value in vars(base).items():
            if part.startswith("_") or part in seen:
                continue
            seen.add(part)
            if inspect.isclass(value):
                # The cases of an enum or of an error, which inherit from it, and with it the cases.
                if "." not in name:
                    yield from members(f"{name}.{part}", value)
            elif callable(value) or isinstance(value, (property, classmethod, staticmethod)):
                yield f"{name}.{part}", value


def is_made_by_uniffi(name):
    """`is_UP_TO` and `is_up_to`: the cases of an enum, by a name that says everything."""
    return name.rsplit(".", 1)[-1].startswith("is_") and not name.endswith(("is_payee", "is_retryable"))


def test_everything_public_is_documented():
    count, undocumented = 0, []
    for name, thing in everything_public():
        if is_made_by_uniffi(name):
            continue
        count += 1
        # A dataclass without a docstring is given its signature for one.
        doc = inspect.getdoc(thing) if not inspect.isclass(thing) else thing.__doc__
        if not doc or doc.startswith(f"{name.rsplit('.', 1)[-1]}("):
            undocumented.append(name)
    assert undocumented == []
    assert count > 400
    assert dcep.__doc__


def test_every_field_is_documented():
    count = 0
    for name, kind in everything_public():
        for field in getattr(kind, "__dataclass_fields__", {}):
            assert f"\n    {field}: " in inspect.getdoc(kind), f"{name}.{field}"
            count += 1
    assert count > 150


def test_nothing_of_the_machinery_is_public():
    assert sorted(dcep.__all__) == sorted(set(dcep.__all__))
    for name in dcep.__all__:
        assert hasattr(dcep, name)
        assert not name.endswith(("Impl", "Protocol", "Idioms"))
    from dcep_wallet import _generated

    exported = {name for name in _generated.__all__ if not name.endswith(("Impl", "Protocol"))}
    assert exported - set(dcep.__all__) == set()
    assert dcep.__version__ == dcep.library_version()
