"""Random lives of a store beside the oracle's: write, publish, abandon, die, read, in any order."""

from __future__ import annotations

import itertools
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from indexer.stores.contract import Manifest, Snapshot, Store, Writer
from indexer.stores.memory import MemoryStore
from tests.contract.rows import OTHER_STAMP, STAMP, note, scanned, search, table
from tests.contract.subjects import Subject

KEYS = st.sampled_from(["a", "b", "c", "好", "'", "0"])
ROWS = st.lists(st.tuples(KEYS, st.integers(0, 3)), max_size=6)
RECORDS = st.sampled_from(["search", "note"])


def _rows(record: str, drawn: list[tuple[str, int]]) -> Any:
    if record == "note":
        return table("note", (note(key, f"词{value} 好", published_day=None) for key, value in drawn))
    return table("search", (search(key, f"词{value}", value * 40) for key, value in drawn))


def _seen(snapshot: Snapshot) -> dict[str, Any]:
    groups = [row for batch in snapshot.group_counts("search", ["query_norm", "day"]) for row in batch.to_pylist()]
    return {
        "counts": {record: snapshot.count(record) for record in ("search", "note", "ad")},
        "search": scanned(snapshot.scan("search"), "search_id"),
        "note": scanned(snapshot.scan("note"), "note_id"),
        "groups": sorted((row["query_norm"], row["day"], row["n"]) for row in groups),
        "frequency": snapshot.document_frequency(["好", "词0", "词3"]).tolist(),
    }


class StoreMachine(RuleBasedStateMachine):
    """One store and the oracle, treated alike."""

    subject: Subject

    def __init__(self) -> None:
        super().__init__()
        self.stores: tuple[Store, Store] = (MemoryStore(), self.subject.make())
        self.writers: tuple[Writer, Writer] | None = None
        self.held: tuple[Snapshot, Any] | None = None

    @precondition(lambda self: self.writers is None)
    @rule()
    def begin(self) -> None:
        oracle, store = self.stores
        self.writers = (oracle.writer(holder="o").__enter__(), store.writer(holder="s", wait_seconds=60).__enter__())

    @precondition(lambda self: self.writers is not None)
    @rule(record=RECORDS, drawn=ROWS)
    def write(self, record: str, drawn: list[tuple[str, int]]) -> None:
        assert self.writers
        oracle, found = (writer.write(record, _rows(record, drawn)) for writer in self.writers)
        assert found == oracle

    @precondition(lambda self: self.writers is not None)
    @rule(record=RECORDS, keys=st.lists(KEYS, max_size=3))
    def look(self, record: str, keys: list[str]) -> None:
        assert self.writers
        oracle, found = (scanned(writer.existing(record, keys).to_batches(), f"{record}_id") for writer in self.writers)
        assert found == oracle

    @precondition(lambda self: self.writers is not None)
    @rule(record=RECORDS, drawn=ROWS.map(lambda rows: list(dict(rows).items())))  # as a scan gives them: each id once
    def replace(self, record: str, drawn: list[tuple[str, int]]) -> None:
        assert self.writers
        oracle, found = (
            writer.replace(record, iter(_rows(record, drawn).to_batches(max_chunksize=2))) for writer in self.writers
        )
        assert found == oracle

    @precondition(lambda self: self.writers is not None)
    @rule(stamp=st.sampled_from([STAMP, STAMP, OTHER_STAMP]))
    def publish(self, stamp: Any) -> None:
        assert self.writers
        before = [store.manifest() for store in self.stores]
        oracle, found = (writer.publish(stamp) for writer in self.writers)
        assert (found == before[1]) == (oracle == before[0])
        _assert_alike(found, oracle)

    @precondition(lambda self: self.writers is not None)
    @rule()
    def leave(self) -> None:
        assert self.writers
        for writer in self.writers:
            writer.__exit__(None, None, None)
        self.writers = None

    @precondition(lambda self: self.writers is not None and self.subject.crashes)
    @rule()
    def die(self) -> None:
        assert self.writers
        self.writers[0].__exit__(None, None, None)
        self.subject.crash(self.writers[1])
        self.writers = None
        self.stores[1].close()
        self.stores = (self.stores[0], self.subject.open())

    @precondition(lambda self: self.stores[0].manifest() is not None)
    @rule()
    def hold(self) -> None:
        if self.held is not None:
            self.held[0].close()
        snapshot = self.stores[1].snapshot()
        self.held = (snapshot, _seen(snapshot))

    @precondition(lambda self: self.held is not None)
    @rule()
    def held_is_as_it_was(self) -> None:
        assert self.held is not None
        assert _seen(self.held[0]) == self.held[1]

    @invariant()
    def published_alike(self) -> None:
        oracle, store = self.stores
        expected, found = oracle.manifest(), store.manifest()
        if expected is None or found is None:
            assert expected is found
            return
        _assert_alike(found, expected)
        with oracle.snapshot() as truth, store.snapshot() as snapshot:
            assert _seen(snapshot) == _seen(truth)

    @precondition(lambda self: self.subject.keeps_all and self.stores[0].manifest() is not None)
    @rule(data=st.data())
    def old_ones_stay(self, data: st.DataObject) -> None:
        oracle, store = self.stores
        newest = oracle.manifest()
        assert newest is not None
        number = data.draw(st.integers(1, newest.number))
        with oracle.snapshot(number) as truth, store.snapshot(number) as snapshot:
            assert _seen(snapshot) == _seen(truth)

    def teardown(self) -> None:
        if self.writers is not None:
            for writer in self.writers:
                writer.__exit__(None, None, None)
        if self.held is not None:
            self.held[0].close()
        self.stores[1].close()


def _assert_alike(found: Manifest, expected: Manifest) -> None:
    assert dict(found.counts) == dict(expected.counts)
    assert set(found.versions) == set(expected.versions)
    assert found.segmenter == expected.segmenter


def test_a_store_lives_as_the_oracle_does(subject: Subject) -> None:
    numbers = itertools.count()

    class Machine(StoreMachine):
        def __init__(self) -> None:
            self.subject = subject.beside(f"life{next(numbers)}")
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            self.subject.remove()

    examples, steps = subject.lives
    settings = hypothesis.settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    run_state_machine_as_test(Machine, settings=settings)
