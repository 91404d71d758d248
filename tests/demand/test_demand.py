"""What counts as demand, and what became of the searches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from gapfinder.demand import measure_demand
from gapfinder.settings import Settings
from gapfinder.trend.slope import weekly_of
from indexer.errors import DataError
from tests.demand.logs import FIRST, Act, answered, log_of, measured, people, row_of, segmenter


def _outcomes(acts: list[Act], query: str = "婴儿湿巾", **settings: Any) -> tuple[int, int, int, int]:
    row = row_of(measured(acts, keywords=(query,), **settings).keywords, "keyword", query)
    return row["satisfied"], row["unsatisfied"], row["unknown"], row["reformulated"]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (Act("婴儿湿巾"), (0, 0, 1, 0)),  # results were not recorded
        (Act("婴儿湿巾", results=0), (0, 1, 0, 0)),  # nothing was found
        (Act("婴儿湿巾", results=10), (0, 1, 0, 0)),  # nothing was clicked
        (answered("婴儿湿巾", 30.0), (1, 0, 0, 0)),
        (answered("婴儿湿巾", 29.9), (0, 1, 0, 0)),  # left too soon
        (answered("婴儿湿巾", None), (0, 0, 1, 0)),  # nobody knows how long
        (answered("婴儿湿巾", None, acted=True), (1, 0, 0, 0)),
        (answered("婴儿湿巾", 3.0, acted=True), (1, 0, 0, 0)),
        (answered("婴儿湿巾", 3.0, acted=False), (0, 1, 0, 0)),
    ],
)
def test_what_became_of_a_search(act: Act, expected: tuple[int, int, int, int]) -> None:
    assert _outcomes([act]) == expected


def _followed(later: str, minutes: float = 5, **more: str | None) -> tuple[int, int, int, int]:
    session = {"session": "s", "user": "u", **more}
    first = answered("婴儿湿巾", minute=600, user=session["user"], session=session["session"])
    second = Act(later, minute=600 + minutes, user=session["user"], session=session["session"])
    return _outcomes([first, second])


def test_a_read_that_was_asked_again_in_other_words_did_not_satisfy() -> None:
    assert _followed("婴儿湿巾推荐 敏感肌") == (0, 1, 0, 1)
    assert _followed("新生儿湿巾") == (0, 1, 0, 1)


def test_another_topic_is_no_reformulation() -> None:
    assert _followed("孕妇睡衣") == (1, 0, 0, 0)


def test_the_same_query_again_is_no_reformulation() -> None:
    satisfied, unsatisfied, unknown, reformulated = _followed("湿巾 婴儿")
    assert (satisfied, unsatisfied, unknown, reformulated) == (1, 0, 1, 0)


def test_a_reformulation_comes_soon_later_and_in_the_same_session() -> None:
    assert _followed("新生儿湿巾", 30)[3] == 1
    assert _followed("新生儿湿巾", 30.1)[3] == 0
    assert _followed("新生儿湿巾", 0)[3] == 0
    assert _followed("新生儿湿巾", -5)[3] == 0


def test_without_sessions_a_users_close_searches_are_one() -> None:
    assert _followed("新生儿湿巾", session=None)[3] == 1
    assert _followed("新生儿湿巾", session=None, user=None)[3] == 0


def test_a_synonym_is_the_same_need() -> None:
    acts = [answered("超薄纸尿裤", minute=1, session="s"), Act("学步尿不湿", minute=2, session="s")]
    assert _outcomes(acts, "超薄纸尿裤")[3] == 1


def test_a_reformulation_is_seen_behind_other_searches() -> None:
    between = [Act("孕妇睡衣", minute=2, session="s"), Act("防晒霜", minute=3, session="s")]
    acts = [answered("婴儿湿巾", minute=1, session="s"), *between, Act("新生儿湿巾", minute=4, session="s")]
    assert _outcomes(acts) == (0, 1, 0, 1)


def test_only_some_searches_of_a_user_a_day_count() -> None:
    acts = people("婴儿湿巾", 5) + [Act("婴儿湿巾", user="u0", minute=minute) for minute in range(20)]
    row = row_of(measured(acts).keywords, "keyword", "婴儿湿巾")
    assert (row["searches"], row["searchers"], row["demand"]) == (25, 5, 4 + 3)
    assert row["flags"] == ["repeated"]
    assert measured(acts, user_day_cap=20).keywords["demand"].to_pylist() == [4 + 20]
    tomorrow = [Act("婴儿湿巾", user="u0", day=1)]
    assert measured(acts + tomorrow).keywords["demand"].to_pylist() == [4 + 3 + 1]


def test_caps_hold_over_all_variants_of_a_query() -> None:
    acts = [*people("婴儿湿巾", 5), Act("湿巾婴儿", user="u0"), Act("嬰兒濕巾", user="u0"), Act("婴儿 湿巾", user="u0")]
    assert measured(acts).keywords["demand"].to_pylist() == [4 + 3]


def test_a_bot_makes_no_keyword_and_no_demand() -> None:
    bot = [Act("神奇面霜", user="bot", minute=minute / 10) for minute in range(400)]
    acts = people("婴儿湿巾", 20) + bot + [Act("婴儿湿巾", user="bot")]
    demand = measured(acts)
    assert demand.keywords["keyword"].to_pylist() == ["婴儿湿巾"]
    row = row_of(demand.keywords, "keyword", "婴儿湿巾")
    assert (row["searches"], row["searchers"], row["demand"], row["flags"]) == (21, 21, 20, [])
    assert (demand.sums.bots, demand.sums.bot_searches) == (1, 401)
    listed = row_of(measured(acts, keywords=("神奇面霜",)).keywords, "keyword", "神奇面霜")
    assert (listed["searches"], listed["demand"]) == (400, 0)
    assert "bot" in listed["flags"]


def test_a_bot_does_not_choose_the_canonical_form() -> None:
    bot = [Act("婴儿  湿巾！", user="bot", minute=minute / 10) for minute in range(400)]
    assert measured(people("婴儿湿巾", 5) + bot).keywords["keyword"].to_pylist() == ["婴儿湿巾"]


def test_a_user_with_a_large_share_of_a_large_log_is_a_bot() -> None:
    slow = [Act("神奇面霜", user="bot", day=day, minute=minute) for day in range(10) for minute in range(15)]
    many = [Act("婴儿湿巾", user=f"u{place % 200}", day=place % 10) for place in range(1000)]
    assert measured(many + slow).sums.bots == 1
    assert measured(many[:100] + slow).sums.bots == 0  # a small log says little about a user
    few = [Act("婴儿湿巾", user=f"u{place % 10}", day=place % 10) for place in range(1000)]
    assert measured(few).sums.bots == 0  # among ten people each has a tenth


def test_on_a_burst_day_each_person_counts_once() -> None:
    usual = [act for day in range(14) for act in people("婴儿湿巾", 2, day=day)]
    burst = [Act("婴儿湿巾", user=f"b{place % 20}", day=5, minute=place) for place in range(60)]
    row = row_of(measured(usual + burst).keywords, "keyword", "婴儿湿巾")
    assert (row["searches"], row["demand"], row["flags"]) == (88, 28 + 20, ["burst"])


def test_many_people_on_one_day_are_no_burst_to_be_cut() -> None:
    usual = [act for day in range(14) for act in people("婴儿湿巾", 2, day=day)]
    row = row_of(measured(usual + people("婴儿湿巾", 100, day=5, start=50)).keywords, "keyword", "婴儿湿巾")
    assert (row["searches"], row["demand"], row["flags"]) == (128, 128, [])


def test_a_burst_without_users_counts_and_is_flagged() -> None:
    acts = [Act("婴儿湿巾", day=day) for day in range(14)] + [Act("婴儿湿巾", day=5)] * 60
    row = row_of(measured(acts).keywords, "keyword", "婴儿湿巾")
    assert (row["searches"], row["demand"], row["flags"]) == (74, 74, ["burst"])


def test_totals_count_each_search_once() -> None:
    kinds = ["学步", "夏季", "超薄", "大码", "日本"]
    acts = (
        [act for kind in kinds for act in people(f"{kind}纸尿裤", 6)] + people("婴儿湿巾", 2) + [Act("🎉"), Act("？")]
    )
    demand = measured(acts)
    assert demand.keywords["searches"].to_pylist() == [30, 6, 6, 6, 6, 6]
    sums = demand.totals()
    assert sums["searches"] == 34
    assert sums["wordless_searches"] == 2
    assert (sums["dropped_queries"], sums["dropped_searches"]) == (1, 2)
    assert sum(demand.queries["searches"].to_pylist()) == 30
    assert (sums["queries"], sums["folded_queries"], sums["searchers"], sums["demand"]) == (8, 6, 6, 32)


def test_days_and_weeks() -> None:
    acts = [act for day in range(17) for act in people("婴儿湿巾", 1 + day // 7, day=day)]
    acts += [Act("婴儿湿巾", user="u0", day=16, minute=minute) for minute in range(9)]
    demand = measured(acts)
    assert demand.daily_matrix().tolist() == [[1] * 7 + [2] * 7 + [3, 3, 12]]
    assert demand.daily_matrix("demand").tolist() == [[1] * 7 + [2] * 7 + [3, 3, 5]]
    assert demand.weekly().tolist() == [[1 * 4 + 2 * 3, 2 * 4 + 3 + 3 + 5]]
    assert weekly_of(np.ones((2, 6), np.int64)).shape == (2, 0)


def test_the_window_is_half_open() -> None:
    acts = [act for day in range(10) for act in people("婴儿湿巾", 5, day=day)]
    demand = measured(acts, first=FIRST + timedelta(days=2), end=FIRST + timedelta(days=4))
    assert demand.keywords["searches"].to_pylist() == [10]
    assert demand.window.days == 2


def test_a_window_without_a_search_measures_nothing() -> None:
    acts = people("婴儿湿巾", 9) + people("婴儿湿巾", 9, day=9)
    quiet: dict[str, Any] = {"first": FIRST + timedelta(days=3), "end": FIRST + timedelta(days=6)}
    demand = measured(acts, **quiet)
    assert (demand.sums.searches, demand.keywords.num_rows, demand.daily_matrix().shape) == (0, 0, (0, 3))
    assert measured(acts, keywords=("婴儿湿巾",), **quiet).keywords["searches"].to_pylist() == [0]


def test_only_the_most_searched_queries_are_listed_when_there_are_too_many() -> None:
    kinds = ["学步", "夏季", "超薄", "大码", "日本"]
    acts = [act for place, kind in enumerate(kinds) for act in people(f"{kind}纸尿裤", 2 + place)]
    settings = Settings.of(min_searches=10)
    demand = measure_demand(log_of(acts), settings, segmenter(), max_queries=3)
    assert demand.queries["searches"].to_pylist() == [6, 5, 4]
    assert row_of(demand.keywords, "keyword", "纸尿裤")["searches"] == 20
    assert (demand.sums.dropped_queries, demand.sums.dropped_searches) == (2, 5)
    assert set(demand.members["query_id"].to_pylist()) == {0, 1, 2}


def test_exact_queries_are_keywords_of_their_own() -> None:
    kinds = ["学步", "夏季", "超薄", "大码", "日本"]
    acts = [act for kind in kinds for act in people(f"{kind}纸尿裤", 2)] + people("婴儿湿巾", 9)
    demand = measured(acts)
    assert [demand.queries["text"][query].as_py() for query in demand.exact_queries()] == ["婴儿湿巾"]


def test_a_store_without_searches_is_said() -> None:
    with pytest.raises(DataError, match="no searches"):
        measure_demand(log_of([]), Settings.of(), segmenter())
