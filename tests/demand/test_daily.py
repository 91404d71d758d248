"""The log by query and day: exact on every store, in little memory, and as a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from gapfinder import dailylog
from gapfinder.cli.daily import write_daily
from gapfinder.dailylog import SCHEMA, daily_log
from gapfinder.demand import measure_demand
from gapfinder.memory import memory_of
from gapfinder.settings import Settings
from indexer.dictionary import shipped_dictionary
from indexer.errors import DataError, UsageError
from indexer.segment import segmenter_of
from indexer.stores import open_store
from indexer.stores.contract import Store
from indexer.stores.memory import MemoryStore
from tests.contract.rows import FIRST_DAY, STAMP, searches, table

DAYS = timedelta(days=1)


def filled(store: Store) -> Store:
    rows = searches(0, 4_000, "奶瓶")
    with store.writer(holder="test") as writer:
        writer.write("search", rows)
        writer.publish(STAMP)
    return store


@pytest.fixture(params=["memory", "delta", pytest.param("elastic", marks=pytest.mark.elasticsearch)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield filled(MemoryStore())
        return
    url = request.getfixturevalue("elastic_url") if request.param == "elastic" else str(tmp_path / "data")
    with open_store(url, create=True) as opened:
        yield filled(opened)


def plainly(store: Store, first: date, end: date) -> list[dict[str, Any]]:
    """The same by dictionaries and sets."""
    found: dict[tuple[str, date], list[Any]] = defaultdict(lambda: [0, 0, set()])
    with store.snapshot() as snapshot:
        for batch in snapshot.scan("search", ["query_norm", "day", "clicks", "user_id"]):
            for row in batch.to_pylist():
                if first <= row["day"] < end:
                    sums = found[row["query_norm"], row["day"]]
                    sums[0] += 1
                    sums[1] += (row["clicks"] or 0) > 0
                    sums[2].update(() if row["user_id"] is None else (row["user_id"],))
    return [
        {"query": query, "day": day, "searches": sums[0], "clicked": sums[1], "searchers": len(sums[2])}
        for (query, day), sums in sorted(found.items())
    ]


def test_it_is_exact_and_in_order(store: Store) -> None:
    first, end = FIRST_DAY + 3 * DAYS, FIRST_DAY + 12 * DAYS
    with store.snapshot() as snapshot:
        found = pa.Table.from_batches(daily_log(snapshot, first, end, ordered=True), SCHEMA).to_pylist()
    assert found == plainly(store, first, end)
    assert len(found) > 5


@pytest.mark.parametrize("ordered", [True, False])
def test_a_log_too_large_for_the_memory_is_split(store: Store, ordered: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - pytest gives it
    monkeypatch.setattr(dailylog, "BYTES_A_ROW", 100_000)  # as many portions as millions of searches would make
    end = FIRST_DAY + 12 * DAYS
    with store.snapshot() as snapshot:
        rows = pa.Table.from_batches(daily_log(snapshot, FIRST_DAY, end, memory="64MB", ordered=ordered), SCHEMA)
    found = rows.to_pylist() if ordered else rows.sort_by([("query", "ascending"), ("day", "ascending")]).to_pylist()
    assert found == plainly(store, FIRST_DAY, end)


def test_little_memory_gives_the_same(tmp_path: Path) -> None:
    with filled(open_store(str(tmp_path / "data"), create=True)) as store, store.snapshot() as snapshot:
        segmenter = segmenter_of(shipped_dictionary())
        plenty, little = (
            measure_demand(snapshot, replace(Settings.of(), memory=memory), segmenter) for memory in ("1GB", "64MB")
        )
    assert plenty.keywords == little.keywords
    assert plenty.daily == little.daily
    assert Settings.of().as_json() == replace(Settings.of(), memory="1GB").as_json()


@pytest.mark.parametrize(("text", "size"), [("512MB", "512MB"), ("2 gb", "2000MB"), ("1.5GB", "1500MB")])
def test_sizes(text: str, size: str) -> None:
    assert memory_of(text) == size


@pytest.mark.parametrize("text", ["", "2", "GB", "-1GB", "10MB", "1TB", "1GB; drop table"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match="--memory"):
        memory_of(text)


def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = str(tmp_path / "data")
    rows = [
        {"search_id": f"s{number}", "query": query, "query_norm": query, "query_terms": query, "query_key": query}
        for number, query in enumerate(["=1+1", "奶瓶", "奶瓶"])
    ]
    with open_store(url, create=True) as store, store.writer(holder="test") as writer:
        writer.write("search", table("search", [{**row, "day": FIRST_DAY} for row in rows]))
        writer.publish(STAMP)
    for name in ("d.parquet", "d.csv"):
        write_daily(url, tmp_path / name, None, None, memory="100MB", as_json=False)
    told = capsys.readouterr().out
    assert "2 行，3 次搜索" in told
    assert pq.read_table(tmp_path / "d.parquet")["query"].to_pylist() == ["=1+1", "奶瓶"]
    assert pa_csv.read_csv(tmp_path / "d.csv")["query"].to_pylist() == ["'=1+1", "奶瓶"]
    with pytest.raises(UsageError, match="there is no format"):
        write_daily(url, tmp_path / "d.txt", None, None, memory="100MB", as_json=False)
    with pytest.raises(UsageError, match="there is no day"):
        write_daily(url, tmp_path / "d.csv", FIRST_DAY, FIRST_DAY, memory="100MB", as_json=False)


def test_a_store_without_searches(tmp_path: Path) -> None:
    url = str(tmp_path / "data")
    with open_store(url, create=True) as store, store.writer(holder="test") as writer:
        writer.write("note", table("note", []))
        writer.publish(STAMP)
    with pytest.raises(DataError, match="no searches"):
        write_daily(url, tmp_path / "d.csv", None, None, memory="100MB", as_json=False)
