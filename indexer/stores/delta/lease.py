"""The lease of the one writer: on a directory a lock of the operating system, on an object store a row that expires."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa

from indexer.errors import StoreBusyError, StoreError
from indexer.stores.delta.faults import OvertakenError, engine_faults
from indexer.stores.delta.ledger import Ledger

_PATIENCE: Final = 0.05  # seconds between two tries
_EXPIRES: Final = 90.0  # seconds after which a holder on an object store that shows no life is taken for dead


class Lease(ABC):
    """The right to write. Taken with :meth:`take`, given back with :meth:`give_back`."""

    def __init__(self, place: str) -> None:
        self.place = place

    def take(self, holder: str, wait_seconds: float) -> bool:
        """Wait for the lease; returns whether the holder before died without giving it back.

        Raises:
            StoreBusyError: Someone else still held it at the end of the wait.
        """
        end = time.monotonic() + wait_seconds
        details = {
            "holder": holder,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        while True:
            left_behind = self._try(details)
            if left_behind is not None:
                return left_behind
            left = end - time.monotonic()
            if left <= 0:
                raise StoreBusyError(
                    f"{self.place}: another writer holds the store: {describe(self.holder())}",
                    hint="wait until it is done, or stop it",
                )
            time.sleep(min(_PATIENCE, left))

    @abstractmethod
    def holder(self) -> Mapping[str, object] | None:
        """Who holds it (or held it last and died); None when it was given back."""

    @abstractmethod
    def held(self) -> bool:
        """Whether it is still ours."""

    @abstractmethod
    def give_back(self) -> None:
        """Let the next writer in."""

    @abstractmethod
    def _try(self, details: Mapping[str, object]) -> bool | None:
        """Take it if it is free: whether its last holder died; None while it is held."""


def describe(holder: Mapping[str, object] | None) -> str:
    """A holder in words."""
    if not holder:
        return "a process that has not written its name yet"
    return "{holder} (process {process} on {host}, since {since})".format(**holder)


class FileLease(Lease):
    """An exclusive lock on a file; it ends with its process, however that ends.

    POSIX record locks are used because a forked worker does not inherit them. Within one process they exclude nobody,
    so the held paths are kept here too. The holder's name lies in a file of its own: closing any handle of the locked
    file would drop the lock.
    """

    _ours: Final[set[str]] = set()
    _guard: Final = threading.Lock()

    def __init__(self, folder: Path, name: str, place: str) -> None:
        super().__init__(place)
        self._lock = folder / f"{name}.lock"
        self._name = folder / f"{name}.json"
        self._handle: int | None = None

    def holder(self) -> Mapping[str, object] | None:
        """Who holds it (or held it last and died); None when it was given back."""
        try:
            found = json.loads(self._name.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        keys = ("holder", "process", "host", "since")
        return {key: found[key] for key in keys} if isinstance(found, dict) and set(keys) <= set(found) else None

    def held(self) -> bool:
        """Whether it is still ours."""
        return self._handle is not None

    def _try(self, details: Mapping[str, object]) -> bool | None:
        path = str(self._lock)
        with self._guard, engine_faults(self.place, "taking the lease"):
            if path in self._ours:
                return None
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                died = self._name.exists()
                self._name.write_text(json.dumps(details), encoding="utf-8")
            except BlockingIOError:
                os.close(handle)
                return None
            except BaseException:
                os.close(handle)
                raise
            self._handle = handle
            self._ours.add(path)
        return died

    def give_back(self) -> None:
        """Let the next writer in."""
        with self._guard:
            if self._handle is None:
                return
            with suppress(OSError):  # a name left behind only makes the next writer look for leftovers
                self._name.unlink()
            os.close(self._handle)
            self._handle = None
            self._ours.discard(str(self._lock))


_ROW: Final = pa.schema(
    [
        pa.field("holder", pa.string()),
        pa.field("host", pa.string()),
        pa.field("process", pa.int64()),
        pa.field("since", pa.string()),
        pa.field("token", pa.string()),
        pa.field("expires_at", pa.timestamp("us", tz="UTC")),
    ]
)


class TableLease(Lease):
    """A row in a table, kept alive by a thread; one that shows no life for ``expires`` seconds counts as dead."""

    def __init__(self, uri: str, place: str, *, expires: float = _EXPIRES) -> None:
        super().__init__(place)
        self._ledger = Ledger(uri, _ROW, for_ever=False)
        self._expires = expires
        self._row: dict[str, object] = {}
        self._version = 0
        self._end = 0.0
        self._stop = threading.Event()
        self._heart: threading.Thread | None = None

    def holder(self) -> Mapping[str, object] | None:
        """Who holds it (or held it last and died); None when it was given back."""
        rows = self._ledger.read()[1].to_pylist()
        return rows[0] if rows else None

    def held(self) -> bool:
        """Whether it is still ours."""
        return self._heart is not None and self._heart.is_alive() and time.monotonic() < self._end

    def _try(self, details: Mapping[str, object]) -> bool | None:
        version, rows = self._ledger.read()
        if rows.num_rows and rows.column("expires_at")[0].as_py() > datetime.now(UTC):
            return None
        self._row = {**details, "token": uuid.uuid4().hex}
        self._version = version
        try:
            self._renew()
        except OvertakenError:
            return None
        self._stop.clear()
        self._heart = threading.Thread(target=self._beat, name="gapfinder-lease", daemon=True)
        self._heart.start()
        return bool(rows.num_rows)

    def _renew(self) -> None:
        end = time.monotonic() + self._expires
        row = {**self._row, "expires_at": datetime.now(UTC) + timedelta(seconds=self._expires)}
        self._version = self._ledger.replace(pa.Table.from_pylist([row], schema=_ROW), after=self._version)
        self._end = end

    def _beat(self) -> None:
        while not self._stop.wait(self._expires / 4):
            try:
                self._renew()
            except OvertakenError:
                return  # someone took it for dead: held() is false from now on
            except StoreError:
                continue  # the object store may come back before the row expires; held() tells

    def give_back(self) -> None:
        """Let the next writer in."""
        if self._heart is None:
            return
        self._stop.set()
        self._heart.join()
        self._heart = None
        with suppress(OvertakenError):  # it is someone else's by now
            self._ledger.replace(_ROW.empty_table(), after=self._version)
