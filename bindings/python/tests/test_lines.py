"""The line to the bank, files for a vault and a guard, and the socket: what they do when the other end does not."""

import contextlib
import http.server
import os
import socket
import stat
import threading

import dcep_wallet as dcep
import pytest
from dcep_wallet import FileGuard, GuardError, Head, HttpBank, Side, TransportError, VaultError
from dcep_wallet.bank import MAX_ANSWER

from people import arm, fen


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers as its server was told to, and writes down what it was asked."""

    def answer(self):
        """Any method."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, self.headers.get("Content-Type"), body))
        self.server.script(self)

    do_GET = do_POST = answer

    def log_message(self, *_):
        """Nothing."""


@contextlib.contextmanager
def serving(script):
    """An HTTP server on loopback whose every answer `script` writes."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.script, server.asked = script, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server, HttpBank(f"http://127.0.0.1:{server.server_port}/")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def says(status, body=b"", **headers):
    """An answer."""

    def script(handler):
        handler.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            handler.send_header(name, str(value))
        handler.end_headers()
        handler.wfile.write(body)

    return script


def test_the_line_posts_calls_and_fetches_trust():
    with serving(says(200, b"answer")) as (server, bank):
        assert (bank.call(b"call"), bank.trust()) == (b"answer", b"answer")
    assert server.asked == [("POST", "/v1/calls", "application/cbor", b"call"), ("GET", "/v1/trust", None, b"")]


def status_of(script):
    """The status that such an answer is taken for."""
    with serving(script) as (server, bank):
        with pytest.raises(TransportError.Status) as raised:
            bank.trust()
    assert len(server.asked) == 1, "nothing is asked twice, and no redirect is followed"
    return raised.value.status


def test_whatever_is_no_answer_is_a_status():
    assert status_of(says(503, b"busy")) == 503
    assert status_of(says(302, Location="/v1/root")) == 302
    assert status_of(says(204)) == 204
    assert status_of(says(200, b"x" * (MAX_ANSWER + 1))) == 200
    assert status_of(says(200, b"short", **{"Content-Length": 6})) == 200

    def chunks_without_end(handler):
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        with contextlib.suppress(OSError):
            while True:
                handler.wfile.write(b"10000\r\n" + bytes(0x10000) + b"\r\n")

    assert status_of(chunks_without_end) == 200

    def garbage(handler):
        handler.wfile.write(b"\x00\xff no HTTP\r\n\r\n")

    assert status_of(garbage) == 0


def test_as_much_as_may_come_does():
    with serving(says(200, b"x" * MAX_ANSWER)) as (_server, bank):
        assert len(bank.trust()) == MAX_ANSWER


def test_nobody_there_is_unreachable():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        bank = HttpBank(f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(TransportError.Unreachable) as raised:
            bank.call(b"call")
    assert isinstance(raised.value.__cause__, OSError)
    with pytest.raises(TransportError.Unreachable):
        HttpBank("http://nobody.invalid").trust()


def test_who_does_not_answer_times_out():
    answered = threading.Event()
    with serving(lambda _handler: answered.wait()) as (server, _bank):
        bank = HttpBank(f"http://127.0.0.1:{server.server_port}", timeout=0.05)
        with pytest.raises(TransportError.TimedOut):
            bank.trust()
        answered.set()


def test_a_proxy_is_not_asked(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://nobody.invalid:1")
    with serving(says(200, b"answer")) as (_server, bank):
        assert bank.trust() == b"answer"


@pytest.mark.parametrize("address", ["", "bank.example", "ftp://bank", "http://", "file:///x", "http://a?b", "http://a#b"])
def test_what_is_no_address(address):
    with pytest.raises(ValueError, match="not a bank's address"):
        HttpBank(address)


def test_a_root_that_is_none():
    with serving(says(200, b"{}")) as (_server, bank), pytest.raises(TransportError.Status):
        bank.root()
    with serving(says(200, b"\xff")) as (_server, bank), pytest.raises(TransportError.Status):
        bank.root()


def test_a_vault_in_a_file(tmp_path):
    path = tmp_path / "master"
    first = dcep.file_vault(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    wrapped = first.wrap(b"k" * 32)
    assert dcep.file_vault(path).unwrap(wrapped) == b"k" * 32
    path.chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 600"):
        dcep.file_vault(path)
    path.chmod(0o600)
    path.write_bytes(b"too short")
    with pytest.raises(VaultError.WrongKey):
        dcep.file_vault(path)
    with pytest.raises(VaultError.Unavailable):
        dcep.file_vault(tmp_path / "nowhere" / "master")


WALLET = b"\x07" * 16


def head(number):
    """A head of the test's wallet."""
    return Head(wallet=WALLET, number=number, digest=b"\x09" * 32)


def test_the_last_head_is_kept(tmp_path):
    guard = FileGuard(tmp_path)
    assert guard.read(WALLET) is None
    assert guard.advance(None, head(1)) == head(1)
    assert guard.advance(head(1), head(2)) == head(2)
    assert guard.advance(head(1), head(3)) == head(2), "somebody else has gone on"
    assert guard.advance(None, head(3)) == head(2)
    assert FileGuard(tmp_path).read(WALLET) == head(2)
    assert guard.read(b"\x08" * 16) is None
    (file,) = tmp_path.glob("*.json")
    assert file.name == f"{WALLET.hex()}.json", "where `dcep` looks for it, too"
    assert file.read_text() == f'{{"wallet": "{WALLET.hex()}", "number": 2, "digest": "{"09" * 32}"}}'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("contents", ["", "{}", "[]", "7", '{"wallet":"07","number":1,"digest":"09"}', "\x00"])
def test_what_cannot_be_read_is_not_nothing(tmp_path, contents):
    guard = FileGuard(tmp_path)
    (tmp_path / f"{WALLET.hex()}.json").write_text(contents)
    with pytest.raises(GuardError.Unavailable):
        guard.read(WALLET)
    with pytest.raises(GuardError.Unavailable):
        guard.advance(None, head(1))


def test_a_folder_that_is_gone_is_not_an_empty_one(tmp_path):
    guard = FileGuard(tmp_path / "gone")
    with pytest.raises(GuardError.Unavailable):
        guard.read(WALLET)
    with pytest.raises(GuardError.Unavailable):
        guard.advance(None, head(1))


def test_a_crash_while_writing_leaves_the_last_head(tmp_path):
    guard = FileGuard(tmp_path)
    guard.advance(None, head(1))
    (tmp_path / f"{WALLET.hex()}.new").write_text('{"wal')
    assert guard.read(WALLET) == head(1)
    assert guard.advance(head(1), head(2)) == head(2)


def test_only_one_of_many_goes_on(tmp_path):
    FileGuard(tmp_path).advance(None, head(0))
    answers = []

    def advance(number):
        answers.append((number, FileGuard(tmp_path).advance(head(0), head(number)).number))

    threads = [threading.Thread(target=advance, args=(number,)) for number in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = FileGuard(tmp_path).read(WALLET).number
    assert {answer for _, answer in answers} == {stored}
    assert [number for number, answer in answers if number == answer] == [stored]
    assert len(os.listdir("/dev/fd")) < 200


def over_a_socket(reader, card, frames=dcep.FrameSize.EXTENDED):
    """Both sides of a contact; what either of them raised."""
    raised = {}
    here, there = socket.socketpair()

    def play(side, line, handoff, *rest):
        with line:
            try:
                side(line, handoff, *rest)
            except (OSError, dcep.TapError) as error:
                raised[side] = error

    thread = threading.Thread(target=play, args=(dcep.as_card, there, card))
    thread.start()
    play(dcep.as_reader, here, reader, frames)
    thread.join()
    return raised


def test_a_payment_over_a_socket(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    for frames in dcep.FrameSize:
        for side in Side:
            reader, card = arm(alice, bob, fen(5), side)
            assert over_a_socket(reader, card, frames) == {}
            assert reader.outcome() and card.outcome()
    assert bob.balance().spendable == fen(20)


def test_a_socket_that_breaks_is_a_torn_tap(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    sandbox.fund("Alice", fen(10_000))
    reader, card = arm(alice, bob, fen(5))
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"\x00\x09half")
        there.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionError):
            dcep.as_reader(here, reader)
        # The frame is as `dcep` writes it: two bytes of length, then the command.
        command = there.recv(1000)
        assert int.from_bytes(command[:2], "big") == len(command) - 2
        assert command[2:6] == b"\x00\xa4\x04\x00"
    assert over_a_socket(reader, card) == {}
    assert bob.balance().spendable == fen(5)


def test_two_who_want_to_pay(sandbox):
    alice, bob = sandbox.phone("Alice"), sandbox.phone("Bob")
    both = [wallet.pay(dcep.Consent.UNCONFIRMED(), side) for wallet, side in ((alice, Side.READER), (bob, Side.CARD))]
    raised = over_a_socket(*both)
    assert isinstance(raised[dcep.as_reader], dcep.TapError.SameRole)
