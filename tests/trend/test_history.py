"""What was searched before the window, counted by the stores and held against a count row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from gapfinder.demand import Demand, measure_demand
from gapfinder.settings import Settings
from gapfinder.trend.history import history_before
from gapfinder.trend.outlook import outlook_of
from indexer.records import SEARCH
from indexer.stores import open_store
from indexer.stores.contract import Snapshot, Store
from indexer.stores.memory import MemoryStore
from tests.demand.logs import FIRST, Act, segmenter
from tests.trend.markets import coming

WINDOW = 28  # days
DAYS = 28 + 45  # the log is 45 days longer: six full weeks before, and three days that are none
QUERIES = {
    "婴儿湿巾": 4,
    "湿巾 婴儿": 2,  # the same words
    "嬰兒濕巾": 1,  # the same in traditional characters
    "纸尿裤": 3,
    "新生儿纸尿裤": 2,
    "拉拉裤纸尿裤": 1,
    "纸尿裤红屁股": 1,
    "夜用纸尿裤": 1,
    "防漏纸尿裤": 1,
    "纸尿裤推荐": 1,
}
LONG_AGO = {"老式纸尿裤": 2, "毛线帽": 3}  # searched before the window only


def _acts() -> Iterator[Act]:
    for day in range(DAYS):
        asked = QUERIES | (LONG_AGO if day < DAYS - WINDOW else {})
        for query, times in asked.items():
            for number in range(times + (day % 3 if query == "纸尿裤" else 0)):
                yield Act(query, user=f"u{query}{number}{day % 5}", day=day, minute=600 + number)


@pytest.fixture(scope="module", params=["memory", "delta"])
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    store: Store = (
        MemoryStore() if request.param == "memory" else open_store(str(tmp_path_factory.mktemp("store")), create=True)
    )
    cutter = segmenter()
    rows = [act.row(number, cutter) for number, act in enumerate(_acts())]
    with store.writer(holder="a test") as writer:
        writer.write("search", pa.Table.from_pylist(rows, SEARCH.schema))
        writer.publish(cutter.stamp)
    with store.snapshot() as opened:
        yield opened
    store.close()


def _measured(snapshot: Snapshot, min_queries: float = 5) -> Demand:
    end = FIRST + timedelta(days=DAYS)
    chosen = Settings.of(first=end - timedelta(days=WINDOW), end=end, min_queries=min_queries)
    return measure_demand(snapshot, chosen, segmenter())


def _by_hand(holds: set[str]) -> list[int]:
    """Searches a week of these queries before the window, the oldest full week first."""
    found: Counter[int] = Counter()
    start = DAYS - WINDOW - 42
    for act in _acts():
        if start <= act.day < DAYS - WINDOW and act.query in holds:
            found[(act.day - start) // 7] += 1
    return [found[week] for week in range(6)]


def test_the_weeks_before_the_window_are_counted_exactly(snapshot: Snapshot) -> None:
    demand = _measured(snapshot)
    history = history_before(snapshot, demand)
    assert history.end == demand.window.first
    assert history.weeks == 6
    weeks = history.rows(0, demand.keywords.num_rows)
    found = dict(zip(demand.keywords["keyword"].to_pylist(), weeks.tolist(), strict=True))
    assert found["婴儿湿巾"] == _by_hand({"婴儿湿巾", "湿巾 婴儿", "嬰兒濕巾"})
    assert found["新生儿纸尿裤"] == _by_hand({"新生儿纸尿裤"})
    assert found["纸尿裤"] == _by_hand({"纸尿裤"})
    assert "毛线帽" not in found


def test_a_head_term_counts_queries_that_the_window_does_not_hold(snapshot: Snapshot) -> None:
    end = FIRST + timedelta(days=DAYS)
    chosen = Settings.of(
        first=end - timedelta(days=WINDOW),
        end=end,
        keywords=("纸尿裤红屁股", "纸尿裤"),
        min_searches=10_000,
        min_queries=2,
    )
    demand = measure_demand(snapshot, chosen, segmenter())
    assert demand.keywords["match"].to_pylist()[1] == "contains"
    history = history_before(snapshot, demand)
    assert history.rows(1, 2)[0].tolist() == _by_hand({query for query in QUERIES | LONG_AGO if "纸尿裤" in query})


def test_parts_of_the_keywords_are_those_of_the_whole(snapshot: Snapshot) -> None:
    demand = _measured(snapshot)
    history = history_before(snapshot, demand, most=4)
    assert history.weeks == 4
    whole = history.rows(0, demand.keywords.num_rows)
    parts = [history.rows(place, place + 1) for place in range(demand.keywords.num_rows)]
    assert np.array_equal(np.vstack(parts), whole)


def test_a_log_of_one_window_has_no_history(snapshot: Snapshot) -> None:
    demand = measure_demand(snapshot, Settings.of(first=FIRST, end=FIRST + timedelta(days=DAYS)), segmenter())
    history = history_before(snapshot, demand)
    assert history.weeks == 0
    assert history.rows(0, demand.keywords.num_rows).shape == (demand.keywords.num_rows, 0)


def test_the_outlook_of_a_short_log_says_what_is_not_enough(snapshot: Snapshot) -> None:
    demand = _measured(snapshot)
    outlook = outlook_of(snapshot, demand)
    assert outlook.history_weeks == 6
    told = coming(outlook)
    assert len(told) == demand.keywords.num_rows
    for one in told:
        assert one.season["year"] == "not_enough"
        assert one.season["festivals"] == []
        assert one.trend["direction"] in {"flat", "rising", "falling"}
        assert one.forecast is not None
