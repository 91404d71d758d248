"""Which keywords an analysis is about: what people search as a whole (exact), and the words that many queries share.

An *exact* keyword is a canonical query with enough demand and searchers. A *contains* keyword is a head term: a word
with a meaning of its own that enough distinct canonical queries contain; its searches are those of the queries that
hold it. Where a head term is an exact keyword already, the exact one stands.

Works on the tables of :mod:`gapfinder.demand` (``figures``: one row a canonical query; ``words``: its distinct terms).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

import pyarrow as pa

from gapfinder.searchlog import SearchLog
from gapfinder.settings import Settings
from indexer.errors import UsageError
from indexer.normalize import normalize
from indexer.segment import Segmenter, query_key

EXACT: Final = "exact"
CONTAINS: Final = "contains"
SHORTEST_HEAD: Final = 2

_UNITS: Final = (
    "ml|l|g|kg|mg|mm|cm|m|oz|w|v|mah|gb|tb|g|毫升|升|克|千克|公斤|斤|厘米|毫米|米|寸|英寸|段|岁|周岁|个月|月|天|周|年|元|块|号|码|"
    "片|包|袋|瓶|盒|支|只|件|套|箱|罐|条|双|个|度|级|代|期|次|倍|人|小时|分钟|秒"
)
_AMOUNT: Final = re.compile(rf"[\d.]+({_UNITS})?|{_UNITS}")


@cache
def generic_words() -> frozenset[str]:
    """Words that say how somebody searches, not what for (``generic.txt`` of the dictionary, one word a line)."""
    text = (resources.files("indexer.dictionary") / "generic.txt").read_text(encoding="utf-8")
    lines = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return frozenset(normalize(line) for line in lines if line)


def is_topic(term: str) -> bool:
    """Whether a term says what a query is about: two characters or more, not generic, no number or amount."""
    return len(term) >= SHORTEST_HEAD and term not in generic_words() and _AMOUNT.fullmatch(term) is None


def find_keywords(log: SearchLog, settings: Settings) -> int:
    """Make the tables ``chosen`` (one row a keyword, numbered from 0) and ``members`` from what the log has.

    Returns:
        How many keywords were left out because of ``max_keywords``.
    """
    _find_exact(log, settings)
    _find_heads(log, settings)
    log.run(
        """
        CREATE TABLE ranked AS
        SELECT *, row_number() OVER (ORDER BY searches DESC, keyword) - 1 AS keyword_id
        FROM (SELECT text AS keyword, $exact AS match, query, searches FROM exact
              UNION ALL
              SELECT term, $contains, NULL, searches FROM heads h
              WHERE NOT EXISTS (FROM exact e WHERE e.key = h.term)
                AND NOT EXISTS (FROM exact e WHERE e.text = h.term))
        """,
        exact=EXACT,
        contains=CONTAINS,
    )
    most = settings.whole("max_keywords")
    log.run(
        """
        CREATE TABLE chosen AS
        SELECT keyword_id, keyword, match, query, FALSE AS typed FROM ranked WHERE keyword_id < $most
        """,
        most=most,
    )
    log.run(
        """
        CREATE TABLE members AS
        SELECT keyword_id, query FROM chosen WHERE query IS NOT NULL
        UNION ALL
        SELECT c.keyword_id, w.query FROM chosen c JOIN words w ON w.term = c.keyword WHERE c.query IS NULL
        """
    )
    (found,) = log.one("SELECT count(*) FROM ranked")
    return max(0, int(found) - most)


def _find_exact(log: SearchLog, settings: Settings) -> None:
    """Make the table ``exact``: canonical queries that are keywords. A search without a user may be anybody's."""
    log.run(
        """
        CREATE TABLE exact AS
        SELECT query, text, key, searches FROM figures
        WHERE demand >= $searches AND (people = 0 OR people + anonymous >= $searchers)
        """,
        searches=settings.whole("min_searches"),
        searchers=settings.whole("min_searchers"),
    )


def _find_heads(log: SearchLog, settings: Settings) -> None:
    """Make the table ``heads`` (term, searches): topics that enough distinct queries of people contain."""
    log.run(
        """
        CREATE TABLE shared AS
        SELECT w.term, sum(f.searches) AS searches FROM words w JOIN figures f USING (query)
        GROUP BY w.term HAVING count(*) FILTER (f.demand > 0) >= $queries AND sum(f.demand) >= $searches
        """,
        queries=settings.whole("min_queries"),
        searches=settings.whole("min_searches"),
    )
    shared = log.table("SELECT term FROM shared ORDER BY term")["term"].to_pylist()
    log.keep("head_topics", pa.table({"term": pa.array([term for term in shared if is_topic(term)], pa.string())}))
    # One query with enough people shows that its words have them; persons are compared only where none has.
    log.run(
        """
        CREATE TABLE surely AS
        SELECT w.term, s.searches, bool_or(p.people + p.anonymous >= $searchers) OR max(p.people) = 0 AS sure
        FROM shared s JOIN head_topics t USING (term) JOIN words w USING (term) JOIN people p USING (query)
        GROUP BY w.term, s.searches
        """,
        searchers=settings.whole("min_searchers"),
    )
    log.run(
        """
        CREATE TABLE heads AS
        SELECT term, searches FROM surely WHERE sure
        UNION ALL
        SELECT term, searches
        FROM (SELECT u.term, u.searches, a.person, sum(a.n) AS n
              FROM surely u JOIN words w USING (term) JOIN asked a USING (query)
              WHERE NOT u.sure AND NOT a.bot GROUP BY 1, 2, 3)
        GROUP BY 1, 2
        HAVING count(person) + coalesce(sum(n) FILTER (person IS NULL), 0) >= $searchers
        """,
        searchers=settings.whole("min_searchers"),
    )


def take_keywords(log: SearchLog, settings: Settings, segmenter: Segmenter, typed: Sequence[str]) -> None:
    """Make the tables ``chosen`` and ``members`` from keywords that the user named, whatever their support.

    A keyword is exact where its canonical query is a keyword by the settings; else it stands for the queries that hold
    all its words, where these are enough for a head; else for its own canonical query, else for those few queries. One
    that nobody searched gets a query of its own with zeros.

    Raises:
        UsageError: A keyword holds no word.
    """
    names = list(dict.fromkeys(normalize(keyword) for keyword in typed))
    terms = [segmenter.query_terms(name) for name in names]
    for name, cut in zip(names, terms, strict=True):
        if not cut:
            raise UsageError(f"the keyword {name!r} holds no word", hint="take it out of the list of keywords")
    columns = {
        "keyword_id": pa.array(range(len(names)), pa.int64()),
        "keyword": pa.array(names, pa.string()),
        "key": pa.array([query_key(cut) for cut in terms], pa.string()),
        "terms": pa.array([" ".join(cut) for cut in terms], pa.string()),
    }
    log.keep("typed", pa.table(columns))
    _find_exact(log, settings)
    _place_typed(log, settings)
    log.run(
        """
        CREATE TABLE members AS
        SELECT keyword_id, query FROM chosen WHERE query IS NOT NULL
        UNION ALL
        SELECT c.keyword_id, h.query FROM chosen c JOIN holding h USING (keyword_id) WHERE c.query IS NULL
        """
    )


def _place_typed(log: SearchLog, settings: Settings) -> None:
    """Make ``holding`` (queries with all words of a keyword) and ``chosen``; add queries that nobody searched."""
    log.run(
        """
        CREATE TABLE holding AS
        SELECT t.keyword_id, w.query
        FROM (SELECT keyword_id, unnest(string_split(key, ' ')) AS term, len(string_split(key, ' ')) AS n FROM typed) t
        JOIN words w USING (term)
        GROUP BY t.keyword_id, w.query, t.n HAVING count(*) = t.n
        """
    )
    log.run(
        """
        CREATE TABLE own AS
        SELECT keyword_id, min(f.query) AS query
        FROM (SELECT keyword_id, variant FROM typed t JOIN variants v ON v.query = t.keyword
              UNION
              SELECT keyword_id, variant FROM typed t JOIN variants v ON v.key = t.key) JOIN folded f USING (variant)
        GROUP BY keyword_id
        """
    )
    log.run(
        """
        CREATE TABLE placed AS
        SELECT t.*, o.query,
               e.query IS NOT NULL OR h.n IS NULL OR (o.query IS NOT NULL AND h.n < $queries) AS alone
        FROM typed t
        LEFT JOIN own o USING (keyword_id)
        LEFT JOIN exact e ON e.query = o.query
        LEFT JOIN (SELECT keyword_id, count(*) AS n FROM holding GROUP BY 1) h USING (keyword_id)
        """,
        queries=settings.whole("min_queries"),
    )
    (unused,) = log.one("SELECT coalesce(max(variant), 0) + 1 FROM variants")
    log.run("UPDATE placed SET query = $unused + keyword_id WHERE alone AND query IS NULL", unused=unused)
    log.run(
        """
        INSERT INTO figures BY NAME
        SELECT query, keyword AS text, key, terms, 0 AS searches, 0 AS searchers, 0 AS by_bots, 0 AS people,
               0 AS anonymous, 0 AS demand, 0 AS satisfied, 0 AS unsatisfied, 0 AS unknown, 0 AS reformulated,
               0 AS repeated, 0 AS burst
        FROM placed WHERE alone AND query >= $unused
        """,
        unused=unused,
    )
    log.run(
        """
        CREATE TABLE chosen AS
        SELECT keyword_id, keyword, CASE WHEN alone THEN $exact ELSE $contains END AS match,
               CASE WHEN alone THEN query END AS query, TRUE AS typed
        FROM placed
        """,
        exact=EXACT,
        contains=CONTAINS,
    )
