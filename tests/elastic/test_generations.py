from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from elasticsearch import ApiError

from indexer.errors import NotFoundError, StoreBusyError, StoreError, UsageError
from indexer.stores.contract import RUN_ROWS, RunInfo, Store
from indexer.stores.elastic.bulk import put, send
from indexer.stores.elastic.generations import Size, shards_for, sizes
from indexer.stores.elastic.lease import LEASE
from indexer.stores.elastic.store import ElasticStore
from tests.elastic.rows import STAMP, notes, searches, table

pytestmark = pytest.mark.elasticsearch


@pytest.fixture
def store(elastic_url: str) -> Iterator[ElasticStore]:
    with ElasticStore.open(elastic_url, create=True) as opened:
        yield opened


def _load(store: Store, record: str, rows: pa.Table) -> int:
    with store.writer(holder="import") as writer:
        writer.write(record, rows)
        return writer.publish(STAMP).number


def _indices(store: ElasticStore) -> set[str]:
    found = store.connection.client.indices.get(index=f"{store.names.prefix}-*")
    return {index for index in found if "-g0" in index}


def _ids(store: Store, record: str, number: int | None = None) -> list[str]:
    with store.snapshot(number) as snapshot:
        name = f"{record}_id"
        return sorted(row for batch in snapshot.scan(record, [name]) for row in batch.column(0).to_pylist())


def test_importing_twice_changes_nothing(store: ElasticStore) -> None:
    first = _load(store, "search", searches(200))
    indices = _indices(store)
    with store.writer(holder="import") as writer:
        result = writer.write("search", searches(200))
        assert (result.written, result.unchanged) == (0, 200)
        assert writer.publish(STAMP).number == first
    assert _indices(store) == indices
    with store.writer(holder="import") as writer:
        assert writer.publish(STAMP, [("红屁股", 2000)]).words == (("红屁股", 2000),)
    manifest = store.manifest()
    assert manifest is not None
    assert (manifest.number, manifest.words) == (first + 1, (("红屁股", 2000),))


def test_only_months_that_are_written_to_are_cloned(store: ElasticStore) -> None:
    _load(store, "search", searches(80))
    before = _indices(store)
    assert {index[-6:] for index in before} == {"202601", "202602", "202603"}
    assert _load(store, "search", searches(1, first=400, shift=31)) == 2
    assert {index[-6:] for index in _indices(store) - before} == {"202602"}


def test_a_search_whose_day_changes_moves_to_its_month(store: ElasticStore) -> None:
    _load(store, "search", searches(90))
    with store.writer(holder="import") as writer:
        assert writer.write("search", searches(40, shift=45)).written == 40
        assert writer.write("search", searches(40, shift=45)).unchanged == 40
        assert writer.write("search", searches(5, shift=100)).written == 5
        found = writer.existing("search", ["s00000", "s00001"]).column("day").to_pylist()
        assert [str(day) for day in found] == ["2026-04-11", "2026-04-12"]
        assert writer.publish(STAMP).counts == {"search": 90}
    assert _ids(store, "search") == [f"s{number:05d}" for number in range(90)]


def test_a_reader_keeps_its_snapshot_while_others_are_published(store: ElasticStore) -> None:
    _load(store, "note", notes(50))
    with store.snapshot() as snapshot:
        for number in range(1, 3):
            _load(store, "note", notes(10, first=100 * number))
            assert sum(batch.num_rows for batch in snapshot.scan("note")) == 50
    assert len(_ids(store, "note")) == 70
    assert len(_ids(store, "note", 1)) == 50


def test_old_generations_go_unless_a_run_names_them(store: ElasticStore) -> None:
    _load(store, "note", notes(5))
    store.save_run(RunInfo("r", "", datetime.now(UTC), {"snapshot": "snapshot-1"}), RUN_ROWS.empty_table())
    for number in range(1, 6):
        _load(store, "note", notes(5, first=10 * number))
    assert len(_ids(store, "note", 1)) == 5
    assert len(_ids(store, "note", 4)) == 20
    with pytest.raises(NotFoundError, match="snapshot-2"):
        store.snapshot(2)
    assert sorted(int(index.split("-g")[1][:6]) for index in _indices(store)) == [1, 4, 5, 6]


def test_what_is_not_published_is_dropped(store: ElasticStore) -> None:
    _load(store, "note", notes(5))
    before = _indices(store)
    with store.writer(holder="import") as writer:
        writer.write("note", notes(50))
    assert (_indices(store), len(_ids(store, "note"))) == (before, 5)
    with pytest.raises(UsageError, match="wrong columns"):
        _load_two(store)
    assert (_indices(store), len(_ids(store, "note"))) == (before, 5)


def _load_two(store: Store) -> None:
    with store.writer(holder="import") as writer:
        writer.write("note", notes(50))
        writer.write("note", searches(1))


def test_a_record_is_written_anew(store: ElasticStore) -> None:
    _load(store, "search", searches(90))
    with store.writer(holder="reindex") as writer:
        assert writer.replace("search", writer.scan("search")) == 90
        writer.publish(STAMP)
        assert writer.replace("search", iter(searches(3).to_batches())) == 3
        assert writer.write("search", searches(4)).written == 1
        assert writer.publish(STAMP).counts == {"search": 4}
    assert _ids(store, "search") == [f"s{number:05d}" for number in range(4)]


def test_aliases_show_the_newest_manifest(store: ElasticStore) -> None:
    for count in (80, 90):
        _load(store, "search", searches(count))
    client, alias = store.connection.client, store.names.alias("search")
    assert client.count(index=alias)["count"] == 90


def test_a_wrong_name_never_makes_an_index(store: ElasticStore) -> None:
    wrong = store.names.index("note", 99, "ab")
    with pytest.raises(StoreBusyError, match="gone"):
        send(store.connection, [put(wrong, "x", {"note_id": "x"})])
    assert wrong not in _indices(store)


def test_a_field_that_is_not_declared_is_refused(store: ElasticStore) -> None:
    with store.writer(holder="import") as writer:
        writer.write("note", notes(1))
        (index,) = _indices(store)
        assert "strict" in send(store.connection, [put(index, "x", {"surprise": 1})]).rejected[0][1]


def test_published_indices_can_not_be_written_to(store: ElasticStore) -> None:
    _load(store, "note", notes(1))
    (index,) = _indices(store)
    with pytest.raises(ApiError, match="block"):
        store.connection.client.index(index=index, document={"note_id": "x"})


def test_a_second_writer_is_told_who_writes(store: ElasticStore) -> None:
    with (
        store.writer(holder="the nightly import"),
        pytest.raises(StoreBusyError, match="the nightly import"),
        store.writer(holder="me", wait_seconds=0.3),
    ):
        pass
    with store.writer(holder="me"):
        pass


def test_a_writer_that_slept_beyond_its_lease_can_not_publish(store: ElasticStore) -> None:
    with store.writer(holder="sleeper") as sleeper:
        sleeper.write("note", notes(5))
        meta = store._meta
        lease = meta.get(LEASE)
        assert lease is not None
        meta.put(LEASE, {**lease.body, "expires": 0.0})
        _load(store, "note", notes(3))
        with pytest.raises(StoreBusyError, match="took the store over"):
            sleeper.publish(STAMP)
        with pytest.raises(StoreBusyError, match="took the store over"):
            sleeper.write("note", notes(5))
    assert len(_ids(store, "note")) == 3
    assert len(_indices(store)) == 1


def test_a_killed_holder_on_this_machine_is_replaced_at_once(store: ElasticStore) -> None:
    with store.writer(holder="import") as writer:
        writer.publish(STAMP)
    lease = store._meta.get(LEASE)
    assert lease is not None
    body = {**lease.body, "held": True, "pid": 2**22 + 1, "expires": 4e9}
    store._meta.put(LEASE, body)
    assert "killed" in next(one.message for one in store.check() if one.subject == "lease")
    with store.writer(holder="import"):
        pass
    store._meta.put(LEASE, {**body, "place": "elsewhere", "host": "elsewhere"})
    with pytest.raises(StoreBusyError, match="elsewhere"), store.writer(holder="import"):
        pass


def test_runs_are_kept_replaced_and_forgotten(store: ElasticStore) -> None:
    infos = [
        RunInfo(f"run {number}", "一", datetime(2026, 1, 1 + number % 2, tzinfo=UTC), {"n": 2**53 + 1, "f": 0.1})
        for number in range(3)
    ]
    rows = pa.Table.from_pylist(
        [{"section": "gaps", "position": n, "key": f"k{n}", "body": '{"a": 1}'} for n in range(12)]
        + [{"section": "notes", "position": 0, "key": "字" * 40_000, "body": "{}" * 40_000}],
        schema=RUN_ROWS,
    )
    for info in infos:
        store.save_run(info, rows)
    store.save_run(infos[1], rows.slice(0, 2))
    assert store.runs() == [infos[1], infos[0], infos[2]]
    assert store.run_rows("run 0", "gaps") == rows.slice(0, 12)
    assert store.run_rows("run 0", "notes") == rows.slice(12)
    assert store.run_rows("run 1", "gaps").num_rows == 2
    assert store.run_rows("run 1", "notes").num_rows == 0
    store.delete_run("run 1")
    for missing in (lambda: store.run_rows("run 1", "gaps"), lambda: store.delete_run("run 1")):
        with pytest.raises(NotFoundError, match="run 1"):
            missing()
    assert store.connection.client.count(index=store.names.run_rows)["count"] == 26


def test_rows_of_a_save_that_failed_go(store: ElasticStore) -> None:
    rows = pa.Table.from_pylist([{"section": "a", "position": 0, "key": "k", "body": "{}"}], schema=RUN_ROWS)

    def broken() -> Iterator[pa.RecordBatch]:
        yield from rows.to_batches()
        raise OSError("the analysis broke")

    killed = [{"saved": f"{'0' * 11}-dead", **row} for row in rows.to_pylist()]
    send(store.connection, [put(store.names.run_rows, "dead", row) for row in killed])
    store.connection.client.indices.refresh(index=store.names.run_rows)
    info = RunInfo("r", "", datetime(2026, 1, 1, tzinfo=UTC), {})
    with pytest.raises(OSError, match="the analysis broke"):
        store.save_run(info, broken())
    assert store.runs() == []
    store.save_run(info, iter(rows.to_batches()))
    assert store.run_rows("r", "a") == rows
    assert store.connection.client.count(index=store.names.run_rows)["count"] == 1


def test_doctor_names_what_is_wrong(store: ElasticStore) -> None:
    assert {"nothing was imported yet"} <= {one.message for one in store.check()}
    _load(store, "note", notes(5))
    _load(store, "order", table("order", [{"order_id": "a"}]))
    assert {one.level for one in store.check()} == {"ok"}
    client = store.connection.client
    (lost,) = (index for index in _indices(store) if "-order-" in index)
    client.indices.delete(index=lost)
    stray = store.names.index("note", 99, "ab")
    client.indices.create(index=stray)
    by_subject = {one.subject: one for one in store.check()}
    assert lost in by_subject["record order"].message
    assert by_subject["record order"].level == "error"
    assert stray in by_subject["leftovers"].message
    with store.writer(holder="import") as writer, pytest.raises(StoreError, match="is gone"):
        writer.write("order", table("order", [{"order_id": "b"}]))
    assert stray not in _indices(store)


def test_what_comes_twice_in_a_first_import_is_there_once(store: ElasticStore) -> None:
    with store.writer(holder="import") as writer:
        assert writer.write("note", notes(60)).written == 60
        again = writer.write("note", notes(80))
        assert (again.written, again.unchanged) == (20, 60)
        changed = writer.write("note", notes(10, seed=9))
        assert changed.written + changed.unchanged == 10
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.count("note") == 80
        rows = pa.Table.from_batches(list(snapshot.scan("note"))).sort_by("note_id")
        assert rows.slice(0, 10) == notes(10, seed=9).select(rows.schema.names)
    assert len(_ids(store, "note")) == 80


def test_what_comes_twice_after_much_that_is_new_is_there_once(store: ElasticStore) -> None:
    _load(store, "note", notes(20))
    with store.writer(holder="import") as writer:
        first = writer.write("note", notes(60, first=10))  # ten are there, the others are new
        assert (first.written, first.unchanged) == (60, 0)  # other words, by their random numbers
        again = writer.write("note", notes(60, first=10))  # taken to be new, and is not
        assert (again.written, again.unchanged) == (0, 60)
        assert writer.write("note", notes(5, first=70)).written == 5
        assert writer.publish(STAMP).counts == {"note": 75}


def test_many_records_are_read_in_slices_each_once(store: ElasticStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.stores.elastic.snapshot.SLICED_FROM", 100)
    monkeypatch.setattr("indexer.stores.elastic.snapshot.SCAN_PAGE", 7)
    _load(store, "search", searches(200))
    assert _ids(store, "search") == sorted(searches(200)["search_id"].to_pylist())
    with store.snapshot() as snapshot:
        first = next(snapshot.scan("search", ["search_id"]))  # a reader that stops early waits for no one
        assert 1 <= len(first) <= 7


def test_a_shard_that_grew_too_large_is_split(store: ElasticStore, monkeypatch: pytest.MonkeyPatch) -> None:
    _load(store, "note", notes(300))
    (before,) = _indices(store)
    size = sizes(store.connection, [before])[before]
    assert size.records == 300
    monkeypatch.setattr("indexer.stores.elastic.generations.LARGEST_SHARD", size.stored // (2 * size.shards) + 1)
    _load(store, "note", notes(20, first=300))
    (after,) = _indices(store) - {before}
    assert sizes(store.connection, [after])[after].shards == 2 * size.shards
    assert len(_ids(store, "note")) == 320


def test_a_new_month_has_the_shards_that_a_full_one_needs(store: ElasticStore, monkeypatch: pytest.MonkeyPatch) -> None:
    january = searches(30)  # one a day
    _load(store, "search", january)
    (before,) = _indices(store)
    shards = sizes(store.connection, [before])[before].shards
    monkeypatch.setattr("indexer.stores.elastic.generations.FULLEST_SHARD", 15)
    _load(store, "search", searches(20, first=31))
    (february,) = _indices(store) - {before}
    assert february.endswith("-202602")
    assert sizes(store.connection, [february])[february].shards == 2 * shards


def test_a_month_that_somebody_else_makes_is_like_ours(store: ElasticStore) -> None:
    _load(store, "search", searches(5))
    (ours,) = _indices(store)
    client = store.connection.client
    theirs = store.names.index("search", 99, "ab", "202612")
    client.indices.create(index=theirs)
    mappings = client.indices.get_mapping(index=[ours, theirs])
    assert mappings[theirs] == mappings[ours]
    with pytest.raises(ApiError, match="no such index"):
        client.index(index=store.names.index("search", 98, "ab", "202612"), document={})


def test_shards_by_size() -> None:
    def wanted(shards: int, records: int, gib: int) -> int:
        return shards_for(Size(shards, records, gib << 30))

    assert [wanted(1, 0, gib) for gib in (0, 40, 41, 80, 81, 400)] == [1, 1, 2, 2, 4, 16]
    assert wanted(3, 0, 100) == 3
    assert [wanted(1, 1 << power, 1) for power in (29, 30, 31)] == [1, 2, 4]
