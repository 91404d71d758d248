"""Demand: what people searched in a window, as canonical queries, their variants, keywords and days.

Every number here is a sum over canonical queries, and each search belongs to exactly one of them, so totals count each
search once however many keywords share it. ``searches`` and ``searchers`` are plain counts; ``demand`` is what is left
after bots, per-user caps and bursts (:mod:`gapfinder.counting`), and satisfied + unsatisfied + unknown == demand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.counting import count_demand, summed
from gapfinder.folding import NOT_FOLDED, SAME, SPELLING, fold
from gapfinder.keywords import EXACT, find_keywords, take_keywords
from gapfinder.searchlog import SearchLog, open_search_log
from gapfinder.sessions import mark_reformulated
from gapfinder.settings import Settings
from gapfinder.trend.slope import weekly_of
from gapfinder.window import Window, window_of
from indexer.segment import Segmenter
from indexer.stores.contract import Snapshot

MAX_QUERIES: Final = 300_000
NOTICEABLE: Final = 0.05  # share of the searches that must be missing from demand for a flag

_COUNTS: Final = ("demand", "satisfied", "unsatisfied", "unknown", "reformulated")


@dataclass(frozen=True, slots=True)
class Totals:
    """What the window holds as a whole; each search counts once.

    Attributes:
        searches: All searches.
        searchers: Distinct users; None when no user is known.
        demand: Searches after bots, caps and bursts, of queries with a word.
        queries: Distinct normalised queries.
        folded_queries: Distinct canonical queries.
        wordless_searches: Searches of queries without any word (punctuation, emoji).
        dropped_queries: Canonical queries that no keyword needs, or beyond ``max_queries``.
        dropped_searches: Their searches.
        dropped_keywords: Keywords beyond ``max_keywords``.
        bots: Users that search more than people do.
        bot_searches: Their searches.
    """

    searches: int
    searchers: int | None
    demand: int
    queries: int
    folded_queries: int
    wordless_searches: int
    dropped_queries: int
    dropped_searches: int
    dropped_keywords: int
    bots: int
    bot_searches: int


@dataclass(frozen=True, slots=True)
class Demand:
    """Demand in a window.

    Attributes:
        window: Its days.
        sums: What it holds as a whole.
        queries: One row a canonical query that a keyword needs, most searched first: query_id (0..n-1), text, terms
            (list of string, in order), searches, searchers (null where no user is known), people (searchers that are no
            bots), demand, satisfied, unsatisfied, unknown, reformulated.
        variants: query_id, query (normalised), searches, searchers, people (searchers that are no bots), demand,
            satisfied, unsatisfied, unknown, reformulated, folded_by (``same``, ``spelling``); by query_id, then most
            searched first.
        keywords: keyword_id (0..n-1, most searched first; in the user's order when typed), keyword, terms, match
            (``exact``, ``contains``), category (null until :func:`categorised`), flags, and the sums searches,
            searchers, people, demand, satisfied, unsatisfied, unknown, reformulated over all its queries (also those
            beyond ``max_queries``).
        members: keyword_id, query_id: the queries of each keyword, in that order.
        daily: keyword_id, day_index (0 is the first day of the window), searches, demand; days without are absent.
    """

    window: Window
    sums: Totals
    queries: pa.Table
    variants: pa.Table
    keywords: pa.Table
    members: pa.Table
    daily: pa.Table

    def daily_matrix(self, of: Literal["searches", "demand"] = "searches") -> npt.NDArray[np.int64]:
        """Searches (or demand) of each keyword (rows) on each day of the window (columns)."""
        matrix = np.zeros((self.keywords.num_rows, self.window.days), np.int64)
        matrix[self.daily["keyword_id"].to_numpy(), self.daily["day_index"].to_numpy()] = self.daily[of].to_numpy()
        return matrix

    def weekly(self) -> npt.NDArray[np.int64]:
        """Demand of each keyword in each full week, oldest first: what trends are made of, so that bots make none."""
        return weekly_of(self.daily_matrix("demand"))

    def exact_queries(self) -> list[int]:
        """The queries that are keywords of their own, by query_id."""
        exact = self.keywords.filter(pc.equal(self.keywords["match"], EXACT)).select(["keyword_id"])
        return sorted(set(self.members.join(exact, "keyword_id", join_type="inner")["query_id"].to_pylist()))

    def totals(self) -> dict[str, int | None]:
        """What the window holds as a whole, by name."""
        return asdict(self.sums)


def categorised(demand: Demand, categories: Sequence[str | None], only: Sequence[str] | None = None) -> Demand:
    """The demand with a category for each keyword, narrowed to the keywords of some categories when they are given."""
    names = pa.array(categories, pa.string())
    place = demand.keywords.schema.get_field_index("category")
    keywords = demand.keywords.set_column(place, "category", names)
    if only is None:
        return replace(demand, keywords=keywords)
    kept = pc.indices_nonzero(pc.is_in(names, value_set=pa.array(only, pa.string())))
    numbers = pa.array(range(len(kept)), pa.int64())

    def narrowed(table: pa.Table) -> pa.Table:
        number = pc.index_in(table["keyword_id"], value_set=kept.cast(pa.int64()))
        return table.set_column(0, "keyword_id", number.cast(pa.int64())).filter(pc.is_valid(number))

    return replace(
        demand,
        keywords=keywords.take(kept).set_column(0, "keyword_id", numbers),
        members=narrowed(demand.members),
        daily=narrowed(demand.daily),
    )


def measure_demand(
    snapshot: Snapshot,
    settings: Settings,
    segmenter: Segmenter,
    *,
    max_queries: int = MAX_QUERIES,
    also: Callable[[SearchLog, Demand], None] | None = None,
) -> Demand:
    """Measure the demand in a snapshot.

    Args:
        snapshot: What to read; only its searches are.
        settings: The window, the thresholds, and the keywords when the user named them.
        segmenter: The one that cut the snapshot's queries; it cuts the keywords of the user.
        max_queries: At most so many canonical queries, by searches, are listed.
        also: Told the log and what was measured of it, before the log is given back.

    Raises:
        DataError: The snapshot holds no searches.
        UsageError: The window holds no day of the log, or a keyword of the user holds no word.
    """
    window = window_of(snapshot, settings)
    with open_search_log(snapshot, window, settings) as log:
        _fold(log, settings["typo_frequency"])
        mark_reformulated(log, settings)
        count_demand(log, settings)
        dropped_keywords = 0
        if settings.keywords is None:
            dropped_keywords = find_keywords(log, settings)
        else:
            take_keywords(log, settings, segmenter, settings.keywords)
        log.run(
            """
            CREATE TABLE kept AS
            SELECT query, row_number() OVER (ORDER BY searches DESC, text) - 1 AS query_id
            FROM figures SEMI JOIN members USING (query)
            ORDER BY query_id LIMIT $most
            """,
            most=max_queries,
        )
        demand = Demand(
            window=window,
            sums=_totals(log, dropped_keywords),
            queries=_queries(log),
            variants=_variants(log),
            keywords=_keywords(log, settings, segmenter),
            members=log.table(
                "SELECT keyword_id, query_id FROM members JOIN kept USING (query) ORDER BY keyword_id, query_id"
            ),
            daily=_daily(log),
        )
        if also is not None:
            also(log, demand)
    return demand


def _fold(log: SearchLog, times: float) -> None:
    """Make ``folded`` (variant, query, folded_by), ``canonical`` (query, text, terms, key) and ``words`` (query, term).

    A canonical query is numbered as the variant that gives its form.
    """
    rows = log.table(
        """
        SELECT v.query, v.terms, v.key, s.n
        FROM variants v
        JOIN (SELECT variant, sum(searches - by_bots)::BIGINT AS n FROM daily GROUP BY 1) s USING (variant)
        ORDER BY v.variant
        """
    )
    queries, terms, keys = (_whole(rows[name]) for name in ("query", "terms", "key"))
    folding = fold(queries, terms, keys, rows["n"].to_numpy(), times)
    places = np.flatnonzero(folding.canonical != NOT_FOLDED)
    log.keep(
        "folded",
        pa.table(
            {
                "variant": pa.array(places, pa.int32()),
                "query": pa.array(folding.canonical[places], pa.int32()),
                "folded_by": pa.array(np.where(folding.misspelled[places], SPELLING, SAME), pa.string()),
            }
        ),
    )
    log.run(
        """
        CREATE TABLE canonical AS
        SELECT variant AS query, query AS text, terms, key FROM variants WHERE variant IN (SELECT query FROM folded)
        """
    )
    log.run("CREATE TABLE words AS SELECT query, unnest(string_split(key, ' ')) AS term FROM canonical")


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column of texts as one array, also beyond 2 GB."""
    return pa.concat_arrays([pa.array([], pa.large_string()), *column.cast(pa.large_string()).chunks])


def _totals(log: SearchLog, dropped_keywords: int) -> Totals:
    """The whole window in numbers."""
    searches, bot_searches = log.one(
        "SELECT coalesce(sum(searches), 0)::BIGINT, coalesce(sum(by_bots), 0)::BIGINT FROM daily"
    )
    (searchers,) = log.one("SELECT count(*) FROM persons")
    (queries,) = log.one("SELECT count(*) FROM variants")
    (bots,) = log.one("SELECT count(*) FROM bots")
    folded, in_folded, demand, kept, in_kept = log.one(
        """
        SELECT count(*), coalesce(sum(searches), 0)::BIGINT, coalesce(sum(demand), 0)::BIGINT,
               count(query_id), coalesce(sum(searches) FILTER (query_id IS NOT NULL), 0)::BIGINT
        FROM figures LEFT JOIN kept USING (query) WHERE searches > 0
        """
    )
    return Totals(
        searches=searches,
        searchers=searchers or None,
        demand=demand,
        queries=queries,
        folded_queries=folded,
        wordless_searches=searches - in_folded,
        dropped_queries=folded - kept,
        dropped_searches=in_folded - in_kept,
        dropped_keywords=dropped_keywords,
        bots=bots,
        bot_searches=bot_searches,
    )


def _queries(log: SearchLog) -> pa.Table:
    """The table ``queries`` of :class:`Demand`."""
    return log.table(
        """
        SELECT query_id, text, string_split(terms, ' ') AS terms, searches, nullif(searchers, 0) AS searchers,
               CASE WHEN searchers > 0 THEN people END AS people, demand, satisfied, unsatisfied, unknown, reformulated
        FROM figures JOIN kept USING (query) ORDER BY query_id
        """
    )


def _variants(log: SearchLog) -> pa.Table:
    """The table ``variants`` of :class:`Demand`."""
    return log.table(
        f"""
        SELECT k.query_id, v.query, t.searches, nullif(a.searchers, 0) AS searchers,
               CASE WHEN a.searchers > 0 THEN a.people END AS people, {", ".join(_COUNTS)}, f.folded_by
        FROM folded f JOIN kept k USING (query) JOIN variants v USING (variant)
        JOIN (SELECT a.variant, count(a.person) AS searchers, count(a.person) - count(b.person) AS people
              FROM askers a LEFT JOIN bots b ON b.person = a.person GROUP BY 1) a USING (variant)
        JOIN (SELECT variant, {summed("searches", *_COUNTS)} FROM tally GROUP BY 1) t USING (variant)
        ORDER BY k.query_id, t.searches DESC, v.query
        """  # noqa: S608 - constants of this package
    )


def _keywords(log: SearchLog, settings: Settings, segmenter: Segmenter) -> pa.Table:
    """The table ``keywords`` of :class:`Demand`."""
    log.run(
        """
        CREATE TABLE sought AS
        SELECT keyword_id, count(person) AS searchers, count(person) FILTER (NOT bot) AS people
        FROM (SELECT DISTINCT m.keyword_id, a.person, a.bot
              FROM members m JOIN chosen c USING (keyword_id) JOIN asked a ON a.query = m.query
              WHERE c.query IS NULL)
        GROUP BY 1
        """
    )
    sums = ", ".join(
        f"sum(f.{name})::BIGINT AS {name}" for name in ("searches", *_COUNTS, "by_bots", "repeated", "burst")
    )
    rows = log.table(
        f"""
        SELECT c.keyword_id, c.keyword, c.match, c.typed, min(f.terms) AS terms,
               nullif(coalesce(max(s.searchers), max(f.searchers)), 0)::BIGINT AS searchers,
               CASE WHEN coalesce(max(s.searchers), max(f.searchers)) > 0
                    THEN coalesce(max(s.people), max(f.people)) END::BIGINT AS people, {sums}
        FROM chosen c JOIN members m USING (keyword_id) JOIN figures f ON f.query = m.query
        LEFT JOIN sought s ON s.keyword_id = c.keyword_id
        GROUP BY c.keyword_id, c.keyword, c.match, c.typed ORDER BY c.keyword_id
        """  # noqa: S608 - columns of this package
    )
    terms = [
        row["terms"].split(" ")
        if row["match"] == EXACT
        else segmenter.query_terms(row["keyword"])
        if row["typed"]
        else [row["keyword"]]
        for row in rows.select(["keyword", "match", "typed", "terms"]).to_pylist()
    ]
    return pa.table(
        {
            "keyword_id": rows["keyword_id"],
            "keyword": rows["keyword"],
            "terms": pa.array(terms, pa.list_(pa.string())),
            "match": rows["match"],
            "category": pa.nulls(rows.num_rows, pa.string()),
            "flags": _flags(rows, settings),
            **{name: rows[name] for name in ("searches", "searchers", "people", *_COUNTS)},
        }
    )


def _flags(rows: pa.Table, settings: Settings) -> pa.Array:
    """What a reader must know about each keyword's demand, in a fixed order."""
    searches = rows["searches"].to_numpy()
    searchers = rows["searchers"].fill_null(-1).to_numpy()
    noticeable = np.maximum(searches * NOTICEABLE, 1e-9)
    marks = {
        "typed_in_list": rows["typed"].to_numpy(),
        "few_searches": rows["demand"].to_numpy() < settings.whole("min_searches"),
        "few_searchers": (searchers >= 0) & (searchers < settings.whole("few_searchers")),
        "bot": rows["by_bots"].to_numpy() >= noticeable,
        "burst": rows["burst"].to_numpy() >= noticeable,
        "repeated": rows["repeated"].to_numpy() >= noticeable,
    }
    flags: list[list[str]] = [[] for _ in range(rows.num_rows)]
    for name, marked in marks.items():
        for place in np.flatnonzero(marked).tolist():
            flags[place].append(name)
    return pa.array(flags, pa.list_(pa.string()))


def _daily(log: SearchLog) -> pa.Table:
    """The table ``daily`` of :class:`Demand`."""
    return log.table(
        """
        SELECT keyword_id, day::BIGINT AS day_index, sum(searches)::BIGINT AS searches, sum(demand)::BIGINT AS demand
        FROM members JOIN tally USING (query) GROUP BY 1, 2 ORDER BY 1, 2
        """
    )
