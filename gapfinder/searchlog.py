"""The searches of a window as tables of plain numbers, in a private DuckDB that spills to disk instead of growing.

``searches`` holds one row a search: ``variant`` (number of the normalised query, by code point), ``person`` and
``session`` (numbers, null where unknown), ``moment`` (microseconds since 1970), ``day`` (0 is the window's first day)
and ``state`` (:data:`SATISFIED`, :data:`UNSATISFIED`, :data:`UNKNOWN`). What needs no single searches is made of three
tables that are summed from it once:

* ``variants``: one row a distinct normalised query: ``variant``, ``query``, ``terms``, ``key``;
* ``askers``: one row a variant and person, also one for all unknown persons together: ``n`` searches;
* ``daily``: one row a variant and day: ``searches``, ``by_bots``, and of the others ``anonymous`` (nobody knows whose),
  ``satisfied``, ``unsatisfied``, ``unknown``.

``bots`` holds the persons that search more than people do.

Texts become numbers while they are read: 64 bits of a hash, and another hash is taken in the very rare case that two
queries or two people of the log have the same. Only the numbers of variants mean something. Sessions are not looked
through for it: two that have the same number are one only where they meet within minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pyarrow as pa

from gapfinder.privatedb import PARQUET, private_db
from gapfinder.settings import Settings
from gapfinder.window import Window
from indexer.errors import DataError
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


# How texts are hashed; the next way is taken where one gives two texts the same number.
HASHES: Final = ("hash({})", "md5_number_lower({})", "md5_number_upper({})")

_FILES: Final = f"(SELECT * FROM {PARQUET} WHERE day >= $first AND day < $end)"  # noqa: S608 - our own constant
_STATE: Final = f"""
    CASE WHEN result_count IS NULL THEN {UNKNOWN}
         WHEN result_count = 0 THEN {UNSATISFIED}
         WHEN acted OR longest_dwell >= $dwell THEN {SATISFIED}
         WHEN clicks > 0 AND longest_dwell IS NULL THEN {UNKNOWN}
         ELSE {UNSATISFIED} END
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
        self.person = HASHES[0]  # what makes a person's number of a user id, with the id as ``{}``

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
        with _source(log, snapshot) as source:
            source.number(settings["dwell_seconds"])
        log.run("CREATE TABLE askers AS SELECT variant, person, count(*) AS n FROM searches GROUP BY 1, 2")
        _find_bots(log, settings)
        _sum_by_day(log)
        yield log


@dataclass(frozen=True, slots=True)
class _Source:
    """The raw searches of the window, which may be read several times.

    Attributes:
        log: The log they go to.
        rows: The relation that they are, in SQL.
        parameters: What the relation names by ``$``.
    """

    log: SearchLog
    rows: str
    parameters: dict[str, object]

    def number(self, dwell_seconds: float) -> None:
        """Make ``variants`` and ``searches``."""
        self._make_variants()
        query = self._telling("query", "variants")
        self._run("CREATE TABLE persons AS SELECT DISTINCT user_id FROM {rows} WHERE user_id IS NOT NULL")
        person = self.log.person = self._telling("user_id", "persons")
        self.log.drop("persons")
        # A session that was not recorded is the user's own searches; only close ones of them are ever compared.
        session = _known(HASHES[0], "coalesce('s' || session_id, 'u' || user_id)")
        self.log.run(
            f"CREATE TABLE keyed AS SELECT variant, {query.format('query')} AS hash FROM variants"  # noqa: S608 - ours
        )
        self._run(
            f"""
            CREATE TABLE searches AS
            SELECT k.variant, {_known(person, "user_id")} AS person, {session} AS session,
                   epoch_us(searched_at) AS moment, (day - CAST($opening AS DATE))::INTEGER AS day,
                   ({_STATE})::TINYINT AS state
            FROM {{rows}} r JOIN keyed k ON k.hash = {query.format("coalesce(query_norm, '')")}
            """,  # noqa: S608 - constants of this module
            dwell=dwell_seconds,
            opening=self.log.window.first,
        )
        self.log.drop("keyed")

    def _make_variants(self) -> None:
        self._run(
            """
            CREATE TABLE variants AS
            SELECT CAST(row_number() OVER (ORDER BY query) - 1 AS INTEGER) AS variant, query, terms, key
            FROM (SELECT coalesce(query_norm, '') AS query, min(coalesce(query_terms, '')) AS terms,
                         min(coalesce(query_key, '')) AS key
                  FROM {rows} GROUP BY 1)
            """
        )

    def _telling(self, column: str, table: str) -> str:
        """The hash that gives each text of a table, which are distinct, another number."""
        for chosen in HASHES:
            (same,) = self.log.one(
                f"SELECT count(*) - count(DISTINCT {chosen.format(column)}) FROM {table}"  # noqa: S608 - ours
            )
            if same == 0:
                return chosen
        raise DataError(f"the log holds too many distinct values of {column} to be told apart")

    def _run(self, statement: str, **more: object) -> None:
        self.log.run(statement.format(rows=self.rows), **{**self.parameters, **more})


def _known(chosen: str, value: str) -> str:
    """The hash of a value, null where that is null (DuckDB has a hash for null as well)."""
    return f"CASE WHEN {value} IS NOT NULL THEN {chosen.format(value)} END"


@contextmanager
def _source(log: SearchLog, snapshot: Snapshot) -> Iterator[_Source]:
    """The searches of the window: the store's files where it has some, else a table that they are copied to."""
    files = snapshot.files(SEARCH.name)
    if files is not None:
        yield _Source(log, _FILES, {"files": files, "first": log.window.first, "end": log.window.end})
        return
    log.append(_SCHEMA.empty_table(), "CREATE TABLE raw AS SELECT * FROM given")
    window = ("day", log.window.first, log.window.end)
    for rows in _in_portions(snapshot.scan(SEARCH.name, list(_COLUMNS), window=window)):
        log.append(rows, "INSERT INTO raw SELECT * FROM given")
    yield _Source(log, "raw", {})
    log.drop("raw")


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


def _find_bots(log: SearchLog, settings: Settings) -> None:
    """Make the table ``bots``: users that search more than people do.

    The share of all searches is looked at only where the log is large and has enough users for it to mean something:
    among ten people each has a tenth. Days are looked at only of those with enough searches for a day's limit.
    """
    log.run(
        "CREATE TABLE persons AS SELECT person, sum(n)::BIGINT AS n FROM askers WHERE person IS NOT NULL GROUP BY 1"
    )
    (people,) = log.one("SELECT count(*) FROM persons")
    (searches,) = log.one("SELECT count(*) FROM searches")
    share = settings["user_window_share"]
    telling = searches >= SEARCHES_FOR_BOT_SHARE and people * share >= EVEN_SHARES_FOR_BOT
    most = share * searches if telling else searches
    log.run(
        """
        CREATE TABLE bots AS
        SELECT person FROM persons WHERE n > $most
        UNION
        SELECT person
        FROM searches SEMI JOIN (SELECT person FROM persons WHERE n > $most_a_day) USING (person)
        GROUP BY person, day HAVING count(*) > $most_a_day
        """,
        most_a_day=settings.whole("user_day_queries"),
        most=most,
    )


def _sum_by_day(log: SearchLog) -> None:
    """Make the table ``daily``."""
    log.run(
        f"""
        CREATE TABLE daily AS
        SELECT s.variant, s.day, count(*) AS searches, count(b.person) AS by_bots,
               count(*) FILTER (s.person IS NULL) AS anonymous,
               count(*) FILTER (b.person IS NULL AND state = {SATISFIED}) AS satisfied,
               count(*) FILTER (b.person IS NULL AND state = {UNSATISFIED}) AS unsatisfied,
               count(*) FILTER (b.person IS NULL AND state = {UNKNOWN}) AS unknown
        FROM searches s LEFT JOIN bots b ON b.person = s.person
        GROUP BY 1, 2
        """  # noqa: S608 - constants of this module
    )
