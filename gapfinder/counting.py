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

# A satisfied search that was asked again in other words was not satisfied after all.
OUTCOMES: Final = f"""
    count(*) FILTER (counts) AS demand,
    count(*) FILTER (counts AND state = {SATISFIED} AND NOT reformulated) AS satisfied,
    count(*) FILTER (counts AND (state = {UNSATISFIED} OR state = {SATISFIED} AND reformulated)) AS unsatisfied,
    count(*) FILTER (counts AND state = {UNKNOWN}) AS unknown,
    count(*) FILTER (counts AND reformulated) AS reformulated
"""

_OF_PEOPLE: Final = (
    "people",
    "anonymous",
    "demand",
    "satisfied",
    "unsatisfied",
    "unknown",
    "reformulated",
    "repeated",
    "burst",
)


def count_demand(log: SearchLog, settings: Settings) -> None:
    """Make ``counted``, ``people``, ``asked`` and ``figures``; needs ``searches``, ``folded``, ``canonical``, ``acts``.

    ``counted`` holds one row a search by people, with ``counts``; ``people`` the persons of each query whose searches
    count (null for all without a user) with their searches ``n``; ``asked`` the same with bots, for plain counts;
    ``figures`` the sums of each query.
    """
    _find_bursts(log)
    log.run(
        """
        CREATE TABLE counted AS
        SELECT t.query, t.variant, t.person, t.day, t.state, t.reformulated,
               b.query IS NOT NULL AS in_burst,
               t.turn > $cap AS repeated,
               t.turn <= CASE WHEN b.query IS NULL THEN $cap ELSE 1 END AS counts
        FROM (SELECT *, CASE WHEN person IS NULL THEN 1 ELSE row_number() OVER (
                  PARTITION BY person, query, day ORDER BY moment, variant, state, reformulated) END AS turn
              FROM acts) t
        LEFT JOIN bursts b ON b.query = t.query AND b.day = t.day
        """,
        cap=settings.whole("user_day_cap"),
    )
    log.drop("acts", "bursts")
    log.run("CREATE TABLE people AS SELECT query, person, count(*) AS n FROM counted WHERE counts GROUP BY 1, 2")
    log.run(
        """
        CREATE TABLE asked AS
        SELECT f.query, s.person, count(*) AS n, count(*) FILTER (s.bot) AS by_bots
        FROM searches s JOIN folded f USING (variant)
        GROUP BY 1, 2
        """
    )
    _sum_up(log)


def _sum_up(log: SearchLog) -> None:
    """Make the table ``figures``; a query that only bots searched has zeros."""
    known = ", ".join(f"coalesce({name}, 0) AS {name}" for name in _OF_PEOPLE)
    log.run(
        f"""
        CREATE TABLE figures AS
        SELECT c.query, c.text, c.key, c.terms, a.searches, a.searchers, a.by_bots, {known}
        FROM canonical c
        JOIN (SELECT query, sum(n)::BIGINT AS searches, count(person) AS searchers, sum(by_bots)::BIGINT AS by_bots
              FROM asked GROUP BY 1) a USING (query)
        LEFT JOIN (SELECT query, count(person) AS people, sum(n) FILTER (person IS NULL) AS anonymous
                   FROM people GROUP BY 1) p USING (query)
        LEFT JOIN (SELECT query, {OUTCOMES},
                          count(*) FILTER (repeated) AS repeated,
                          count(*) FILTER (in_burst AND (person IS NULL OR NOT counts AND NOT repeated)) AS burst
                   FROM counted GROUP BY 1) n USING (query)
        """  # noqa: S608 - constants of this package
    )


def _find_bursts(log: SearchLog) -> None:
    """Make the table ``bursts`` (query, day)."""
    log.run("CREATE TABLE busy AS SELECT query, day, count(*) AS n FROM acts GROUP BY 1, 2")
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
