"""The log by query and day (searches, searches with a click, distinct searchers): the project beside plain engines.

All read the same Parquet files, those of a store. The project's way is the one behind ``gapfinder daily``; it keeps to
a limit of memory, the plain engines to none. The log is seeded: queries by Zipf's law, users with few searches each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from math import log
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.speed.children import Taken, Way, Work, alternating
from benchmarks.speed.part import WAYS as COLUMNS
from benchmarks.speed.part import Goal, Part, way_rows
from gapfinder.dailylog import daily_log
from indexer.dictionary import shipped_dictionary
from indexer.records import SCHEMA_VERSION, SEARCH
from indexer.segment import segmenter_of
from indexer.stores import open_store
from indexer.stores.contract import Manifest, Store
from indexer.stores.delta import tables
from indexer.stores.delta.store import DeltaStore

QUERIES: Final = 500_000
DAYS: Final = 56
FIRST: Final = date(2026, 3, 2)
MEMORY: Final = "1500MB"
LARGE_MEMORY: Final = "1950MB"
MOST: Final = 1.3
MOST_GROWTH: Final = 1.05
MOST_MIB: Final = 2.1e9 / 2**20
STEPS: Final = (4, 2, 1)
_ROWS: Final = 1_000_000  # written together
_USERS_A_ROW: Final = 20  # as many searches as a user makes on average
_OURS, _DUCKDB = "gapfinder, in 1.5 GB", "duckdb"
_LARGE: Final = "large"
_WHY: Final = "the log is split by query on disk first, so that each part fits; DuckDB takes all the memory there is"

Sums = list[int]


def prepare(store: Path, rows: int) -> None:
    """Write a store with so many searches, past the writer, whose ids would take longer than all else."""
    with open_store(str(store), create=True, salt="speed") as opened:
        assert isinstance(opened, DeltaStore)
        uri = opened.place.table("records", SEARCH.name)
        table = tables.create_table(uri, SEARCH.schema, tables.table_settings(SEARCH))
        for portion in _portions(rows):
            tables.append(table, portion)
        _publish(opened, rows, int(table.version()))


def _publish(store: DeltaStore, rows: int, version: int) -> None:
    stamp = segmenter_of(shipped_dictionary()).stamp
    counts, versions = {SEARCH.name: rows}, {SEARCH.name: version}
    store.manifests.publish(Manifest(1, versions, counts, stamp, SCHEMA_VERSION, datetime.now(UTC)))


def _portions(rows: int) -> Iterator[pa.Table]:
    share = 1 / np.arange(1, QUERIES + 1)
    below = np.cumsum(share / share.sum())
    names = pa.array([f"查询{number:x}" for number in range(QUERIES)])
    midnight = np.datetime64(FIRST, "us")
    for first in range(0, rows, _ROWS):
        random = np.random.default_rng([1, first])
        count = min(_ROWS, rows - first)
        query = names.take(pa.array(np.minimum(np.searchsorted(below, random.random(count)), QUERIES - 1)))
        at = random.integers(0, DAYS * 86_400, count)
        number = np.arange(first, first + count)
        shown = random.random(count) < 0.5
        columns: dict[str, pa.Array] = {
            "search_id": pc.binary_join_element_wise("s", pa.array(number).cast(pa.string()), ""),
            "query": query,
            "query_norm": query,
            "query_terms": query,
            "query_key": query,
            "searched_at": pa.array(midnight + at * np.timedelta64(1, "s")).cast(pa.timestamp("us", tz="UTC")),
            "day": pa.array((midnight + at * np.timedelta64(1, "s")).astype("datetime64[D]")),
            "user_id": pa.array(random.integers(0, max(rows // _USERS_A_ROW, 1), count)).cast(pa.string()),
            "result_count": pa.array(np.full(count, 10), mask=~shown),
            "clicks": pa.array((random.random(count) < 0.4).astype(np.int64), mask=~shown),
            "content_hash": pa.array(number).cast(pa.string()),
        }
        yield pa.table(
            [columns[field.name].cast(field.type) if field.name in columns else pa.nulls(count, field.type)
             for field in SEARCH.schema],
            schema=SEARCH.schema,
        )  # fmt: skip


def _files(folder: Path) -> list[str]:
    with open_store(str(folder)) as store, store.snapshot() as snapshot:
        return snapshot.files(SEARCH.name) or []


def ours(store: str, folder: Path, memory: str = MEMORY) -> Work:
    """The project's way, in so much memory."""
    opened: Store = open_store(str(folder / store))

    def work() -> Sums:
        sums = np.zeros(5, np.int64)
        with opened.snapshot() as snapshot:
            for batch in daily_log(snapshot, FIRST, FIRST + timedelta(days=DAYS), memory=memory):
                searches, clicked, searchers = (batch[name].to_numpy() for name in ("searches", "clicked", "searchers"))
                sums += [len(batch), searches.sum(), clicked.sum(), searchers.sum(), (searches * searchers).sum()]
        return [int(total) for total in sums]

    return work


_TABLE: Final = """
    SELECT query_norm, day, count(*) AS searches, count(*) FILTER (clicks > 0) AS clicked,
           count(DISTINCT user_id) AS searchers
    FROM read_parquet($files) GROUP BY ALL
"""


def by_duckdb(store: str, folder: Path) -> Work:
    """Plain DuckDB, its answer as Arrow."""
    files = _files(folder / store)
    plain = duckdb.connect()
    plain.execute("SET enable_progress_bar = false")
    return lambda: _sums(plain.sql(_TABLE, params={"files": files}).to_arrow_table())


def by_polars(store: str, folder: Path) -> Work:
    """Polars' streaming engine."""
    import polars as pl  # noqa: PLC0415 - in the process that measures it alone

    files = _files(folder / store)

    def work() -> Sums:
        clicked = (pl.col("clicks") > 0).sum()
        grouped = pl.scan_parquet(files).group_by("query_norm", "day")
        table = grouped.agg(searches=pl.len(), clicked=clicked, searchers=pl.col("user_id").n_unique())
        return _sums(table.collect(engine="streaming").to_arrow())

    return work


def by_pandas(store: str, folder: Path) -> Work:
    """pandas, file by file into one frame."""
    import pandas as pd  # noqa: PLC0415 - likewise

    files = _files(folder / store)

    def work() -> Sums:
        columns = ["query_norm", "day", "clicks", "user_id"]
        frame = pd.concat([pd.read_parquet(file, columns=columns) for file in files], ignore_index=True)
        frame["clicked"] = frame["clicks"] > 0
        grouped = frame.groupby(["query_norm", "day"], sort=False)
        table = grouped.agg(searches=("clicked", "size"), clicked=("clicked", "sum"), searchers=("user_id", "nunique"))
        return _sums(pa.Table.from_pandas(table, preserve_index=False))

    return work


def _sums(table: pa.Table) -> Sums:
    """What all have to agree on."""
    columns = (table[name].cast(pa.int64()) for name in ("searches", "clicked", "searchers"))
    searches, clicked, searchers = columns
    product = pc.sum(pc.multiply(searches, searchers)).as_py()
    return [len(table), *(pc.sum(column).as_py() for column in (searches, clicked, searchers)), product]


def measure(folder: Path, rows: int, rounds: int) -> Part:
    """Time all ways on that many rows, and the project's on a half and a quarter of them.

    Args:
        folder: For the stores; empty.
        rows: Rows of the log.
        rounds: How often each way has its turn.
    """
    by_size: dict[int, Taken] = {}
    taken: dict[str, Taken] = {}
    for step in STEPS:
        name, size = f"log-{step}", rows // step
        prepare(folder / name, size)
        ways: dict[str, Way] = {_OURS: partial(ours, name)}
        if step == STEPS[-1]:
            ways |= {
                _DUCKDB: partial(by_duckdb, name),
                "polars, streaming": partial(by_polars, name),
                "pandas": partial(by_pandas, name),
            }
        taken = alternating(ways, folder, rounds)
        by_size[size] = taken[_OURS]
    figures: dict[str, Any] = {name: asdict(one) for name, one in taken.items()}
    figures["sizes"] = {str(size): asdict(one) for size, one in by_size.items()}
    return Part(
        about=f"{rows:,} searches by query and day, distinct searchers exact; ratio: against plain DuckDB.",
        columns=COLUMNS,
        rows=[*way_rows(taken, lambda _: rows, "rows", _DUCKDB), *_smaller(by_size)],
        goals=_goals(taken, by_size),
        figures=figures,
        bars={name: taken[_DUCKDB].seconds / one.seconds for name, one in taken.items()},
    )


def large(folder: Path, rows: int) -> Part:
    """A log that does not fit into the memory the project is given, once, beside DuckDB with all there is.

    Args:
        folder: For the store; empty.
        rows: Rows of the log.
    """
    prepare(folder / _LARGE, rows)
    own = f"gapfinder, in {LARGE_MEMORY}"
    ways: dict[str, Way] = {own: partial(ours, _LARGE, memory=LARGE_MEMORY), _DUCKDB: partial(by_duckdb, _LARGE)}
    taken = alternating(ways, folder, 1)
    ratio = taken[own].seconds / taken[_DUCKDB].seconds
    return Part(
        about=f"{rows:,} searches by query and day, distinct searchers exact, once; ratio: against plain DuckDB.",
        columns=COLUMNS,
        rows=way_rows(taken, lambda _: rows, "rows", _DUCKDB),
        goals=(
            Goal("a large log by query and day, times plain DuckDB's time", ratio, MOST, least=False, why=_WHY),
            Goal("memory of a large log by query and day, MiB", taken[own].peak_mib, MOST_MIB, least=False),
        ),
        figures={name: asdict(one) for name, one in taken.items()},
    )


def _smaller(by_size: dict[int, Taken]) -> Iterator[Sequence[object]]:
    """Rows of the table for the smaller logs."""
    for size, one in by_size.items():
        if size != max(by_size):
            speed = f"{size / one.seconds:,.0f} rows/s"
            yield f"{_OURS}, {size:,} rows", f"{one.seconds:.2f}", speed, "", f"{one.peak_mib:,.0f}"


def _goals(taken: dict[str, Taken], by_size: dict[int, Taken]) -> tuple[Goal, ...]:
    least, most = min(by_size), max(by_size)
    growth = log(by_size[most].seconds / by_size[least].seconds) / log(most / least)
    ratio = taken[_OURS].seconds / taken[_DUCKDB].seconds
    return (
        Goal("log by query and day, times plain DuckDB's time", ratio, MOST, least=False),
        Goal("growth in log rows, exponent", growth, MOST_GROWTH, least=False),
        Goal("memory of the log by query and day, MiB", taken[_OURS].peak_mib, MOST_MIB, least=False),
    )
