from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from indexer.errors import NotFoundError, StoreError, UsageError
from indexer.stores import open_store
from indexer.stores.contract import Snapshot, Store
from indexer.stores.elastic import groups
from indexer.stores.elastic import snapshot as snapshots
from tests.elastic.rows import STAMP, notes, searches, table
from tests.servers.fixtures import remove_store

pytestmark = pytest.mark.elasticsearch

NOTES, SEARCHES = notes(300), searches(500)


@pytest.fixture(scope="module")
def store(elasticsearch_url: str) -> Iterator[Store]:
    prefix = f"t{secrets.token_hex(6)}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GAPFINDER_ES_SHARDS", "3")
        with open_store(f"{elasticsearch_url}/{prefix}", create=True) as opened:
            with opened.writer(holder="import") as writer:
                writer.write("note", NOTES)
                writer.write("search", SEARCHES)
                writer.publish(STAMP)
            yield opened
    remove_store(elasticsearch_url, prefix)


@pytest.fixture(params=["one page", "many pages"])
def snapshot(store: Store, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Snapshot]:
    if request.param == "many pages":
        monkeypatch.setattr(snapshots, "SCAN_PAGE", 7)
        monkeypatch.setattr(snapshots, "IDS_PAGE", 7)
        monkeypatch.setattr(groups, "PAGE", 7)
        monkeypatch.setattr(groups, "PORTION", 20)
    with store.snapshot() as opened:
        yield opened


def _sorted(batches: Iterator[pa.RecordBatch], schema: pa.Schema, key: str) -> pa.Table:
    return pa.Table.from_batches(batches, schema).sort_by(key).combine_chunks()


@pytest.mark.parametrize(("record", "rows"), [("note", NOTES), ("search", SEARCHES)])
def test_everything_comes_back_as_it_was_written(snapshot: Snapshot, record: str, rows: pa.Table) -> None:
    key = rows.column_names[0]
    assert snapshot.count(record) == rows.num_rows
    assert _sorted(snapshot.scan(record), rows.schema, key) == rows.sort_by(key).combine_chunks()


def test_a_window_is_half_open(snapshot: Snapshot) -> None:
    first, after = date(2026, 1, 30), date(2026, 2, 3)
    found = pa.Table.from_batches(snapshot.scan("search", ["day"], window=("day", first, after)))
    days = [day for day in SEARCHES.column("day").to_pylist() if first <= day < after]
    assert sorted(found.column("day").to_pylist()) == sorted(days)
    assert list(snapshot.scan("search", window=("day", after, first))) == []


@pytest.mark.parametrize(
    "by",
    [
        ["query_norm"],
        ["day"],
        ["result_count"],
        ["acted"],
        ["query_norm", "user_id"],
        ["day", "user_id"],
        ["acted", "day", "result_count", "user_id"],
    ],
)
def test_groups_are_counted_exactly_and_null_is_one(snapshot: Snapshot, by: list[str]) -> None:
    window = ("day", date(2026, 1, 5), date(2026, 3, 1))
    found = pa.Table.from_batches(snapshot.group_counts("search", by, window=window))
    counted = {tuple(row[name] for name in by): row["n"] for row in found.to_pylist()}
    rows = [row for row in SEARCHES.to_pylist() if window[1] <= row["day"] < window[2]]
    assert counted == Counter(tuple(row[name] for name in by) for row in rows)
    assert found.num_rows == len(counted)


def test_groups_of_records_without_a_day_are_counted(snapshot: Snapshot) -> None:
    found = pa.Table.from_batches(snapshot.group_counts("note", ["published_day", "disclosed"]))
    counted = {(row["published_day"], row["disclosed"]): row["n"] for row in found.to_pylist()}
    assert counted == Counter((row["published_day"], row["disclosed"]) for row in NOTES.to_pylist())
    assert any(day is None for day, _ in counted)
    assert found.num_rows == len(counted)


def test_records_are_found_by_id_in_order_of_their_ids(snapshot: Snapshot) -> None:
    ids = [f"n{number:05d}" for number in range(29, -1, -1)]
    found = snapshot.by_id("note", [*ids, "missing", "", "n00003", "\ud800", "x" * 600], ["title", "note_id"])
    assert found.column_names == ["title", "note_id"]
    assert found.column("note_id").to_pylist() == sorted(ids)
    assert snapshot.by_id("note", ids[:2], ["title"]).column("title").to_pylist() == ["笔记 28", "笔记 29"]
    assert snapshot.by_id("order", ["a"]).num_rows == 0


@pytest.mark.parametrize(("record", "column"), [("note", "published_at"), ("note", "published_day"), ("search", "day")])
def test_extents_are_exact(snapshot: Snapshot, record: str, column: str) -> None:
    ends: Any = pc.min_max((NOTES if record == "note" else SEARCHES).column(column)).as_py()
    assert snapshot.extent(record, column) == (ends["min"], ends["max"])


def test_where_nothing_is_there_is_no_extent(snapshot: Snapshot) -> None:
    assert snapshot.extent("note", "updated_at") is None
    assert snapshot.extent("order", "ordered_at") is None
    assert list(snapshot.group_counts("order", ["product_id"])) == []


def test_wrong_questions_are_refused(snapshot: Snapshot) -> None:
    with pytest.raises(UsageError, match="query"):
        list(snapshot.group_counts("search", ["query"]))
    with pytest.raises(UsageError, match="nothing_such"):
        list(snapshot.scan("note", ["nothing_such"]))


def test_a_store_that_is_not_there_says_so(elasticsearch_url: str, elastic_url: str) -> None:
    with pytest.raises(StoreError, match="there is no store") as caught:
        open_store(f"{elasticsearch_url}/nothing-there")
    assert caught.value.exit_code == 4
    with open_store(elastic_url, create=True) as empty:
        assert empty.manifest() is None
        with pytest.raises(NotFoundError, match="nothing was imported yet"):
            empty.snapshot()


def test_the_salt_is_kept_and_can_be_overridden(elastic_url: str) -> None:
    with open_store(elastic_url, create=True) as made, open_store(elastic_url, create=True) as again:
        assert len(made.info.salt) == 64
        assert again.info == made.info
    with open_store(elastic_url, salt="mine") as other:
        assert other.info.salt == "mine"


def test_what_the_server_refuses_is_named_and_the_rest_is_written(elastic_url: str) -> None:
    rows = table("product", [{"product_id": "good", "brand": "a"}, {"product_id": "bad", "brand": "字" * 20_000}])
    with open_store(elastic_url, create=True) as store, store.writer(holder="import") as writer:
        result = writer.write("product", rows)
        assert (result.written, result.unchanged) == (1, 0)
        assert [identifier for identifier, _ in result.rejected] == ["bad"]
        assert "brand" in result.rejected[0][1]
        assert writer.publish(STAMP).counts == {"product": 1}
