"""Who asked for what, on a log so small that people can be counted by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from gapfinder.demand import Demand, measure_demand
from gapfinder.market.people import Askers, Asking, count_askers
from gapfinder.searchlog import SearchLog
from gapfinder.settings import Settings
from tests.backtest.market import SEGMENTER, moment, store_of

Row = dict[str, Any]
DIAPER, SHAMPOO, PHONE = "婴儿纸尿裤", "去屑洗发水", "手机壳"
DAYS = 3


def search(query: str, user: str | None, day: int = 0, minute: float = 0, session: str | None = None) -> Row:
    return {
        "query": query,
        "user_id": user,
        "session_id": session,
        "searched_at": moment(day) + timedelta(hours=12, minutes=minute),
    }


def asked(
    rows: Sequence[Row],
    sets: Sequence[Sequence[str]],
    groups: Mapping[str, Sequence[str]] | None = None,
    *,
    floor: int = 1,
    user_day_queries: int = 300,
) -> tuple[Askers, Demand]:
    """Count who asked for sets of queries, given by their texts."""
    numbered = [{**row, "search_id": f"s{number}"} for number, row in enumerate(rows)]
    audience = [{"user_id": user, "groups": list(own)} for user, own in (groups or {}).items()]
    store = store_of({"search": numbered, "audience": audience})
    found: list[Askers] = []

    def count(log: SearchLog, demand: Demand) -> None:
        number = {text: place for place, text in enumerate(demand.queries["text"].to_pylist())}
        queries = [np.array([number[text] for text in own if text in number], np.int64) for own in sets]
        asking = Asking.of(queries)
        found.append(count_askers(log, store.snapshot(), demand, asking, len(queries), minutes=30, floor=floor))

    first, end = moment(0).date(), moment(DAYS).date()
    chosen = Settings.of(first=first, end=end, min_searches=1, min_searchers=1, user_day_queries=user_day_queries)
    demand = measure_demand(store.snapshot(), chosen, SEGMENTER, also=count)
    return found[0], demand


LAST = search(PHONE, None, DAYS - 1)  # the last day is full
LOG = [
    search(DIAPER, "a"),
    search(DIAPER, "a", 1),  # again: one person
    search("婴儿 纸尿裤", "b"),  # the same query, written otherwise
    search(DIAPER, None, 1),  # of nobody known
    search(SHAMPOO, "a"),
    search(SHAMPOO, "c", 2),
    search(PHONE, "d"),
    LAST,
]
SETS = [[DIAPER], [SHAMPOO], [DIAPER, SHAMPOO], [PHONE], []]


def test_people_count_once_in_each_set() -> None:
    found, _ = asked(LOG, SETS)
    assert found.searchers.tolist() == [2, 2, 3, 1, 0]
    assert found.people.tolist() == found.searchers.tolist()


def test_days_are_those_of_the_searches() -> None:
    found, demand = asked(LOG, SETS)
    days = {(row["keyword_id"], row["day_index"]): (row["searches"], row["demand"]) for row in found.days.to_pylist()}
    assert days == {
        (0, 0): (2, 2), (0, 1): (2, 2), (1, 0): (1, 1), (1, 2): (1, 1),
        (2, 0): (3, 3), (2, 1): (2, 2), (2, 2): (1, 1), (3, 0): (1, 1), (3, 2): (1, 1),
    }  # fmt: skip
    assert demand.window.days == DAYS


def test_groups_are_counted_among_people_with_known_ones() -> None:
    groups = {"a": ["宝妈", "油皮"], "b": ["油皮 "], "c": ["", "宝妈"], "e": ["学生党"]}
    found, _ = asked(LOG, SETS, groups)
    assert found.groups == ["学生党", "宝妈", "油皮"]
    assert found.grouped.tolist() == [2, 2, 3, 0, 0]
    assert found.members.toarray().tolist() == [[0, 1, 2], [0, 2, 1], [0, 2, 2], [0, 0, 0], [0, 0, 0]]
    assert (found.everybody, found.everybody_members.tolist()) == (3, [0, 2, 2]), "e never searched"
    assert found.found == []


def test_bots_are_searchers_but_no_people() -> None:
    bot = [search(DIAPER, "bot", minute=minute) for minute in range(11)]
    groups = {"a": ["宝妈"], "bot": ["宝妈"]}
    found, _ = asked([*LOG, *bot], SETS, groups, user_day_queries=10)
    assert found.searchers.tolist() == [3, 2, 4, 1, 0]
    assert found.people.tolist() == [2, 2, 3, 1, 0]
    assert found.grouped.tolist() == [1, 1, 1, 0, 0]
    assert (found.everybody, found.everybody_members.tolist()) == (1, [1])
    assert found.days.to_pylist()[0] == {"keyword_id": 0, "day_index": 0, "searches": 13, "demand": 2}


def test_where_no_user_is_known_nobody_is_counted() -> None:
    found, _ = asked([{**row, "user_id": None} for row in LOG], SETS, {"a": ["宝妈"]})
    assert found.searchers.tolist() == found.people.tolist() == [0] * 5
    assert found.members.sum() == found.everybody == 0
    assert found.days.num_rows == 9


def test_without_sets_nothing_is_counted() -> None:
    found, _ = asked(LOG, [], {"a": ["宝妈"]})
    assert found.searchers.size == found.grouped.size == found.days.num_rows == 0
    assert found.everybody == 1


def steps(rows: Sequence[Row], **more: Any) -> set[tuple[str, str, int]]:
    found, demand = asked([*rows, LAST], [], **more)
    texts = demand.queries["text"].to_pylist()
    return {(texts[row["before"]], texts[row["after"]], row["people"]) for row in found.steps.to_pylist()}


def test_a_step_leads_from_one_search_to_the_next_of_its_session() -> None:
    one = [search(DIAPER, "a", 0, 0, "x"), search(SHAMPOO, "a", 0, 5, "x"), search(PHONE, "a", 0, 9, "x")]
    assert steps(one) == {(DIAPER, SHAMPOO, 1), (SHAMPOO, PHONE, 1)}, "none from the first to the last"


def test_searches_that_are_too_far_apart_are_no_step() -> None:
    def pair(minutes: float) -> list[Row]:
        return [search(DIAPER, "a", 0, 0, "x"), search(SHAMPOO, "a", 0, minutes, "x")]

    assert steps(pair(30)) == {(DIAPER, SHAMPOO, 1)}
    assert steps(pair(30.1)) == set()


def test_people_and_not_steps_are_counted() -> None:
    rows = [
        *(search(query, "a", 0, minute, "x") for minute, query in enumerate([DIAPER, SHAMPOO] * 3)),
        search(DIAPER, "a", 1, 0, "y"),
        search(SHAMPOO, "a", 1, 1, "y"),
        search(DIAPER, "b", 1, 0, "z"),
        search(DIAPER, "b", 1, 1, "z"),  # the same again is no step
        search(SHAMPOO, "b", 1, 2, "z"),
    ]
    assert steps(rows) == {(DIAPER, SHAMPOO, 2), (SHAMPOO, DIAPER, 1)}
    assert steps(rows, floor=2) == {(DIAPER, SHAMPOO, 2)}
    assert steps(rows, floor=3) == set()


def test_a_user_without_sessions_has_one_of_their_own() -> None:
    assert steps([search(DIAPER, "a"), search(SHAMPOO, "a", 0, 1)]) == {(DIAPER, SHAMPOO, 1)}
    assert steps([search(DIAPER, None), search(SHAMPOO, None, 0, 1)]) == set(), "of nobody known"
    known_session = [search(DIAPER, None, 0, 0, "x"), search(SHAMPOO, None, 0, 1, "x")]
    assert steps(known_session) == set(), "sessions are no people"


def test_bots_take_no_steps() -> None:
    bot = [search((DIAPER, SHAMPOO)[minute % 2], "bot", minute=minute) for minute in range(11)]
    assert steps(bot, user_day_queries=10) == set()
    assert steps(bot, user_day_queries=11) == {(DIAPER, SHAMPOO, 1), (SHAMPOO, DIAPER, 1)}


def test_nobody_steps_to_the_search_of_somebody_else() -> None:
    assert steps([search(DIAPER, "a", 0, 0, "x"), search(SHAMPOO, "b", 0, 1, "x")]) == set(), "a session id of two"


@pytest.mark.parametrize("turn", [3, 6])
def test_the_order_of_the_rows_changes_nothing(turn: int) -> None:
    queries = (DIAPER, SHAMPOO, PHONE)
    rows = [search(query, user, 0, minute, "x") for query in queries for user in "ab" for minute in (1, 2)]
    assert steps(rows[turn:] + rows[:turn]) == steps(rows)
