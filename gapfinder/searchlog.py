"""The searches of a window as one table of plain numbers, in a private DuckDB that spills to disk instead of growing.

``searches`` holds one row a search: ``variant`` (number of the normalised query, by code point), ``person`` and
``session`` (numbers, null where unknown), ``moment`` (microseconds since 1970), ``day`` (0 is the window's first day),
``state`` (:data:`SATISFIED`, :data:`UNSATISFIED`, :data:`UNKNOWN`) and ``bot``. ``variants`` holds one row a distinct
normalised query: ``variant``, ``query``, ``terms``, ``key``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import pyarrow as pa

from gapfinder.privatedb import private_db
from gapfinder.settings import Settings
from gapfinder.window import Window
from indexer.records import SEARCH
from indexer.stores.contract import Snapshot

# What became of a search.
UNKNOWN: Final = 0
SATISFIED: Final = 1
UNSATISFIED: Final = 2

SEARCHES_FOR_BOT_SHARE: Final = 1000  # in a smaller log a large share of all searches says little about a user
EVEN_SHARES_FOR_BOT: Final = 2  # nor where the share is not at least so many times the even one

_ROWS_AT_ONCE: Final = 131_072
_COLUMNS: Final = (
    "query_norm",
    "query_terms",
    "query_key",
    "user_id",
    "session_id",
    "searched_at",
    "day",
    "result_count",
    "clicks",
    "longest_dwell",
    "acted",
)
_SCHEMA: Final = pa.schema([pa.field(name, SEARCH.schema.field(name).type) for name in _COLUMNS])


_FILES: Final = """
    (SELECT * FROM read_parquet($files, union_by_name = true, hive_partitioning = false)
     WHERE day >= $first AND day < $end)
"""
_TAKEN: Final = """
    INSERT INTO raw
    SELECT coalesce(query_norm, ''), coalesce(query_terms, ''), coalesce(query_key, ''), user_id,
           coalesce('s' || session_id, 'u' || user_id), epoch_us(searched_at), day - CAST($first AS DATE),
           CASE WHEN result_count IS NULL THEN $unknown
                WHEN result_count = 0 THEN $unsatisfied
                WHEN acted OR longest_dwell >= $dwell THEN $satisfied
                WHEN clicks > 0 AND longest_dwell IS NULL THEN $unknown
                ELSE $unsatisfied END
    FROM {source}
"""


class SearchLog:
    """The tables of this module and a place for those that are computed from them.

    Args:
        connection: The private DuckDB connection.
        window: The days whose searches were read.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, window: Window) -> None:
        self._connection = connection
        self.window = window

    def run(self, statement: str, **parameters: object) -> None:
        """Run a statement that answers nothing; ``$name`` stands for a parameter."""
        self._connection.execute(statement, parameters)

    def table(self, query: str, **parameters: object) -> pa.Table:
        """The answer of a query."""
        return self._connection.sql(query, params=parameters).to_arrow_table()

    def batches(self, query: str) -> Iterator[pa.RecordBatch]:
        """The answer of a query, batch by batch; other statements may run in between."""
        with self._connection.cursor() as reading:
            yield from reading.sql(query).to_arrow_reader(_ROWS_AT_ONCE)

    def one(self, query: str, **parameters: object) -> tuple[Any, ...]:
        """The only row of an answer."""
        (row,) = self._connection.execute(query, parameters).fetchall()
        return tuple(row)

    def keep(self, name: str, rows: pa.Table) -> None:
        """Make a table of rows computed elsewhere."""
        self.append(rows, f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given")  # noqa: S608 - our own names

    def append(self, rows: pa.Table, statement: str, **parameters: object) -> None:
        """Run a statement that reads rows computed elsewhere as ``given``."""
        self._connection.register("given", rows)
        try:
            self.run(statement, **parameters)
        finally:
            self._connection.unregister("given")

    def drop(self, *names: str) -> None:
        """Give back tables that are needed no more."""
        for name in names:
            self.run(f"DROP TABLE {name}")


@contextmanager
def open_search_log(snapshot: Snapshot, window: Window, settings: Settings) -> Iterator[SearchLog]:
    """Read the searches of a window; everything is gone when the context is left."""
    with private_db(settings.memory) as connection:
        log = SearchLog(connection, window)
        _read(log, snapshot, settings["dwell_seconds"])
        _number(log)
        _mark_bots(log, settings)
        yield log


def _read(log: SearchLog, snapshot: Snapshot, dwell_seconds: float) -> None:
    """Take in the raw searches, each with what became of it.

    A session that was not recorded is the user's own searches; only close ones of them are ever compared.
    """
    log.run(
        """
        CREATE TABLE raw (query VARCHAR, terms VARCHAR, key VARCHAR, person VARCHAR, session VARCHAR,
                          moment BIGINT, day INTEGER, state TINYINT)
        """
    )
    named = {
        "first": log.window.first,
        "dwell": dwell_seconds,
        "unknown": UNKNOWN,
        "satisfied": SATISFIED,
        "unsatisfied": UNSATISFIED,
    }
    files = snapshot.files(SEARCH.name)
    if files is not None:
        log.run(_TAKEN.format(source=_FILES), files=files, end=log.window.end, **named)
        return
    window = ("day", log.window.first, log.window.end)
    for rows in _in_portions(snapshot.scan(SEARCH.name, list(_COLUMNS), window=window)):
        log.append(rows, _TAKEN.format(source="given"), **named)


def _in_portions(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Put small batches together, so that each insert is worth its overhead."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch.select(list(_COLUMNS)).cast(_SCHEMA))
        rows += batch.num_rows
        if rows >= _ROWS_AT_ONCE:
            yield pa.Table.from_batches(waiting, _SCHEMA)
            waiting, rows = [], 0
    if rows:
        yield pa.Table.from_batches(waiting, _SCHEMA)


def _number(log: SearchLog) -> None:
    """Replace the texts by numbers; only the numbers of variants mean something (their order is that of the texts)."""
    log.run(
        """
        CREATE TABLE variants AS
        SELECT CAST(row_number() OVER (ORDER BY query) - 1 AS INTEGER) AS variant, query, terms, key
        FROM (SELECT query, min(terms) AS terms, min(key) AS key FROM raw GROUP BY 1)
        """
    )
    for name in ("person", "session"):
        log.run(
            f"""
            CREATE TABLE {name}s AS
            SELECT name, CAST(row_number() OVER () AS INTEGER) AS {name}
            FROM (SELECT DISTINCT {name} AS name FROM raw WHERE {name} IS NOT NULL)
            """  # noqa: S608 - the two names above
        )
    log.run(
        """
        CREATE TABLE numbered AS
        SELECT v.variant, p.person, s.session, r.moment, r.day, r.state
        FROM raw r JOIN variants v ON v.query = r.query
        LEFT JOIN persons p ON p.name = r.person
        LEFT JOIN sessions s ON s.name = r.session
        """
    )
    log.drop("raw", "persons", "sessions")


def _mark_bots(log: SearchLog, settings: Settings) -> None:
    """Mark the searches of users that search more than people do.

    The share of all searches is looked at only where the log is large and has enough users for it to mean something:
    among ten people each has a tenth.
    """
    searches, people = log.one("SELECT count(*), count(DISTINCT person) FROM numbered")
    share = settings["user_window_share"]
    telling = searches >= SEARCHES_FOR_BOT_SHARE and people * share >= EVEN_SHARES_FOR_BOT
    log.run(
        """
        CREATE TABLE bots AS
        SELECT person
        FROM (SELECT person, day, count(*) AS n FROM numbered WHERE person IS NOT NULL GROUP BY 1, 2)
        GROUP BY person HAVING max(n) > $most_a_day OR sum(n) > $most
        """,
        most_a_day=settings.whole("user_day_queries"),
        most=share * searches if telling else searches,
    )
    log.run(
        """
        CREATE TABLE searches AS
        SELECT n.*, b.person IS NOT NULL AS bot FROM numbered n LEFT JOIN bots b ON b.person = n.person
        """
    )
    log.drop("numbered")
