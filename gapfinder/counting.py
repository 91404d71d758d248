"""Which searches count as demand: people's, a few of each a day, and each person once on a day of a burst.

Bots are out already (:mod:`gapfinder.searchlog`). Of a user's searches for one canonical query on one day the first
``user_day_cap`` count. On a burst day (more than ten searches plus ten times the median day of that query) each user
counts once: a hundred people still count as a hundred, one that searches all day does not. Searches without a user
can't be told apart and count as they are.
"""

from __future__ import annotations

from typing import Final

from gapfinder.searchlog import SATISFIED, UNKNOWN, UNSATISFIED, SearchLog
from gapfinder.settings import Settings

BURST_TIMES: Final = 10
BURST_SEARCHES: Final = 10
BURST_DAYS: Final = 7  # a shorter window has no usual day

# What a search that counts adds to; one that was satisfied but asked again in other words was not satisfied after all.
COUNTS: Final = ("demand", "satisfied", "unsatisfied", "unknown", "reformulated", "repeated", "burst")


def count_demand(log: SearchLog, settings: Settings) -> None:
    """Make ``asked``, ``people``, ``tally`` and ``figures``.

    ``asked`` holds the persons of each query (null for all without a user) with their searches ``n`` and ``bot``;
    ``people`` how many distinct ``searchers`` a query has, how many ``people`` of them are no bots, and the searches
    ``anonymous``; ``tally`` the sums of each query, variant and day, plain and by :data:`COUNTS`; ``figures`` all that
    for each query.

    All searches are summed by day already (``daily``), so only those that differ are looked at one by one: the
    reformulated ones, and of people that asked a query more often than counts.

    Needs ``searches``, ``askers``, ``daily``, ``bots``, ``folded``, ``canonical`` and ``reformulated``.
    """
    _find_bursts(log)
    log.run(
        """
        CREATE TABLE asked AS
        SELECT a.query, a.person, a.n, b.person IS NOT NULL AS bot
        FROM (SELECT query, person, sum(n)::BIGINT AS n FROM askers JOIN folded USING (variant) GROUP BY 1, 2) a
        LEFT JOIN bots b ON b.person = a.person
        """
    )
    log.run(
        """
        CREATE TABLE people AS
        SELECT query, count(person) AS searchers, count(person) FILTER (NOT bot) AS people,
               coalesce(sum(n) FILTER (person IS NULL), 0)::BIGINT AS anonymous
        FROM asked GROUP BY 1
        """
    )
    _hold_back(log, settings.whole("user_day_cap"))
    _add_up(log)
    log.drop("bursts", "held", "reformulated")


def _find_bursts(log: SearchLog) -> None:
    """Make the table ``bursts`` (query, day)."""
    log.run(
        """
        CREATE TABLE busy AS
        SELECT query, day, sum(searches - by_bots) AS n FROM daily JOIN folded USING (variant) GROUP BY 1, 2
        """
    )
    # Days without a search are not in the table, so the median day is found by its rank among all days.
    log.run(
        """
        CREATE TABLE bursts AS
        SELECT b.query, b.day
        FROM busy b
        LEFT JOIN (SELECT query, n
                   FROM (SELECT query, n, row_number() OVER (PARTITION BY query ORDER BY n DESC) AS place FROM busy)
                   WHERE place = $middle) m USING (query)
        WHERE $days >= $fewest AND b.n > $times * coalesce(m.n, 0) + $searches
        """,
        middle=log.window.days // 2 + 1,
        days=log.window.days,
        fewest=BURST_DAYS,
        times=BURST_TIMES,
        searches=BURST_SEARCHES,
    )
    log.drop("busy")


def _hold_back(log: SearchLog, cap: int) -> None:
    """Make the table ``held``: searches of people that do not count, with ``again`` (reformulated) and ``repeated``.

    Only who asked a query more often than counts on one day can have some.
    """
    log.run(
        """
        CREATE TABLE held AS
        WITH often AS (
            SELECT query, person FROM asked a
            WHERE person IS NOT NULL AND NOT bot AND (n > $cap OR n > 1 AND query IN (SELECT query FROM bursts))
        ), turns AS (
            SELECT s.rowid AS place, f.query, s.variant, s.day, s.state, r.place IS NOT NULL AS again,
                   row_number() OVER (PARTITION BY s.person, f.query, s.day
                                      ORDER BY s.moment, s.variant, s.state, r.place IS NOT NULL) AS turn
            FROM searches s JOIN folded f USING (variant)
            JOIN often o ON o.query = f.query AND o.person = s.person
            LEFT JOIN reformulated r ON r.place = s.rowid
        )
        SELECT place, query, variant, day, state, again, turn > $cap AS repeated
        FROM turns LEFT JOIN bursts b USING (query, day)
        WHERE turn > CASE WHEN b.query IS NULL THEN $cap ELSE 1 END
        """,
        cap=cap,
    )


def _add_up(log: SearchLog) -> None:
    """Make the tables ``tally`` and ``figures``; a query that only bots searched has zeros."""
    log.run(
        f"""
        CREATE TABLE tally AS
        WITH parts AS (
            SELECT f.query, d.variant, d.day, d.searches, d.by_bots, d.searches - d.by_bots AS demand,
                   d.satisfied, d.unsatisfied, d.unknown, 0 AS reformulated, 0 AS repeated,
                   CASE WHEN b.query IS NULL THEN 0 ELSE d.anonymous END AS burst
            FROM daily d JOIN folded f USING (variant) LEFT JOIN bursts b ON b.query = f.query AND b.day = d.day
            UNION ALL
            SELECT query, variant, day, 0, 0, 0, -(state = {SATISFIED})::INTEGER, (state = {SATISFIED})::INTEGER, 0, 1,
                   0, 0
            FROM reformulated ANTI JOIN held USING (place)
            UNION ALL
            SELECT query, variant, day, 0, 0, -1, -(state = {SATISFIED})::INTEGER, -(state = {UNSATISFIED})::INTEGER,
                   -(state = {UNKNOWN})::INTEGER, 0, repeated::INTEGER, (NOT repeated)::INTEGER
            FROM held
        )
        SELECT query, variant, day, {summed("searches", "by_bots", *COUNTS)} FROM parts GROUP BY 1, 2, 3
        """  # noqa: S608 - constants of this module
    )
    log.run(
        f"""
        CREATE TABLE figures AS
        SELECT c.query, c.text, c.key, c.terms, p.searchers, p.people, p.anonymous, t.* EXCLUDE (query)
        FROM canonical c
        JOIN people p USING (query)
        JOIN (SELECT query, {summed("searches", "by_bots", *COUNTS)} FROM tally GROUP BY 1) t USING (query)
        """  # noqa: S608 - constants of this module
    )


def summed(*columns: str) -> str:
    """Sums of some columns under their own names, in SQL."""
    return ", ".join(f"sum({column})::BIGINT AS {column}" for column in columns)
