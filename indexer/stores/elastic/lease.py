"""The lease of the one writer: a document that only its holder may replace, renewed by a heartbeat while it is held."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from indexer.errors import StoreBusyError, StoreError
from indexer.stores.elastic.meta import Meta, Stored

LEASE: Final = "lease"
LEASE_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.2
_LAST_SECONDS: Final = 10.0
_HELD: Final[set[str]] = set()  # tokens of the leases that this process holds


class Lease:
    """Held between entering and leaving.

    Args:
        meta: The store's own documents.
        holder: Who writes, as others see it.
        wait_seconds: How long to wait for another holder.
        seconds: After how long without a heartbeat others may take it.
    """

    def __init__(self, meta: Meta, *, holder: str, wait_seconds: float = 0.0, seconds: float = LEASE_SECONDS) -> None:
        self._meta = meta
        self._holder = holder
        self._wait_seconds = wait_seconds
        self._seconds = seconds
        self.token = secrets.token_hex(4)
        self._since = 0.0
        self._state: Stored | None = None
        self._lost = ""
        self._turn = threading.Lock()
        self._end = threading.Event()
        self._heart: threading.Thread | None = None

    def take(self) -> None:
        """Take it, or wait for it.

        Raises:
            StoreBusyError: Somebody else holds it; the message says who.
        """
        _HELD.add(self.token)  # before others in this process can see it in the store
        try:
            self._wait()
        except BaseException:
            _HELD.discard(self.token)
            raise
        self._heart = threading.Thread(target=self._beat, name="gapfinder-lease", daemon=True)
        self._heart.start()

    def give_back(self) -> None:
        """Let others take it. A store that can't be reached frees it by itself when the lease ends."""
        self._end.set()
        if self._heart is not None:
            self._heart.join()
        if self._state is not None and not self._lost:
            with suppress(StoreError):
                self._meta.replace(LEASE, {**self._state.body, "held": False}, self._state, deadline=_LAST_SECONDS)
        _HELD.discard(self.token)

    def check(self) -> None:
        """Make sure that it is still held, as far as is known here.

        Raises:
            StoreBusyError: Somebody else took it, because the heartbeat had stopped for too long.
        """
        if self._state is not None and time.time() > self._state.body["expires"]:
            self._lost = self._lost or "the lease of this import has ended: it slept too long"
        if self._lost:
            raise StoreBusyError(self._lost, hint="nothing of this import was published; run it again")

    def confirm(self) -> None:
        """Ask the server whether it is still held, and renew it; errors as :meth:`check`."""
        self.check()
        self._renew()
        self.check()

    def _wait(self) -> None:
        deadline = time.monotonic() + self._wait_seconds
        while (holder := self._try()) is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise StoreBusyError(describe(holder), hint="wait until it is done, or stop it")
            self._end.wait(min(_POLL_SECONDS, left))

    def _try(self) -> Mapping[str, Any] | None:
        """Take the lease when it is free; otherwise what its holder wrote (empty when that was just removed)."""
        self._since = time.time()
        body, stored = self._body(), self._meta.get(LEASE)
        if stored is None:
            self._meta.put_new(LEASE, body)
            stored = self._meta.get(LEASE)
        elif is_free(stored.body):
            stored = self._meta.replace(LEASE, body, stored) or self._meta.get(LEASE)
        if stored is None or stored.body["token"] != self.token:
            return {} if stored is None else stored.body
        self._state = stored
        return None

    def _body(self) -> dict[str, Any]:
        return {
            "held": True,
            "holder": self._holder,
            "host": socket.gethostname(),
            "place": place(),
            "pid": os.getpid(),
            "token": self.token,
            "since": self._since,
            "expires": time.time() + self._seconds,
        }

    def _beat(self) -> None:
        while not self._end.wait(self._seconds / 4):
            try:
                self._renew()
            except StoreError as error:
                # The server may be back before the lease ends; if it is not, the next renewal finds another holder.
                if self._state is not None and time.time() > self._state.body["expires"]:
                    self._lost = f"the lease of this import ended while the store could not be reached: {error.message}"
            if self._lost:
                return

    def _renew(self) -> None:
        with self._turn:
            if self._state is None:
                return
            self._state = self._meta.replace(LEASE, self._body(), self._state)
            if self._state is None:
                self._lost = "another import took the store over"


def place() -> str:
    """Where process numbers mean the same: this boot of this machine, and this container on it."""
    parts = [socket.gethostname()]
    with suppress(OSError):  # elsewhere than on Linux the host's name has to do
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return "/".join(parts)


def is_free(body: Mapping[str, Any]) -> bool:
    """Whether a lease is given back, ended, or its holder on this machine is gone."""
    if not body["held"] or time.time() > body["expires"]:
        return True
    if body["place"] != place():
        return False
    if body["pid"] == os.getpid():
        return body["token"] not in _HELD  # a writer of ours that could not give it back
    return not _is_alive(body["pid"])


def describe(body: Mapping[str, Any]) -> str:
    """Who holds the store, as a sentence."""
    if not body:
        return "another import writes to this store"
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(body["since"]))
    return f"{body['holder']} (process {body['pid']} on {body['host']}) writes to this store since {since}"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
