"""What the measuring of demand keeps, whatever the log is."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from gapfinder.demand import Demand
from tests.demand.logs import Act, measured

QUERIES = [
    "婴儿湿巾",
    "湿巾 婴儿",
    "新生儿纸尿裤",
    "新生兒紙尿褲",
    "新生儿纸尿库",
    "超薄纸尿裤",
    "纸尿裤推荐",
    "大码纸尿裤",
    "🎉",
    "孕妇睡衣",
]
ACTS = st.lists(
    st.builds(
        Act,
        query=st.sampled_from(QUERIES),
        user=st.none() | st.sampled_from(["u1", "u2", "u3", "u4"]),
        day=st.integers(0, 9),
        minute=st.sampled_from([0.0, 5.0, 20.0, 100.0]),
        session=st.none() | st.sampled_from(["s1", "s2"]),
        results=st.none() | st.sampled_from([0, 10]),
        clicks=st.none() | st.sampled_from([0, 1]),
        read=st.none() | st.sampled_from([3.0, 60.0]),
        acted=st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


def _all(demand: Demand) -> object:
    tables = (demand.queries, demand.variants, demand.keywords, demand.members, demand.daily)
    return demand.window, demand.sums, [table.to_pylist() for table in tables]


@settings(max_examples=12)
@given(ACTS, st.integers(1, 3))
def test_every_search_is_counted_once(acts: list[Act], least: int) -> None:
    demand = measured(acts, min_searches=least, min_searchers=1, min_queries=2)
    sums = demand.sums
    assert sums.searches == len(acts)
    assert sum(demand.queries["searches"].to_pylist()) + sums.dropped_searches + sums.wordless_searches == len(acts)
    assert sum(demand.variants["searches"].to_pylist()) == sum(demand.queries["searches"].to_pylist())
    assert sums.wordless_searches == sum(act.query == "🎉" for act in acts)


@settings(max_examples=12)
@given(ACTS)
def test_parts_add_up_and_demand_is_never_more_than_searches(acts: list[Act]) -> None:
    demand = measured(acts, min_searches=1, min_searchers=1, min_queries=2)
    for table in (demand.queries, demand.variants, demand.keywords):
        for row in table.to_pylist():
            assert row["satisfied"] + row["unsatisfied"] + row["unknown"] == row["demand"] <= row["searches"]
            assert row["reformulated"] <= row["demand"]
            assert row["searchers"] is None or row["searchers"] <= row["searches"]
    assert demand.daily_matrix().sum(axis=1).tolist() == demand.keywords["searches"].to_pylist()
    assert demand.daily_matrix("demand").sum(axis=1).tolist() == demand.keywords["demand"].to_pylist()
    queries = demand.queries.to_pylist()
    held: dict[int, int] = {}
    for row in demand.members.to_pylist():
        held[row["keyword_id"]] = held.get(row["keyword_id"], 0) + queries[row["query_id"]]["searches"]
    assert [held[number] for number in range(len(demand.keywords))] == demand.keywords["searches"].to_pylist()


@settings(max_examples=12)
@given(ACTS, st.integers())
def test_the_order_of_the_rows_changes_nothing(acts: list[Act], seed: int) -> None:
    options = {"min_searches": 1, "min_searchers": 1, "min_queries": 2}
    assert _all(measured(acts, **options)) == _all(measured(acts, shuffle=seed, **options))


def test_a_user_who_searches_a_hundred_thousand_times_hardly_moves_the_ranks() -> None:
    draw = random.Random(5)
    kinds = ["学步", "夏季", "超薄", "大码", "日本", "婴儿", "新生儿", "夜用"]
    acts = [
        Act(f"{kind}纸尿裤", user=f"u{draw.randrange(300)}", day=draw.randrange(28), minute=draw.randrange(1440))
        for place, kind in enumerate(kinds)
        for _ in range(40 + 20 * place)
    ]
    rare = "学步纸尿裤"
    bot = [Act(rare, user="bot", day=place % 28, minute=place % 1440) for place in range(100_000)]
    before, after = measured(acts), measured(acts + bot)

    def ranks(demand: Demand) -> list[str]:
        rows = sorted(demand.keywords.to_pylist(), key=lambda row: (-row["demand"], row["keyword"]))
        return [row["keyword"] for row in rows]

    assert ranks(before) == ranks(after)
    changed = next(row for row in after.keywords.to_pylist() if row["keyword"] == rare)
    assert changed["searches"] > 100_000
    assert changed["flags"] == ["bot"]
