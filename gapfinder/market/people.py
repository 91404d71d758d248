"""Who asked for what, exactly: distinct searchers of points, days of their searches, and groups of people.

Computed where the log lies (a private DuckDB that spills to disk), before it is given back; what leaves it is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from gapfinder.demand import Demand
from gapfinder.market.found import LEAST_PEOPLE, found_groups
from gapfinder.searchlog import SearchLog
from gapfinder.understanding.spellings import seen
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]

_FEWEST_QUERIES: Final = 2  # who searched fewer says too little of the kind of person they are
_NAMING: Final = 2  # queries in the name of a found group
_MOST_PEOPLE: Final = 50_000  # that groups are found among


@dataclass(frozen=True)
class Asking:
    """Sets of queries whose askers are counted: ``sets`` and ``query`` are columns of equal length."""

    sets: Ints
    query: Ints

    @classmethod
    def of(cls, queries: Sequence[Ints]) -> Asking:
        """Sets given as lists of queries, numbered in order."""
        numbers = np.repeat(np.arange(len(queries), dtype=np.int64), [one.size for one in queries])
        return cls(numbers, np.concatenate([np.empty(0, np.int64), *queries]).astype(np.int64))


@dataclass(frozen=True)
class Askers:
    """Who asked, for some sets of queries.

    Attributes:
        searchers: Distinct people of each set, bots included; 0 where no user is known.
        people: Distinct people of each set that are no bots.
        days: Set, day (0 is the first of the window), searches, demand; by set and day.
        groups: Names of the groups, sorted where they are given.
        found: Of found groups the queries that name each; empty where groups are given.
        grouped: Distinct people of each set whose groups are known.
        members: Set x group: distinct people, as a sparse matrix of rows (most sets are of few people and few groups).
        steps: Query before, query after, distinct people who searched one right after the other in a session.
        everybody: All people of the log whose groups are known.
        everybody_members: Of them those of each group.
    """

    searchers: Ints
    people: Ints
    days: pa.Table
    groups: list[str]
    found: list[list[str]]
    grouped: Ints
    members: csr_array
    everybody: int
    everybody_members: Ints
    steps: pa.Table


def count_askers(
    log: SearchLog, snapshot: Snapshot, demand: Demand, asking: Asking, sets: int, *, minutes: float, floor: int
) -> Askers:
    """Count the askers of some sets of queries.

    Args:
        log: The log, after demand was counted (:func:`gapfinder.counting.count_demand`).
        snapshot: Its audiences are read.
        demand: What was measured of the log; its queries are those that sets name.
        asking: The sets.
        sets: How many there are.
        minutes: Searches of a session that are further apart do not follow each other.
        floor: Steps that fewer people took are left out.
    """
    log.keep("set_texts", pa.table({"query_id": demand.queries["query_id"], "text": demand.queries["text"]}))
    log.keep("set_queries", pa.table({"member": pa.array(asking.sets), "query_id": pa.array(asking.query)}))
    log.run(
        """
        CREATE TABLE in_sets AS
        SELECT s.member, c.query FROM set_queries s JOIN set_texts t USING (query_id) JOIN canonical c USING (text)
        """
    )
    log.run(
        """
        CREATE TABLE set_people AS
        SELECT DISTINCT i.member, a.person, a.bot FROM in_sets i JOIN asked a USING (query) WHERE a.person IS NOT NULL
        """
    )
    counted = log.table(
        "SELECT member, count(*) AS n, count(*) FILTER (NOT bot) AS people FROM set_people GROUP BY 1 ORDER BY 1"
    )
    days = log.table(
        """
        SELECT i.member AS keyword_id, t.day::BIGINT AS day_index, sum(t.searches)::BIGINT AS searches,
               sum(t.demand)::BIGINT AS demand
        FROM in_sets i JOIN tally t USING (query) GROUP BY 1, 2 ORDER BY 1, 2
        """
    )
    groups, found = _read_groups(log, snapshot), []
    if not groups:
        found = _find_groups(log, floor)
        groups = [f"常搜{'、'.join(queries[:_NAMING])}的人" for queries in found]
    members = csr_array((sets, len(groups)), dtype=np.int32)
    grouped = np.zeros(sets, np.int64)
    if groups:
        rows = log.table(
            """
            SELECT p.member, g.number, count(*) AS n FROM set_people p JOIN grouped g USING (person)
            WHERE NOT p.bot GROUP BY 1, 2
            """
        )
        places = rows["member"].to_numpy(), rows["number"].to_numpy()
        members = csr_array((rows["n"].to_numpy().astype(np.int32), places), shape=members.shape)
        rows = log.table(
            """
            SELECT member, count(*) AS n FROM set_people SEMI JOIN grouped USING (person) WHERE NOT bot GROUP BY 1
            """
        )
        grouped[rows["member"].to_numpy()] = rows["n"].to_numpy()
    log.drop("set_queries", "in_sets", "set_people")
    everybody, everybody_members = _everybody(log, len(groups))
    searchers, people = np.zeros(sets, np.int64), np.zeros(sets, np.int64)
    searchers[counted["member"].to_numpy()] = counted["n"].to_numpy()
    people[counted["member"].to_numpy()] = counted["people"].to_numpy()
    return Askers(
        searchers,
        people,
        days,
        groups,
        found,
        grouped,
        members,
        everybody,
        everybody_members,
        _steps(log, minutes, floor),
    )


def _find_groups(log: SearchLog, floor: int) -> list[list[str]]:
    """Make the table ``grouped`` of groups found from what people search, and give the queries that name each.

    People are ordered by what they searched and not by who they are, so that ids decide nothing.
    """
    (count,) = log.one("SELECT count(DISTINCT person) FROM asked WHERE person IS NOT NULL AND NOT bot")
    rows = log.table(
        """
        SELECT person, queries FROM (
            SELECT a.person, list_sort(list(c.text)) AS queries
            FROM asked a JOIN canonical c ON c.query = a.query WHERE a.person IS NOT NULL AND NOT a.bot GROUP BY 1
        ) WHERE len(queries) >= $fewest AND md5_number_lower(array_to_string(queries, '|')) % $every = 0
        ORDER BY queries
        """,
        fewest=_FEWEST_QUERIES,
        every=max(1, -(-count // _MOST_PEOPLE)),
    )
    queries = rows["queries"].combine_chunks()
    texts = queries.flatten().dictionary_encode()
    order = pc.sort_indices(texts.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    person = np.repeat(np.arange(len(queries)), pc.list_value_length(queries).to_numpy())
    groups = found_groups(
        person, rank[texts.indices.to_numpy()], len(queries), len(order), floor=max(floor, LEAST_PEOPLE)
    )
    told = groups.of >= 0
    log.keep(
        "grouped",
        pa.table(
            {
                "person": rows["person"].combine_chunks().filter(pa.array(told)),
                "number": pa.array(groups.of[told], pa.int64()),
            }
        ),
    )
    return [[texts.dictionary[int(order[one])].as_py() for one in own] for own in groups.words]


def _everybody(log: SearchLog, groups: int) -> tuple[int, Ints]:
    """People of the log that are no bots and whose groups are known: all, and by group."""
    members = np.zeros(groups, np.int64)
    if groups == 0:
        return 0, members
    log.run(
        "CREATE TABLE known_people AS SELECT DISTINCT person FROM asked SEMI JOIN grouped USING (person) WHERE NOT bot"
    )
    (everybody,) = log.one("SELECT count(*) FROM known_people")
    rows = log.table("SELECT number, count(*) AS n FROM known_people JOIN grouped USING (person) GROUP BY 1")
    members[rows["number"].to_numpy()] = rows["n"].to_numpy()
    log.drop("known_people")
    return int(everybody), members


def _read_groups(log: SearchLog, snapshot: Snapshot) -> list[str]:
    """Make the table ``grouped`` (person, number of the group) and give the names of the groups."""
    log.run("CREATE OR REPLACE TABLE grouped (person UBIGINT, number BIGINT)")
    if snapshot.count("audience") == 0:
        return []
    log.run("CREATE OR REPLACE TABLE given_groups (user_id VARCHAR, name VARCHAR)")
    for batch in snapshot.scan("audience", ("user_id", "groups")):
        log.append(
            pa.table({"user_id": batch["user_id"], "groups": batch["groups"]}),
            "INSERT INTO given_groups SELECT user_id, trim(unnest(groups)) FROM given",
        )
    names: list[str] = log.table("SELECT DISTINCT name FROM given_groups WHERE name <> '' ORDER BY name")[
        "name"
    ].to_pylist()
    log.run(
        f"""
        CREATE OR REPLACE TABLE grouped AS
        SELECT DISTINCT {log.person.format("g.user_id")} AS person, n.number
        FROM given_groups g
        JOIN (SELECT name, row_number() OVER (ORDER BY name) - 1 AS number FROM given_groups WHERE name <> ''
              GROUP BY name) n USING (name)
        """  # noqa: S608 - a constant of this package
    )
    log.drop("given_groups")
    return [seen(name) for name in names]


def _steps(log: SearchLog, minutes: float, floor: int) -> pa.Table:
    """What people searched right after what, as numbers of the demand's queries; bots took no steps."""
    found = log.table(
        """
        WITH acts AS (
            SELECT s.session, s.person, s.moment, f.query,
                   lead(f.query) OVER turn AS following, lead(s.moment) OVER turn AS later
            FROM searches s JOIN folded f USING (variant) ANTI JOIN bots USING (person)
            WHERE s.session IS NOT NULL
            WINDOW turn AS (PARTITION BY s.session, s.person ORDER BY s.moment, f.query, s.variant)
        ), steps AS (
            SELECT query, following, count(DISTINCT person) AS people
            FROM acts WHERE following IS NOT NULL AND following <> query AND later - moment <= $reach
            GROUP BY 1, 2 HAVING people >= $floor
        )
        SELECT b.query_id AS before, a.query_id AS after, s.people
        FROM steps s
        JOIN canonical c ON c.query = s.query JOIN set_texts b ON b.text = c.text
        JOIN canonical d ON d.query = s.following JOIN set_texts a ON a.text = d.text
        ORDER BY 1, 2
        """,
        reach=int(minutes * 60_000_000),
        floor=floor,
    )
    log.drop("set_texts")
    return found
