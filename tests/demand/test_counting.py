"""Demand against the same rules written plainly, one search after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import groupby, pairwise
from statistics import median
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Indel

from gapfinder import counting, searchlog, sessions
from gapfinder.keywords import is_topic
from indexer.errors import DataError
from tests.demand.logs import Act, measured, segmenter

DAYS = 7
QUERIES = ("婴儿湿巾", "新生儿湿巾", "孕妇睡衣", "婴儿睡衣", "猫砂盆")
CUTTER = segmenter()

acts = st.builds(
    Act,
    st.sampled_from(QUERIES),
    user=st.sampled_from([None, "a", "a", "b"]),
    day=st.sampled_from([0, 0, 0, 0, 0, 1, DAYS - 1]),
    minute=st.sampled_from([600.0, 600.0, 610.0, 629.0, 631.0, 660.0]),
    session=st.sampled_from([None, "x", "y"]),
    results=st.sampled_from([None, 0, 10]),
    clicks=st.sampled_from([0, 1]),
    read=st.sampled_from([None, 5.0, 60.0]),
)


def state_of(act: Act) -> str:
    if act.results is None:
        return "unknown"
    if act.results == 0:
        return "unsatisfied"
    if act.read is not None and act.read >= 30:
        return "satisfied"
    return "unknown" if act.clicks and act.read is None else "unsatisfied"


def rank_of(act: Act) -> tuple[int, int]:
    """What orders searches of one moment: the query by code point, then what became of them."""
    return sorted(QUERIES).index(act.query), ["unknown", "satisfied", "unsatisfied"].index(state_of(act))


def related(one: str, other: str) -> bool:
    words, others = (set(filter(is_topic, CUTTER.query_terms(query))) for query in (one, other))
    return bool(words & others) or Indel.normalized_similarity(one, other) >= sessions.ALIKE


def reformulated(log: list[Act]) -> set[int]:
    """Places of the searches that were asked again in other words."""
    found = set()
    visits: dict[str, list[int]] = defaultdict(list)
    for place, act in enumerate(log):
        if act.session or act.user:
            visits[f"s{act.session}" if act.session else f"u{act.user}"].append(place)
    for places in visits.values():
        places.sort(key=lambda place: (log[place].day, log[place].minute, rank_of(log[place])))
        for at, place in enumerate(places):
            for later in places[at + 1 : at + 1 + sessions.STEPS]:
                one, other = log[place], log[later]
                passed = (other.day - one.day) * 1440 + other.minute - one.minute
                if 0 < passed <= 30 and one.query != other.query and related(one.query, other.query):
                    found.add(place)
    return found


def told_apart(log: list[Act]) -> list[Act]:
    """The searches with sessions that no two people share: which of two equal searches is the first would be open."""
    return [replace(act, session=act.session and f"{act.session}{act.user}") for act in log]


def plainly(log: list[Act], cap: int) -> dict[str, dict[str, Any]]:
    """The columns of the table of queries, by query."""
    again = reformulated(log)
    a_day = Counter((act.query, act.day) for act in log)
    days = 1 + max(act.day for act in log) - min(act.day for act in log)
    sums: dict[str, dict[str, Any]] = {}
    for query in {act.query for act in log}:
        usual = median([a_day[query, min(act.day for act in log) + day] for day in range(days)])
        most = counting.BURST_TIMES * usual + counting.BURST_SEARCHES
        row = Counter(dict.fromkeys(("demand", "satisfied", "unsatisfied", "unknown", "reformulated"), 0))
        asked = sorted((at for at, act in enumerate(log) if act.query == query), key=lambda at: str(log[at].user))
        for (user, day), turns in groupby(
            sorted(asked, key=lambda at: (str(log[at].user), log[at].day)), key=lambda at: (log[at].user, log[at].day)
        ):
            burst = days >= counting.BURST_DAYS and a_day[query, day] > most
            order = sorted(turns, key=lambda at: (log[at].minute, rank_of(log[at]), at in again))
            for at in order if user is None else order[: 1 if burst else cap]:
                state = state_of(log[at])
                row["demand"] += 1
                row["reformulated"] += at in again
                row["unsatisfied" if state == "satisfied" and at in again else state] += 1
        people = {log[at].user for at in asked} - {None}
        sums[query] = {**row, "searches": len(asked), "searchers": len(people) or None}
    return sums


@given(st.lists(acts, min_size=30, max_size=60), st.integers(1, 3))
def test_demand_is_what_the_rules_say(log: list[Act], cap: int) -> None:
    log = told_apart(log)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BURST_SEARCHES", 3)
        patch.setattr(counting, "BURST_TIMES", 2)
        demand = measured(log, min_searches=1, min_searchers=1, min_queries=50, user_day_cap=cap, typo_frequency=1e6)
        expected = plainly(log, cap)
    names = ["searches", "searchers", *sorted(set(demand.queries.column_names) & set(expected[log[0].query]))]
    found = {row["text"]: {name: row[name] for name in names} for row in demand.queries.to_pylist()}
    wanted = {query: row for query, row in expected.items() if row["demand"]}
    assert found == {query: {name: row[name] for name in names} for query, row in wanted.items()}
    days = {
        (demand.keywords["keyword"][row["keyword_id"]].as_py(), row["day_index"]): row["searches"]
        for row in demand.daily.to_pylist()
    }
    first = min(act.day for act in log)
    assert days == Counter((act.query, act.day - first) for act in log)


def test_equal_hashes_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    log = [Act(query, user=user, day=day) for query in QUERIES for user in "abcde" for day in range(DAYS)]
    plain = measured(log)
    first, *others = searchlog.HASHES
    monkeypatch.setattr(searchlog, "HASHES", (f"{first} % 3", first, *others))
    rehashed = measured(log)
    assert (plain.queries, plain.variants, plain.daily) == (rehashed.queries, rehashed.variants, rehashed.daily)
    assert plain.sums == rehashed.sums
    monkeypatch.setattr(searchlog, "HASHES", (f"{first} % 3",))
    with pytest.raises(DataError, match="told apart"):
        measured(log)


rows = st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 3))


@given(st.lists(rows, max_size=40).map(sorted), st.lists(st.integers(0, 40), max_size=6))
def test_steps_are_the_same_however_the_searches_come(log: list[tuple[int, int, int]], cuts: list[int]) -> None:
    columns = dict(zip(("session", "moment", "query"), zip(*log, strict=True) if log else ((), (), ()), strict=True))
    table = pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})
    for name in ("place", "variant", "day", "state"):
        table = table.append_column(name, pa.array(range(len(log)), pa.int64()))
    ends = sorted({0, len(log), *(cut for cut in cuts if cut < len(log))})
    batches = [
        batch
        for first, end in pairwise(ends)
        for batch in table.slice(first, end - first).combine_chunks().to_batches()
    ]
    found = {
        (row["place"], row["earlier"], row["later"])
        for steps in sessions._steps(batches, 10)
        for row in steps.to_pylist()
    }
    expected = {
        (at, one[2], other[2])
        for at, one in enumerate(log)
        for other in log[at + 1 : at + 1 + sessions.STEPS]
        if one[0] == other[0] and one[2] != other[2] and 0 < other[1] - one[1] <= 10
    }
    assert found == expected
