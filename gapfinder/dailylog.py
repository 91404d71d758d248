"""The log by query and day, exact: what demand is made of, before anything is held back or folded.

The searches are read once. Searchers are counted exactly: first each person's searches of a query on a day are one row,
then those rows are counted. A log too large for the memory that the user gives is first split on the disk into portions
that are not, by query and day, so that each portion is aggregated on its own and nothing is added up twice (the
partitioning of a Grace hash join). Its cost stays in proportion to the log, where an aggregate that runs out of memory
writes and reads its rows again and again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from gapfinder.memory import MEMORY, bytes_of
from gapfinder.privatedb import PARQUET, private_db
from indexer.records import SEARCH
from indexer.stores.contract import Snapshot

SCHEMA: Final = pa.schema(
    [
        pa.field("query", pa.string()),
        pa.field("day", pa.date32()),
        pa.field("searches", pa.int64()),
        pa.field("clicked", pa.int64()),
        pa.field("searchers", pa.int64()),
    ]
)
BYTES_A_ROW: Final = 100  # that a search takes in the tables of an aggregate, where hardly two of a person are alike
_COLUMNS: Final = ("query_norm", "day", "user_id", "clicks")
_ROWS: Final = 131_072
_TAKEN: Final = """
    SELECT query_norm AS query, day, user_id AS person, coalesce(clicks > 0, false) AS click
    FROM {source} WHERE day >= $first AND day < $end
"""
_SPLIT: Final = """
    COPY (SELECT *, CAST(hash(query, day) % {portions} AS INTEGER) AS portion FROM ({taken}))
    TO '{folder}' (FORMAT parquet, PARTITION_BY portion, COMPRESSION lz4)
"""
_BY_DAY: Final = """
    SELECT query, day, sum(n)::BIGINT AS searches, sum(clicked)::BIGINT AS clicked, count(person) AS searchers
    FROM (SELECT query, day, person, count(*) AS n, count(*) FILTER (click) AS clicked FROM ({taken}) GROUP BY ALL)
    GROUP BY ALL
"""


def daily_log(
    snapshot: Snapshot, first: date, end: date, *, memory: str = MEMORY, ordered: bool = False
) -> Iterator[pa.RecordBatch]:
    """Searches of each query on each day (schema ``SCHEMA``).

    Args:
        snapshot: What is read; only its searches are.
        first: The first day.
        end: The day after the last.
        memory: Most that is held before it spills, for example ``384MB``.
        ordered: By query, then day; else in no order.

    Yields:
        ``query`` (normalised), ``day``, ``searches``, ``clicked`` (searches with a click) and ``searchers`` (distinct
        people; 0 where no user is known).
    """
    portions = ceil(snapshot.count(SEARCH.name) * BYTES_A_ROW / bytes_of(memory))
    with private_db(memory) as database, tempfile.TemporaryDirectory(prefix="gapfinder-") as folder:
        taken, named = _source(database, snapshot, first, end)
        if portions <= 1:
            answers = iter([(_BY_DAY.format(taken=taken), named)])
        else:
            answers = _split(database, taken, named, portions, Path(folder))
        if ordered:
            answers = iter([_in_order(database, answers)])
        for statement, given in answers:
            for batch in database.sql(statement, params=given).to_arrow_reader(_ROWS):
                yield batch.cast(SCHEMA)


Answer = tuple[str, dict[str, Any]]


def _source(database: duckdb.DuckDBPyConnection, snapshot: Snapshot, first: date, end: date) -> Answer:
    """What gives the searches: a query and its parameters."""
    days = {"first": first, "end": end}
    files = snapshot.files(SEARCH.name)
    if files is not None:
        return _TAKEN.format(source=PARQUET), {**days, "files": files}
    rows = snapshot.scan(SEARCH.name, list(_COLUMNS), window=("day", first, end))
    schema = pa.schema([pa.field(name, SEARCH.schema.field(name).type) for name in _COLUMNS])
    database.register("given", pa.RecordBatchReader.from_batches(schema, (row.cast(schema) for row in rows)))
    return _TAKEN.format(source="given"), days


def _split(
    database: duckdb.DuckDBPyConnection, taken: str, named: dict[str, Any], portions: int, folder: Path
) -> Iterator[Answer]:
    """The aggregates of each portion; its files are gone when the next one is asked for."""
    database.execute(_SPLIT.format(taken=taken, portions=portions, folder=folder / "log"), named)
    for portion in sorted((folder / "log").glob("portion=*")):
        files = sorted(portion.iterdir())
        yield (
            _BY_DAY.format(taken=f"FROM {PARQUET}"),
            {"files": list(map(str, files))},
        )
        for file in files:
            file.unlink()


def _in_order(database: duckdb.DuckDBPyConnection, answers: Iterator[Answer]) -> Answer:
    """All answers together, by query and day."""
    database.execute("CREATE TABLE days (query VARCHAR, day DATE, searches BIGINT, clicked BIGINT, searchers BIGINT)")
    for statement, named in answers:
        database.execute("INSERT INTO days " + statement, named)
    return "FROM days ORDER BY query, day", {}
