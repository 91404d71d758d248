"""The whole outlook: nothing breaks on the smallest logs, and the same numbers give the same answer."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from gapfinder.trend.history import no_history
from gapfinder.trend.outlook import outlook_from
from gapfinder.trend.slope import weekly_of
from tests.trend.markets import coming, market

END = date(2026, 6, 20)


@pytest.mark.parametrize("days", [1, 6, 7, 20, 30, 45])
@pytest.mark.parametrize("keywords", [0, 1, 3])
def test_short_logs_have_an_outlook(days: int, keywords: int) -> None:
    daily = np.full((keywords, days), 4)
    weekly = weekly_of(daily)
    outlook = outlook_from(weekly, daily, END, no_history(END - timedelta(days=7 * weekly.shape[1])))
    told = coming(outlook)
    assert len(told) == keywords
    for one in told:
        enough = days >= 28
        assert (one.forecast is not None) == enough
        assert one.trend["direction"] == ("flat" if enough else "unknown")
        assert one.season["week"] == ("none" if days >= 28 else "not_enough")
        assert one.flags == []


def test_keywords_without_searches_have_nothing_to_say() -> None:
    daily = np.zeros((2, 84), np.int64)
    outlook = outlook_from(weekly_of(daily), daily, END, no_history(END - timedelta(days=84)))
    one = coming(outlook)[0]
    assert one.forecast is None
    assert one.trend["surge"] is None


def test_the_same_numbers_give_the_same_answer() -> None:
    made = market(END, before=118, keywords=150, festivals=("618", "双11"), yearly=0.5)

    def told() -> list[object]:
        found = coming(made.outlook())
        assert len(found) == 150
        return [part for one in found for part in (one.trend, one.season, one.forecast)]

    assert told() == told()
