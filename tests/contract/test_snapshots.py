from __future__ import annotations

import threading

import pytest

from indexer.errors import NotFoundError
from indexer.stores.contract import Store
from tests.contract.rows import STAMP, scanned, searches
from tests.contract.subjects import Subject


def _write(store: Store, first: int, end: int, query: str) -> int:
    with store.writer(holder="test", wait_seconds=60) as writer:
        writer.write("search", searches(first, end, query))
        return writer.publish(STAMP).number


def test_an_open_snapshot_never_changes(store: Store) -> None:
    _write(store, 0, 100, "旧")
    with store.snapshot() as before:
        begun = before.scan("search", ["search_id", "query"])
        batch = next(begun)
        _write(store, 50, 150, "新")
        rest = [row for later in begun for row in later.to_pylist()]
        rows = batch.to_pylist() + rest
        assert sorted((row["search_id"], row["query"]) for row in rows) == [(f"s{n:06d}", "旧") for n in range(100)]
        assert before.count("search") == 100
        groups = [row for batch in before.group_counts("search", ["query_norm"]) for row in batch.to_pylist()]
        assert groups == [{"query_norm": "旧", "n": 100}]
        assert before.by_id("search", ["s000060", "s000140"], ["query"]).to_pylist() == [{"query": "旧"}]
    with store.snapshot() as after:
        groups = [row for batch in after.group_counts("search", ["query_norm"]) for row in batch.to_pylist()]
        assert sorted((row["query_norm"], row["n"]) for row in groups) == [("新", 100), ("旧", 50)]


def test_what_is_being_written_is_seen_by_nobody(subject: Subject, store: Store) -> None:
    first = _write(store, 0, 10, "旧")
    with store.writer(holder="test") as writer:
        writer.write("search", searches(0, 3000, "新"))
        writer.existing("search", ["s000001"])
        other = subject.open() if subject.outlives else store
        with other.snapshot() as snapshot:
            assert snapshot.manifest.number == first
            assert [row["query"] for row in scanned(snapshot.scan("search"), "search_id")] == ["旧"] * 10
        if subject.outlives:
            other.close()


def test_snapshots_are_named_by_number(subject: Subject, store: Store) -> None:
    numbers = [_write(store, 0, 10 * turn, f"第{turn}") for turn in range(1, 4)]
    assert numbers == sorted(set(numbers))
    readable = numbers if subject.keeps_all else numbers[-1:]
    for turn, number in enumerate(numbers, 1):
        if number in readable:
            with store.snapshot(number) as snapshot:
                assert snapshot.manifest.name == f"snapshot-{number}"
                assert [row["query"] for row in scanned(snapshot.scan("search"), "search_id")] == [
                    f"第{turn}"
                ] * 10 * turn
    for unknown in (0, -1, numbers[-1] + 1, 10**12):
        with pytest.raises(NotFoundError):
            store.snapshot(unknown)


def test_a_store_that_is_opened_again_holds_the_same(subject: Subject, store: Store) -> None:
    _write(store, 0, 25, "一")
    if not subject.outlives:
        return  # it lives in this process only
    with subject.open() as again:
        assert again.info == store.info
        assert again.manifest() == store.manifest()
        with again.snapshot() as snapshot:
            assert snapshot.count("search") == 25


def test_readers_never_see_a_mixture(subject: Subject, store: Store) -> None:
    _write(store, 0, 400, "第0")
    done = threading.Event()
    seen: list[set[str]] = []
    failures: list[BaseException] = []

    def read() -> None:
        reader = subject.open() if subject.outlives else store
        try:
            while not done.is_set():
                with reader.snapshot() as snapshot:
                    queries = [query for batch in snapshot.scan("search", ["query"]) for query in batch[0].to_pylist()]
                    groups = [row for b in snapshot.group_counts("search", ["query_norm"]) for row in b.to_pylist()]
                assert len(queries) == 400
                assert [row["n"] for row in groups] == [400]
                seen.append({*queries, *(row["query_norm"] for row in groups)})
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)
        finally:
            if reader is not store:
                reader.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(1, 8):
        _write(store, 0, 400, f"第{turn}")
    done.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert seen
    assert {len(queries) for queries in seen} == {1}


def test_several_readers_share_a_snapshot(store: Store) -> None:
    _write(store, 0, 500, "一")
    found: list[int] = []
    with store.snapshot() as snapshot:

        def read() -> None:
            found.append(sum(batch.num_rows for batch in snapshot.scan("search")))
            groups = snapshot.group_counts("search", ["day"])
            found.append(sum(row["n"] for batch in groups for row in batch.to_pylist()))

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [500] * 8
