"""The line to the bank: HTTP, with a limit on everything the other end can do."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from urllib.parse import urlsplit

from ._generated import BankTransport, TransportError

# The most bytes an answer may have. A trust bundle with a long status list is the longest.
MAX_ANSWER = 4 * 1024 * 1024

_CHUNK = 64 * 1024
_CBOR = "application/cbor"


class HttpBank(BankTransport):
    """A bank at an address such as `https://bank.example` or `http://127.0.0.1:8440`.

    It is trusted with nothing but delivery: calls and answers are signed. Follows no redirects, asks no proxy, and reads
    at most 4 MiB. May be used by any number of wallets and threads; every call has a connection of its own.

    Args:
        address: Where the bank is. Nothing is sent yet.
        timeout: Seconds from the first byte sent to the last one received.
        connect_timeout: Seconds to be connected at all.

    Raises:
        ValueError: The address is not one.
    """

    def __init__(self, address: str, *, timeout: float = 30, connect_timeout: float = 5) -> None:
        parts = urlsplit(address.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{address!r} is not a bank's address, such as http://127.0.0.1:8440")
        self._secure = parts.scheme == "https"
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        self._timeout, self._connect_timeout = timeout, connect_timeout

    def call(self, call: bytes) -> bytes:
        """Delivers a signed call, and returns the answer's bytes. Raises `TransportError`."""
        return self._ask("POST", "calls", call)

    def trust(self) -> bytes:
        """Fetches the current trust bundle. Raises `TransportError`."""
        return self._ask("GET", "trust", None)

    def root(self) -> str:
        """Asks the bank for its root key, `ed25519:…`. Raises `TransportError`.

        Whoever believes the answer trusts the line this once. An app has the root key built in; this is for tests.
        """
        try:
            root = json.loads(self._ask("GET", "root", None))["root_key"]
        except (ValueError, KeyError, TypeError) as error:
            raise TransportError.Status(200) from error
        return str(root)

    def _ask(self, method: str, what: str, body: bytes | None) -> bytes:
        connection = self._connection()
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise TransportError.Unreachable() from error
        status = 0
        try:
            end = time.monotonic() + self._timeout
            connection.sock.settimeout(self._timeout)
            headers = {} if body is None else {"Content-Type": _CBOR}
            connection.request(method, f"{self._path}/v1/{what}", body, headers)
            answer = connection.getresponse()
            status = answer.status
            if status != 200:
                raise TransportError.Status(status)
            return self._body(connection, answer, end)
        except TimeoutError as error:
            raise TransportError.TimedOut() from error
        except http.client.HTTPException as error:
            raise TransportError.Status(status) from error
        except OSError as error:
            raise TransportError.Unreachable() from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._connect_timeout, context=context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._connect_timeout)

    def _body(
        self, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, end: float
    ) -> bytes:
        body = bytearray()
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if connection.sock is not None:
                connection.sock.settimeout(left)
            chunk = answer.read1(_CHUNK)
            if not chunk:
                break
            body += chunk
            if len(body) > MAX_ANSWER:
                raise TransportError.Status(answer.status)
        # `read1` does not tell of an answer that is shorter than it said.
        if answer.length:
            raise http.client.IncompleteRead(bytes(body), answer.length)
        return bytes(body)
