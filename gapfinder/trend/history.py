"""What was searched before the window: weekly searches of each keyword as far back as the log goes.

Season and festivals need more than the weeks of a window. The weeks before it are plain searches (bots, caps and
bursts are judged in the window only), counted by the store: for an exact keyword those of its variants and of the same
words in any order, for a head term those of all queries that hold its words. Misspellings that were not searched in
the window are not known to be such. Where the log is no longer than the window nothing is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.demand import Demand
from gapfinder.keywords import EXACT
from gapfinder.privatedb import private_db
from gapfinder.searchlog import SearchLog
from gapfinder.trend.festivals import DAYS_A_WEEK
from indexer.segment import query_key
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]

MOST_WEEKS: Final = 157  # three years; older habits say little about coming weeks
_COLUMNS: Final = ("query_norm", "query_key", "day")
_GROUPS_AT_ONCE: Final = 500_000


@dataclass(frozen=True, slots=True)
class History:
    """Weekly searches before the window.

    Attributes:
        end: The day after the last of these weeks.
        weeks: How many; 0 where the log begins with the window.
        keyword, week, searches: One entry a keyword and week (0 is the oldest) with searches, by keyword and week.
    """

    end: date
    weeks: int
    keyword: Ints
    week: Ints
    searches: Ints

    def rows(self, first: int, last: int) -> Ints:
        """The weeks (columns) of the keywords from ``first`` up to but without ``last`` (rows)."""
        found = np.zeros((last - first, self.weeks), np.int64)
        part = slice(*np.searchsorted(self.keyword, [first, last]).tolist())
        found[self.keyword[part] - first, self.week[part]] = self.searches[part]
        return found


def history_of(weekly: Ints, end: date) -> History:
    """The history that these weeks are: one row a keyword, one column a week."""
    keyword, week = np.nonzero(weekly)
    return History(end, weekly.shape[1], keyword.astype(np.int64), week.astype(np.int64), weekly[keyword, week])


def no_history(end: date) -> History:
    """The history of a log that begins with the window."""
    nothing = np.empty(0, np.int64)
    return History(end, 0, nothing, nothing, nothing)


def history_before(snapshot: Snapshot, demand: Demand, *, most: int = MOST_WEEKS) -> History:
    """Weekly searches of the keywords of ``demand`` in the full weeks before the weeks that its trends are made of.

    Args:
        snapshot: Where the searches are.
        demand: Whose keywords, variants and window are meant.
        most: At most so many weeks, the newest.
    """
    end = demand.window.end - timedelta(days=demand.window.days // DAYS_A_WEEK * DAYS_A_WEEK)
    extent = snapshot.extent("search", "day")
    weeks = min((end - extent[0]).days // DAYS_A_WEEK, most) if extent else 0
    if weeks < 1:
        return no_history(end)
    first = end - timedelta(days=weeks * DAYS_A_WEEK)
    with private_db() as connection:
        log = SearchLog(connection, demand.window)
        _name_keywords(log, demand)
        _count(log, snapshot, first, end)
        counted = log.table(
            """
            SELECT keyword_id, week, sum(n)::BIGINT AS searches FROM counted
            GROUP BY 1, 2 ORDER BY 1, 2
            """
        )
    return History(end, weeks, *(counted[name].to_numpy() for name in ("keyword_id", "week", "searches")))


def _name_keywords(log: SearchLog, demand: Demand) -> None:
    """Make ``spelled`` (query_norm, keyword), ``keyed`` (query_key, keyword) and ``held`` (keyword, term, terms)."""
    exact = pc.equal(demand.keywords["match"], EXACT)
    owners = demand.members.join(demand.keywords.filter(exact).select(["keyword_id"]), "keyword_id", join_type="inner")
    log.keep("owners", owners)
    log.keep("spellings", demand.variants.select(["query_id", "query"]))
    log.run("CREATE TABLE spelled AS SELECT query, keyword_id FROM spellings JOIN owners USING (query_id)")
    texts = demand.queries.select(["query_id", "terms"]).to_pydict()
    keys = [query_key(terms) for terms in texts["terms"]]
    log.keep("keys", pa.table({"query_id": texts["query_id"], "key": pa.array(keys, pa.string())}))
    log.run("CREATE TABLE keyed AS SELECT key, keyword_id FROM keys JOIN owners USING (query_id) WHERE key <> ''")
    heads = demand.keywords.filter(pc.invert(exact)).select(["keyword_id", "terms"]).to_pydict()
    terms = [sorted(set(found)) for found in heads["terms"]]
    log.keep(
        "held",
        pa.table(
            {
                "keyword_id": pa.array(np.repeat(heads["keyword_id"], [len(found) for found in terms]), pa.int64()),
                "term": pa.array([term for found in terms for term in found], pa.string()),
                "terms": pa.array([len(found) for found in terms for _ in found], pa.int64()),
            }
        ),
    )
    log.run("CREATE TABLE counted (keyword_id BIGINT, week BIGINT, n BIGINT)")


def _count(log: SearchLog, snapshot: Snapshot, first: date, end: date) -> None:
    """Fill ``counted`` (keyword_id, week, n) group by group."""
    waiting: list[pa.RecordBatch] = []
    groups = 0
    for batch in snapshot.group_counts("search", list(_COLUMNS), window=("day", first, end)):
        waiting.append(batch.select([*_COLUMNS, "n"]))
        groups += batch.num_rows
        if groups >= _GROUPS_AT_ONCE:
            _add(log, pa.Table.from_batches(waiting), first)
            waiting, groups = [], 0
    if groups:
        _add(log, pa.Table.from_batches(waiting), first)


def _add(log: SearchLog, groups: pa.Table, first: date) -> None:
    log.append(
        groups,
        """
        INSERT INTO counted
        WITH weekly AS (
            SELECT query_norm AS query, query_key AS key, (day - CAST($first AS DATE)) // 7 AS week, sum(n) AS n
            FROM given WHERE query_norm IS NOT NULL GROUP BY 1, 2, 3
        ), owned AS (
            SELECT w.week, w.n, coalesce(s.keyword_id, k.keyword_id) AS keyword_id
            FROM weekly w LEFT JOIN spelled s USING (query) LEFT JOIN keyed k ON k.key = w.key
        ), holding AS (
            SELECT w.query, w.week, any_value(w.n) AS n, h.keyword_id
            FROM (SELECT query, key, week, n, unnest(string_split(key, ' ')) AS term FROM weekly) w
            JOIN held h USING (term)
            GROUP BY w.query, w.key, w.week, h.keyword_id, h.terms HAVING count(*) = h.terms
        )
        SELECT keyword_id, week, sum(n)::BIGINT
        FROM (SELECT keyword_id, week, n FROM owned WHERE keyword_id IS NOT NULL
              UNION ALL
              SELECT keyword_id, week, n FROM holding)
        GROUP BY 1, 2
        """,
        first=first,
    )
