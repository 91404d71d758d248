"""The log by query and day, exact: what demand is made of, before anything is held back or folded.

One scan of the searches, in memory that the user sets; what does not fit lies on the disk meanwhile. Searchers are
counted exactly: first each person's searches of a query on a day are one row, then those rows are counted, which spills
where a set of persons for each query and day would not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import duckdb
import pyarrow as pa

from gapfinder.memory import MEMORY
from gapfinder.privatedb import private_db
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
_COLUMNS: Final = ("query_norm", "day", "user_id", "clicks")
_ROWS: Final = 131_072
_BY_DAY: Final = """
    SELECT query_norm AS query, day, sum(n)::BIGINT AS searches, sum(clicked)::BIGINT AS clicked,
           count(user_id) AS searchers
    FROM (SELECT query_norm, day, user_id, count(*) AS n, count(*) FILTER (clicks > 0) AS clicked
          FROM {source} WHERE day >= $first AND day < $end GROUP BY ALL)
    GROUP BY ALL
"""
_FILES: Final = "read_parquet($files, union_by_name = true, hive_partitioning = false)"


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
    order = " ORDER BY query, day" if ordered else ""
    days = {"first": first, "end": end}
    files = snapshot.files(SEARCH.name)
    with private_db(memory) as database:
        if files is not None:
            statement = _BY_DAY.format(source=_FILES) + order
            yield from _batches(database.sql(statement, params={**days, "files": files}))
            return
        rows = snapshot.scan(SEARCH.name, list(_COLUMNS), window=("day", first, end))
        schema = pa.schema([pa.field(name, SEARCH.schema.field(name).type) for name in _COLUMNS])
        database.register("given", pa.RecordBatchReader.from_batches(schema, (row.cast(schema) for row in rows)))
        yield from _batches(database.sql(_BY_DAY.format(source="given") + order, params=days))


def _batches(answer: duckdb.DuckDBPyRelation) -> Iterator[pa.RecordBatch]:
    for batch in answer.to_arrow_reader(_ROWS):
        yield batch.cast(SCHEMA)
