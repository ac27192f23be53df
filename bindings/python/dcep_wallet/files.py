"""A vault and a guard that live in files: for scripts, tests and development machines, on Linux and macOS."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from ._generated import GuardError, Head, RollbackGuard, SoftwareVault, VaultError


def file_vault(path: str | os.PathLike[str]) -> SoftwareVault:
    """A software vault whose master secret is in a file that only its owner can read; made if there is none.

    Every key of every wallet over this vault follows from these 32 bytes: whoever reads the file can spend the money.
    The bank is told so (`Assurance.SOFTWARE`), and payees may refuse such keys. Losing it loses the cash on this device.

    Raises:
        VaultError.Unavailable: The file cannot be read or made.
        VaultError.WrongKey: It does not hold 32 bytes.
        PermissionError: Others than the owner may read or write it.
    """
    path = Path(path)
    try:
        with contextlib.suppress(FileExistsError):
            _create_private(path, secrets.token_bytes(32))
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            master = file.read(33)
    except OSError as error:
        raise VaultError.Unavailable() from error
    if stat.S_IMODE(mode) & 0o077:
        raise PermissionError(f"{path}: others than its owner may read it; chmod 600, and think about who did")
    return SoftwareVault(master)


class FileGuard(RollbackGuard):
    """A rollback guard for scripting: one small file a wallet, in a folder that is there already.

    **A file is no place for a guard in production.** It is there so that a wallet which is copied or restored from a
    backup finds out; but whoever copies or restores the guard's folder with it gets away with that, and with paying the
    same money twice. A phone keeps the head inside its key store, where no backup reaches. Keep this folder apart from
    the wallets' own at least, and out of what is backed up.

    The files are those of `dcep`. Any number of processes may share the folder.

    Args:
        folder: Where the heads are. It must exist: a folder that is gone is not an empty one.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)

    def read(self, wallet: bytes) -> Head | None:
        """The head last stored for this wallet; `None` if there is none. Raises `GuardError`."""
        try:
            return self._load(wallet)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GuardError.Unavailable() from error

    def advance(self, known: Head | None, head: Head) -> Head:
        """Stores `head` if what is stored is `known`, and returns what is stored now. Raises `GuardError`."""
        try:
            with self._turn(head.wallet):
                if self._load(head.wallet) == known:
                    self._store(head)
                stored = self._load(head.wallet)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GuardError.Unavailable() from error
        if stored is None:
            raise GuardError.Unavailable()
        return stored

    def _file(self, wallet: bytes) -> Path:
        return self._folder / f"{wallet.hex()}.json"

    def _load(self, wallet: bytes) -> Head | None:
        try:
            stored = json.loads(self._file(wallet).read_bytes())
        except FileNotFoundError:
            if self._folder.is_dir():
                return None
            raise
        head = Head(
            wallet=bytes.fromhex(stored["wallet"]),
            number=int(stored["number"]),
            digest=bytes.fromhex(stored["digest"]),
        )
        if head.wallet != wallet or len(head.digest) != 32:
            raise ValueError("not a head of this wallet")
        return head

    @contextlib.contextmanager
    def _turn(self, wallet: bytes) -> Iterator[None]:
        """Nobody else reads and writes between our reading and our writing."""
        lock = os.open(self._file(wallet).with_suffix(".lock"), os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _store(self, head: Head) -> None:
        """Whatever happens, the old head is there or the new one; and when this returns the new one."""
        stored = {"wallet": head.wallet.hex(), "number": head.number, "digest": head.digest.hex()}
        file = self._file(head.wallet)
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        _create_private(fresh, json.dumps(stored).encode())
        fresh.replace(file)


def _create_private(path: Path, contents: bytes) -> None:
    """Writes a new file that only its owner can read. Fails if there is one already."""
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(contents)
        out.flush()
        os.fsync(out.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
