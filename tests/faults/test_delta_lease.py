from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from indexer.errors import StoreBusyError
from indexer.stores.delta.lease import FileLease, Lease, TableLease
from indexer.stores.delta.store import DeltaStore
from tests.contract.rows import STAMP, searches

pytestmark = pytest.mark.fault


def _table_lease(path: Path, expires: float = 0.8) -> TableLease:
    return TableLease(str(path / "leases" / "writer"), "s3://bucket/store", expires=expires)


def _lease(kind: str, path: Path) -> Lease:
    return FileLease(path, "writer", str(path)) if kind == "file" else _table_lease(path)


@pytest.mark.parametrize("kind", ["file", "table"])
def test_one_holds_it_and_the_next_takes_it_when_it_is_given_back(tmp_path: Path, kind: str) -> None:
    first, second = _lease(kind, tmp_path), _lease(kind, tmp_path)
    assert first.take("first", 0) is False
    assert first.held()
    with pytest.raises(StoreBusyError, match=rf"first \(process {os.getpid()} on "):
        second.take("second", 0.1)
    assert not second.held()
    first.give_back()
    assert not first.held()
    assert second.holder() is None
    assert second.take("second", 0) is False
    assert second.held()
    second.give_back()
    second.give_back()


@pytest.mark.parametrize("kind", ["file", "table"])
def test_of_many_at_once_one_holds_it_at_a_time(tmp_path: Path, kind: str) -> None:
    inside: list[int] = []
    most: list[int] = []

    def hold(number: int) -> None:
        lease = _table_lease(tmp_path, 30) if kind == "table" else _lease(kind, tmp_path)
        lease.take(f"holder {number}", 60)
        inside.append(number)
        most.append(len(inside))
        inside.remove(number)
        lease.give_back()

    threads = [threading.Thread(target=hold, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def test_the_heart_keeps_a_lease_beyond_its_length(tmp_path: Path) -> None:
    first, second = _table_lease(tmp_path), _table_lease(tmp_path)
    first.take("first", 0)
    with pytest.raises(StoreBusyError):
        second.take("second", 2.0)
    assert first.held()
    first.give_back()


def test_a_holder_that_shows_no_life_is_taken_for_dead(tmp_path: Path) -> None:
    first, second = _table_lease(tmp_path), _table_lease(tmp_path)
    first.take("first", 0)
    first._stop.set()  # its process stands still
    assert first._heart is not None
    first._heart.join()
    assert second.take("second", 30) is True  # and its leftovers are to be looked for
    assert not first.held()
    first.give_back()
    holder = second.holder()
    assert holder is not None
    assert holder["holder"] == "second"
    second.give_back()


def test_a_holder_notices_that_it_was_overtaken(tmp_path: Path) -> None:
    first, second = _table_lease(tmp_path, 30), _table_lease(tmp_path, 30)
    first.take("first", 0)
    second._row, second._version = dict(first._row), first._version
    second._renew()
    first._expires = 0.0
    first._stop.set()
    assert first._heart is not None
    first._heart.join()
    assert not first.held()
    first.give_back()
    assert second.holder() is not None  # the lease of the other was left alone


def test_a_writer_whose_lease_is_lost_publishes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DeltaStore, "lease", lambda store, _: _table_lease(Path(store.place.root), 30))
    with DeltaStore.open(str(tmp_path / "data"), create=True) as store:
        with store.writer(holder="first") as writer:
            writer.write("search", searches(0, 10, "旧"))
            writer.publish(STAMP)
            writer.write("search", searches(0, 20, "新"))
            lease = writer._lease
            assert isinstance(lease, TableLease)
            lease._end = time.monotonic()  # its process slept for long
            with pytest.raises(StoreBusyError, match="another writer took over"):
                writer.publish(STAMP)
        with store.snapshot() as snapshot:
            assert snapshot.count("search") == 10


def test_a_writer_that_was_overtaken_unseen_publishes_nothing(tmp_path: Path) -> None:
    with DeltaStore.open(str(tmp_path / "data"), create=True) as store:
        with store.writer(holder="slow") as slow:
            slow.write("search", searches(0, 10, "慢"))
            held, store_lease = slow._lease, FileLease._ours.copy()
            FileLease._ours.clear()
            assert held.held()
            # As on an object store whose clock runs away: both believe that they hold it.
            with store.writer(holder="fast") as fast:
                fast.write("search", searches(0, 30, "快"))
                fast.publish(STAMP)
            FileLease._ours.update(store_lease)
            with pytest.raises(StoreBusyError, match="another writer took over"):
                slow.publish(STAMP)
        with store.snapshot() as snapshot:
            queries = [query for batch in snapshot.scan("search", ["query"]) for query in batch[0].to_pylist()]
        assert queries == ["快"] * 30


def test_a_forked_child_does_not_hold_the_lease(tmp_path: Path) -> None:
    lease, other = FileLease(tmp_path, "writer", "store"), FileLease(tmp_path, "writer", "store")
    lease.take("parent", 0)
    assert lease._handle is not None
    child = subprocess.Popen(["sleep", "60"], pass_fds=[lease._handle])  # as a forked worker would have it
    lease.give_back()
    assert other.take("next", 0) is False
    other.give_back()
    child.kill()
    child.wait()
