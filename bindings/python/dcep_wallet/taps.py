"""Holding two handoffs together: in one process, or over a socket.

Both carry the very same commands and responses as NFC does, so what passes here passes there.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

from ._generated import FrameSize, Handoff, Side

# How many seconds one side waits for the other's next frame. The other may be asking its user.
PATIENCE = 60


@dataclass(frozen=True)
class TapFrame:
    """A frame that passed, or was about to when the phones slipped apart.

    Attributes:
        sender: Who sent it: the reader commands, the card responds.
        data: Its bytes.
    """

    sender: Side
    data: bytes


@dataclass(frozen=True)
class Tap:
    """What a tap came to.

    Attributes:
        completed: Whether the handoff came to its end; else the link tore.
        passed: How many bytes passed, both ways.
        frames: Everything that was sent, in order. What tore arrived nowhere.
    """

    completed: bool
    passed: int
    frames: tuple[TapFrame, ...]


def tap(
    reader: Handoff,
    card: Handoff,
    frames: FrameSize = FrameSize.EXTENDED,
    *,
    tear_after: int | None = None,
) -> Tap:
    """Holds two handoffs of this process together: one made for the reader's side, one for the card's.

    The phones slip apart when more than `tear_after` bytes would have passed, both ways together; `None`: they do not.
    After a torn tap hold the same handoffs together again, or new ones: nothing is paid twice.

    Raises:
        TapError: One side did not understand the other, or did not want to.
    """
    sent: list[TapFrame] = []
    passed = 0

    def passes(sender: Side, data: bytes) -> bool:
        nonlocal passed
        room = len(data) if tear_after is None else min(len(data), max(tear_after - passed, 0))
        passed += room
        sent.append(TapFrame(sender, data))
        return room == len(data)

    completed = False
    command: bytes | None = reader.begin_tap(frames)
    while command is not None and passes(Side.READER, command):
        response = card.process(command)
        if not passes(Side.CARD, response):
            break
        command = reader.receive(response)
        completed = command is None
    return Tap(completed, passed, tuple(sent))


def as_reader(line: socket.socket, handoff: Handoff, frames: FrameSize = FrameSize.EXTENDED) -> None:
    """One contact over a connected socket in which this side is the reader. Returns when the handoff is over.

    The other side is `as_card`, here or in another process, or a terminal's `dcep`. Waits at most a minute for a frame.

    Raises:
        OSError: The connection broke, which is a torn tap: connect again with the same handoff.
        TapError: One side did not understand the other, or did not want to.
    """
    line.settimeout(PATIENCE)
    command: bytes | None = handoff.begin_tap(frames)
    while command is not None:
        _write(line, command)
        command = handoff.receive(_read(line))
    try:
        # Everything is said; if the goodbye does not arrive, nothing is lost but a politer end.
        _write(line, b"")
    except OSError:
        pass


def as_card(line: socket.socket, handoff: Handoff) -> None:
    """One contact over a connected socket in which this side is the card. Returns when the reader says goodbye.

    Raises:
        OSError: The connection broke, which is a torn tap: connect again with the same handoff.
        TapError: This side could not answer.
    """
    line.settimeout(PATIENCE)
    while command := _read(line):
        _write(line, handoff.process(command))


def _write(line: socket.socket, frame: bytes) -> None:
    """A frame is its length in two bytes, big-endian, and itself; an empty one is the reader's goodbye."""
    line.sendall(len(frame).to_bytes(2, "big") + frame)


def _read(line: socket.socket) -> bytes:
    return _exactly(line, int.from_bytes(_exactly(line, 2), "big"))


def _exactly(line: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        chunk = line.recv(length - len(data))
        if not chunk:
            raise ConnectionError("the other side is gone")
        data += chunk
    return bytes(data)
