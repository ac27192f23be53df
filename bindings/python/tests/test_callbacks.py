"""What a platform written in Python may do wrong: every callback is left by an exception, at every step of a handoff.

The wallet hears an error of the declared type, whatever it was; the exception is the cause of the error that the call
raises. Afterwards every fen is where it was, and the payment is made.
"""

import dcep_wallet as dcep
import pytest
from dcep_wallet import GuardError, HandoffOutcome, Side, TransportError, VaultError

import people
from people import fen

AMOUNT = fen(2_500)
START = fen(10_000)


class Fuse:
    """Counts callbacks, and leaves the one that it is set to by an exception."""

    def __init__(self):
        self.calls, self.at, self.exception, self.blown = [], None, None, None
        self.seen = set()

    def reset(self, at=None, exception=None):
        """Counts from 0 again; `at` is the callback that fails."""
        self.calls, self.at, self.exception, self.blown = [], at, exception, None

    def burn(self, name):
        """A callback begins."""
        self.calls.append(name)
        self.seen.add(name)
        if len(self.calls) - 1 == self.at:
            self.blown = name
            raise self.exception


def lent(base, inner, fuse):
    """An implementation in Python of one of the platform's traits, which passes everything on."""

    def passing(name):
        def callback(self, *arguments):
            fuse.burn(name)
            return getattr(inner, name)(*arguments)

        return callback

    names = [name for name in vars(base) if not name.startswith("_")]
    return type(f"Lent{base.__name__}", (base,), {name: passing(name) for name in names})()


def lent_platform(sandbox, fuse):
    """A platform of which every part is Python."""
    return dcep.Platform(
        vault=lent(dcep.KeyVault, dcep.SoftwareVault(b"\x05" * 32), fuse),
        guard=lent(dcep.RollbackGuard, dcep.MemoryGuard(), fuse),
        bank=lent(dcep.BankTransport, sandbox.bank(), fuse),
        clock=lent(dcep.Clock, sandbox.clock(), fuse),
    )


class Scene:
    """Two wallets over platforms in Python, of which the payer has money."""

    def __init__(self, folder, fuse):
        self.sandbox, self.fuse = dcep.Sandbox(5), fuse
        (folder / "payer").mkdir()
        (folder / "payee").mkdir()
        root = self.sandbox.root()
        self.payer = people.Owner(folder / "payer", lent_platform(self.sandbox, fuse), root)
        self.payee = people.Owner(folder / "payee", lent_platform(self.sandbox, fuse), root)
        self.sandbox.pay_in(self.payer.wallet.account(), START)
        self.payer.wallet.load(START)

    def handoff(self, request=None):
        """A payment from the request to the receipt. A call that fails ends it."""
        payer, payee = self.payer.wallet, self.payee.wallet
        request = request or payee.request(AMOUNT, None).id
        card = payee.receive(request, Side.CARD)
        reader = payer.pay(dcep.Consent.EXACTLY(AMOUNT), Side.READER)
        assert dcep.tap(reader, card).completed
        return reader.outcome()

    def check(self):
        """Every fen is at one of the two, or in doubt at the payer, where it may have been taken already."""
        payer, payee = self.payer.wallet.balance(), self.payee.wallet.balance()
        assert payer.only_at_bank == payee.only_at_bank == fen(0)
        assert payer.in_doubt in (fen(0), AMOUNT)
        assert payer.spendable + payer.in_doubt in (START, START - AMOUNT)
        assert payee.spendable in (fen(0), AMOUNT)
        assert [doubt.amount for doubt in self.payer.wallet.in_doubt()] == [AMOUNT] * bool(payer.in_doubt)
        if not payer.in_doubt:
            assert payer.spendable + payee.spendable == START

    def mend(self):
        """Goes on after a failure: whatever was asked for is paid, once."""
        requests = self.payee.wallet.open_requests()
        doubtful = bool(self.payer.wallet.in_doubt())
        if requests or doubtful:
            assert isinstance(self.handoff(requests[0].id if requests else None), HandoffOutcome.PAID)


def empty(wallet):
    """Everything that can be spent goes to the bank."""
    if wallet.balance().spendable:
        wallet.deposit(None)


def balances(scene):
    """What both can spend, in fen."""
    return scene.payer.wallet.balance().spendable.fen, scene.payee.wallet.balance().spendable.fen


EXCEPTIONS = {
    "an exception": ZeroDivisionError,
    "an exit": SystemExit,
    "an interrupt": KeyboardInterrupt,
    "a bare one": BaseException,
}


def check_raised(raised, exception):
    """What a handoff raised is an error of ours with the exception as its cause, or what was meant for the program."""
    if isinstance(exception, KeyboardInterrupt):
        assert isinstance(raised, KeyboardInterrupt)
    elif isinstance(raised, dcep.TapError) and raised.__cause__ is None:
        # A card always answers. What failed there tears the tap for the reader, and is in the log.
        assert isinstance(raised, (dcep.TapError.Channel, dcep.TapError.Link, dcep.TapError.Malformed))
    elif isinstance(exception, Exception):
        assert isinstance(raised, dcep.DcepError)
        assert raised.__cause__ is exception
        assert "of the test" not in str(raised) + repr(raised)
    else:
        assert raised is exception
        assert isinstance(raised.__cause__, dcep.DcepError)


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_every_callback_of_a_handoff_may_fail(tmp_path, kind, caplog):
    fuse = Fuse()
    scene = Scene(tmp_path, fuse)
    fuse.reset()
    scene.handoff()
    steps = len(fuse.calls)
    assert {"sign_all", "advance", "now", "authorize"} <= set(fuse.calls)

    failed, logged = set(), set()
    for step in range(steps):
        # Every step begins with the same money.
        fuse.reset()
        empty(scene.payer.wallet)
        empty(scene.payee.wallet)
        scene.sandbox.pay_in(scene.payer.wallet.account(), START)
        scene.payer.wallet.load(START)
        exception = EXCEPTIONS[kind]("of the test")
        fuse.reset(step, exception)
        raised = None
        try:
            scene.handoff()
        except BaseException as error:  # noqa: BLE001 - whatever comes is looked at
            raised = error
        assert fuse.blown is not None, step
        if raised is not None:
            failed.add(fuse.blown)
            check_raised(raised, exception)
        logged.update(record.exc_info[0] for record in caplog.records)
        fuse.reset()
        scene.check()
        scene.payer.reopen()
        scene.payee.reopen()
        scene.check()
        scene.mend()
        payer, payee = balances(scene)
        assert (payer + payee, payee % AMOUNT.fen) == (START.fen, 0), (step, payer, payee)
        assert payee <= AMOUNT.fen
        assert scene.payer.wallet.in_doubt() == []
    assert {"sign_all", "advance", "now", "authorize"} <= failed
    assert logged <= {EXCEPTIONS[kind]}


def test_every_callback_of_dealing_with_the_bank_may_fail(tmp_path):
    """Enrolling, loading, depositing and syncing, with the line, the vault and the guard failing at every step."""
    fuse = Fuse()
    scene = Scene(tmp_path, fuse)
    wallet = scene.payer.wallet
    for what in (lambda: wallet.load(fen(100)), lambda: wallet.deposit(fen(100)), wallet.sync):
        scene.sandbox.pay_in(wallet.account(), fen(100_000))
        step = 0
        while True:
            before = wallet.balance().spendable + wallet.account_balance()
            fuse.reset(step, ZeroDivisionError("of the test"))
            try:
                what()
            except dcep.BankError as error:
                assert isinstance(error.__cause__, ZeroDivisionError)
                if fuse.blown in ("call", "trust"):
                    assert isinstance(error, dcep.BankError.Transport)
                    assert isinstance(error.error, TransportError.Unreachable)
            done = fuse.blown is None
            fuse.reset()
            wallet.sync()
            assert wallet.in_doubt() == []
            assert wallet.balance().spendable + wallet.account_balance() == before
            if done:
                break
            step += 1
        assert step > 3
    assert {"call", "trust"} <= fuse.seen


def test_every_callback_of_opening_may_fail(tmp_path):
    fuse = Fuse()
    scene = Scene(tmp_path, fuse)
    owner = scene.payer
    balance = owner.wallet.balance()
    owner.wallet.shut_down()
    step = 0
    while True:
        fuse.reset(step, ZeroDivisionError("of the test"))
        try:
            owner.wallet = dcep.Wallet.open(owner.path, owner.platform)
        except dcep.OpenError as error:
            assert isinstance(error.__cause__, ZeroDivisionError)
        else:
            if fuse.blown is None:
                break
            owner.wallet.shut_down()
        step += 1
    fuse.reset()
    assert {"unwrap", "read"} <= fuse.seen
    assert owner.wallet.balance() == balance
    assert not owner.wallet.open_report().rolled_back


def test_a_declared_error_arrives_as_it_is(tmp_path):
    fuse = Fuse()
    scene = Scene(tmp_path, fuse)

    def step_of(name):
        fuse.reset()
        scene.handoff()
        return fuse.calls.index(name)

    fuse.reset(step_of("authorize"), VaultError.UserCancelled())
    with pytest.raises(dcep.WalletError.Vault) as raised:
        scene.handoff()
    assert isinstance(raised.value.error, VaultError.UserCancelled)
    assert raised.value.is_retryable
    # The guard is tried again where nothing hangs on it yet, and heard where something does.
    first, heard = step_of("advance"), []
    for step in range(first, len(fuse.calls)):
        fuse.reset(step, GuardError.Unavailable())
        try:
            scene.handoff()
        except dcep.DcepError as error:
            if fuse.blown == "advance":
                heard.append(error.name)
    assert set(heard) == {"guard-unavailable"}
    fuse.reset()
    step = 0
    fuse.reset(step, TransportError.Status(503))
    while fuse.blown not in ("call", "trust"):
        fuse.reset(step, TransportError.Status(503))
        try:
            scene.payer.wallet.sync()
        except dcep.BankError as error:
            caught = error
        step += 1
    assert isinstance(caught.error, TransportError.Status)
    assert caught.error.status == 503


@pytest.mark.parametrize("answer", [None, 5, "text", object()], ids=lambda answer: type(answer).__name__)
def test_an_answer_of_another_type_is_a_failure(tmp_path, answer):
    class Vault(dcep.KeyVault):
        def wrap(self, data_key):
            return answer

    platform = dcep.Platform(vault=Vault(), guard=dcep.MemoryGuard(), bank=dcep.HttpBank("http://127.0.0.1:1"))
    with dcep.AccountWords.generate(dcep.WordCount.TWELVE, dcep.WordList.ENGLISH) as words:
        with pytest.raises(dcep.OpenError.Vault) as raised:
            dcep.Wallet.create(
                str(tmp_path / "wallet"), platform, words, f"ed25519:{'ab' * 32}", dcep.Algorithm.P256
            )
    assert isinstance(raised.value.error, (VaultError.Unavailable, VaultError.Misbehaved))


def test_a_callback_may_not_call_its_wallet(tmp_path):
    fuse = Fuse()
    scene = Scene(tmp_path, fuse)
    heard = []

    class Clock(dcep.Clock):
        def now(self):
            try:
                scene.payer.wallet.balance()
            except dcep.DcepError as error:
                heard.append(error)
            return scene.sandbox.clock().now()

    scene.payer.wallet.shut_down()
    platform = dcep.Platform(
        vault=scene.payer.platform.vault, guard=scene.payer.platform.guard, bank=scene.sandbox.bank(), clock=Clock()
    )
    scene.payer.wallet = dcep.Wallet.open(scene.payer.path, platform)
    assert isinstance(scene.handoff(), HandoffOutcome.PAID)
    assert heard
    assert {type(error) for error in heard} <= {dcep.WalletError.Reentrant, dcep.WalletError.Closed}


class Bell(dcep.EventObserver):
    """Rings once for what is new, and may fail."""

    def __init__(self, exception=None):
        self.rung, self.exception = 0, exception

    def events_waiting(self):
        """Counts."""
        self.rung += 1
        if self.exception is not None:
            raise self.exception


@pytest.mark.parametrize("exception", [None, ValueError("of the test"), SystemExit("of the test")], ids=repr)
def test_nothing_comes_of_an_observer_that_fails(sandbox, exception, caplog):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", START)
    bell = Bell(exception)
    bob.set_observer(bell)
    assert isinstance(people.pay(alice, bob, AMOUNT), HandoffOutcome.PAID)
    assert bell.rung == 1
    assert [record.name for record in caplog.records] == ["dcep_wallet"] * (exception is not None)
    assert [event.kind.amount for event in bob.events()] == [AMOUNT]
    bob.set_observer(None)
    people.pay(alice, bob, AMOUNT)
    assert bell.rung == 1


def test_an_interrupt_that_hits_an_observer_comes_afterwards(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", START)
    bob.set_observer(Bell(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        people.pay(alice, bob, AMOUNT)
        for _ in range(1_000):
            pass
    assert bob.balance().spendable == AMOUNT


def test_a_panic_is_an_exception_and_the_process_lives(sandbox, capfd):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", START)
    for _ in range(3):
        with pytest.raises(dcep.InternalError) as raised:
            dcep.panic_on_purpose()
        assert raised.value.args == ("on purpose",)
        assert (raised.value.code, raised.value.name) == (
            dcep.WalletError.Internal().code,
            "internal",
        )
        assert str(raised.value).startswith("internal: ")
    assert isinstance(people.pay(alice, bob, AMOUNT), HandoffOutcome.PAID)
    capfd.readouterr()  # the panic's own words, on stderr
