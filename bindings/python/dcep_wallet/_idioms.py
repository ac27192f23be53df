"""What Python adds to the wallet's own types. Their bases are here; `_generated` has the rest of them."""

from __future__ import annotations

import enum
import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar

if TYPE_CHECKING:
    from ._generated import Amount, Event, HistoryEntry, HistoryPage, HistoryQuery, Language

_Self = TypeVar("_Self")


class PlainEnum(enum.Enum):
    """An enum whose members print as they are written."""

    def __repr__(self) -> str:
        """`Side.READER`."""
        return f"{type(self).__name__}.{self.name}"


class DcepError(Exception):
    """The base of every error of this library.

    Every family of calls has its own error (`PayError`, `BankError`), every case of it is a class (`PayError.NotEnough`)
    with its fields as attributes, and every one of them knows its row in the table of errors (`docs/errors.md`). If a
    callback of yours made it fail, `__cause__` is what that callback raised.
    """

    _fields: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The number of its row in the table of errors: stable, for programs and for support."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name of its row, such as `balance-limit`: stable, for logs."""
        raise NotImplementedError

    @property
    def is_retryable(self) -> bool:
        """Whether the same call may succeed later without anybody changing what is asked."""
        raise NotImplementedError

    def sentence(self, language: Language) -> str:
        """What happened and what to do, in one sentence for whoever holds the phone."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """The case and its fields, as it is written: `PinError.Wrong(failed=1, wait=0)`."""
        fields = ", ".join(f"{field}={getattr(self, field)!r}" for field in self._fields)
        return f"{type(self).__qualname__}({fields})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again of its fields: to be copied, and to cross to another process."""
        return type(self), tuple(getattr(self, field) for field in self._fields)


class InternalError(DcepError):
    """This software failed in a way in which it should not: a panic, or a value that no type permits.

    What is on the disk is sound, and the process and every wallet in it go on. Look before repeating anything, and
    report it.
    """

    def _row(self) -> Any:
        from ._generated import WalletError

        return WalletError.Internal()

    @property
    def code(self) -> int:
        """The number of its row in the table of errors."""
        return self._row().code

    @property
    def name(self) -> str:
        """The name of its row: `internal`."""
        return self._row().name

    @property
    def is_retryable(self) -> bool:
        """Whether the same call may succeed later."""
        return self._row().is_retryable

    def sentence(self, language: Language) -> str:
        """What happened and what to do, in one sentence for whoever holds the phone."""
        return self._row().sentence(language)

    def __str__(self) -> str:
        """The name of the row, its sentence in English, and what the panic said."""
        return f"{self._row()} ({', '.join(map(str, self.args))})"

    def __repr__(self) -> str:
        """With what the panic said."""
        return f"InternalError({', '.join(map(repr, self.args))})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again of what the panic said."""
        return InternalError, self.args


class AmountIdioms:
    """Arithmetic with money, in whole fen. Nothing here makes or takes a floating-point number."""

    fen: int

    @classmethod
    def parse(cls, yuan: str) -> Amount:
        """Reads yuan with exactly two decimals, such as `37.45`: what an amount prints. Raises `AmountError`."""
        from ._generated import parse_amount

        return parse_amount(yuan)

    def _checked(self, fen: int) -> Amount:
        from ._generated import Amount, AmountError, largest_amount

        if fen < 0:
            raise ValueError("an amount of money is not negative")
        if fen > largest_amount().fen:
            raise AmountError.TooLarge()
        return Amount(fen=fen)

    def __add__(self, other: Any) -> Amount:
        """The sum. Raises `AmountError.TooLarge` beyond 2^53 - 1 fen."""
        return self._checked(self.fen + other.fen) if isinstance(other, AmountIdioms) else NotImplemented

    def __radd__(self, other: Any) -> Amount:
        """Lets `sum` begin with its 0."""
        return self._checked(self.fen) if type(other) is int and other == 0 else NotImplemented

    def __sub__(self, other: Any) -> Amount:
        """The difference. Raises `ValueError` below zero: no amount of money is negative."""
        return self._checked(self.fen - other.fen) if isinstance(other, AmountIdioms) else NotImplemented

    def __mul__(self, times: SupportsIndex) -> Amount:
        """So many times as much. Takes whole numbers only."""
        try:
            return self._checked(self.fen * operator.index(times))
        except TypeError:
            return NotImplemented

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> int:
        """How often another amount goes into this one."""
        return self.fen // other.fen if isinstance(other, AmountIdioms) else NotImplemented

    def __bool__(self) -> bool:
        """Whether it is anything at all."""
        return self.fen != 0

    def __format__(self, spec: str) -> str:
        """As text in yuan, in whatever width is asked for."""
        return format(str(self), spec)

    def __repr__(self) -> str:
        """As it is written: `Amount.parse('37.45')`."""
        return f"Amount.parse('{self}')"


class SecretIdioms:
    """A secret that is wiped when a `with` block ends, and never printed."""

    def wipe(self) -> None:
        """Gives back this handle now: the secret is wiped with its last one. The object is of no use any more."""
        self.__del__()  # type: ignore[attr-defined]
        self.__dict__.pop("_handle", None)

    def __enter__(self: _Self) -> _Self:
        """The secret itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wipes it."""
        self.wipe()

    def __getattr__(self, name: str) -> Any:
        """Says of a secret that was wiped that it was."""
        what = "it was wiped" if name == "_handle" else f"{type(self).__name__} has no {name!r}"
        raise AttributeError(what)

    def __repr__(self) -> str:
        """Nothing of it."""
        return f"<{type(self).__name__}>"


class HandoffIdioms:
    """How a handoff prints."""

    def __repr__(self) -> str:
        """Its side and what has come of it."""
        try:
            role = "payee" if self.is_payee() else "payer"  # type: ignore[attr-defined]
            return f"<Handoff {role} {self.side().name} {self.outcome()!r}>"  # type: ignore[attr-defined]
        except DcepError as error:
            return f"<Handoff {error.name}>"


class LockedWalletIdioms:
    """A locked wallet that is shut down when a `with` block ends."""

    def __enter__(self: _Self) -> _Self:
        """The wallet itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Shuts it down, and every handle that it was unlocked to. To shut down twice does nothing."""
        self.shut_down()  # type: ignore[attr-defined]


class WalletIdioms:
    """Iterators over events and history, and a wallet that is shut down when a `with` block ends."""

    def __enter__(self: _Self) -> _Self:
        """The wallet itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Shuts it down. To shut down twice does nothing."""
        self.shut_down()  # type: ignore[attr-defined]

    def events(self) -> Iterator[Event]:
        """What happened and was not acknowledged, oldest first, until there is nothing new.

        An event is acknowledged after the body of the loop has dealt with it, when the loop asks for the next one. If
        the body raises or leaves the loop, the event comes again, over any number of restarts.
        """
        while (event := self.next_event()) is not None:  # type: ignore[attr-defined]
            yield event
            self.acknowledge_event(event.id)  # type: ignore[attr-defined]

    def history_pages(self, query: HistoryQuery | None = None, size: int = 50) -> Iterator[HistoryPage]:
        """The history in pages of at most `size` lines, newest first. What is paid meanwhile moves nothing."""
        from dataclasses import replace

        from ._generated import HistoryQuery

        query = replace(query or HistoryQuery(), limit=size)
        while True:
            page = self.history(query)  # type: ignore[attr-defined]
            yield page
            if page.next is None:
                return
            query = replace(query, after=page.next)

    def history_entries(self, query: HistoryQuery | None = None, size: int = 50) -> Iterator[HistoryEntry]:
        """The history line by line, newest first, fetched in pages of at most `size` lines."""
        for page in self.history_pages(query, size):
            yield from page.entries
