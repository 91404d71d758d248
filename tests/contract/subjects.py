"""The stores under test, and where they differ: said here as data, so that no test need skip in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Self

from indexer.stores import open_store
from indexer.stores.contract import Store, Writer
from indexer.stores.delta.lease import FileLease
from indexer.stores.delta.writer import DeltaWriter
from indexer.stores.memory import MemoryStore
from tests.servers.fixtures import remove_store

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Subject(ABC):
    """One store under test.

    Attributes:
        url: Its address.
        outlives: Whether another process can open it.
        keeps_all: Whether every snapshot stays readable, or only the last ones and those that runs name.
        crashes: Whether a writer's death can be played within the process.
        lives: How many random lives a test plays, and of how many steps.
    """

    url: str
    outlives: ClassVar[bool] = True
    keeps_all: ClassVar[bool] = True
    crashes: ClassVar[bool] = True
    lives: ClassVar[tuple[int, int]] = (15, 20)

    @abstractmethod
    def make(self) -> Store:
        """A new, empty store."""

    def open(self) -> Store:
        """The store once more, as another process would see it."""
        return open_store(self.url)

    def beside(self, name: str) -> Self:
        """Another store of the kind, not made yet."""
        return replace(self, url=f"{self.url}-{name}")

    @abstractmethod
    def remove(self) -> None:
        """Delete the store from where it lies."""

    def crash(self, writer: Writer) -> None:
        """Leave everything as a writer leaves it that is killed now."""
        raise NotImplementedError

    def killed_while_writing(self, rows: int) -> None:
        """A process takes the lease, writes and is killed before it publishes."""
        command = [sys.executable, str(Path(__file__).with_name("killed_writer.py")), self.url, str(rows)]
        with tempfile.TemporaryDirectory() as scratch:  # what a killed process leaves there goes with the test
            environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": scratch}
            done = subprocess.run(command, cwd=ROOT, check=False, env=environment, timeout=120)
        assert done.returncode == -9


class Memory(Subject):
    """The oracle itself."""

    outlives = False
    crashes = False

    def make(self) -> Store:
        return MemoryStore()

    def open(self) -> Store:
        raise NotImplementedError

    def remove(self) -> None:
        """It went with its object."""


class Delta(Subject):
    """Delta tables in a directory."""

    def make(self) -> Store:
        return open_store(self.url, create=True)

    def remove(self) -> None:
        shutil.rmtree(self.url)

    def crash(self, writer: Writer) -> None:
        assert isinstance(writer, DeltaWriter)
        for draft in writer._drafts.values():
            draft._flush()
        assert writer._engine is not None
        writer._engine.close()
        writer._engine = None
        lease = writer._lease
        assert isinstance(lease, FileLease)
        assert lease._handle is not None
        os.close(lease._handle)  # as the operating system does it: the holder's name stays behind
        FileLease._ours.discard(str(lease._lock))


class Elasticsearch(Subject):
    """Indices of one prefix on a real server."""

    keeps_all = False
    crashes = False
    lives = (4, 10)

    def make(self) -> Store:
        return open_store(self.url, create=True)

    def remove(self) -> None:
        server, prefix = self.url.rsplit("/", 1)
        remove_store(server, prefix)
