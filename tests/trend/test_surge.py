"""Early rises are told, noise is not, and a festival that the history knows is neither."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from gapfinder.trend.surge import surges_of
from tests.trend.markets import coming, market

QUIET = date(2026, 8, 24)


@pytest.mark.parametrize("scatter", [5, 20, 1000])
@pytest.mark.parametrize("level", [8, 60])
def test_noise_raises_hardly_any_alarm(scatter: float, level: float) -> None:
    alarms = sum(
        int(surges_of(market(QUIET, scatter=scatter, level=level, keywords=2000, seed=seed).weekly).flagged.sum())
        for seed in range(5)
    )
    assert alarms <= 15  # of 10,000 keywords


def test_alarms_are_right_at_the_rate_they_promise_and_most_rises_are_found() -> None:
    true = false = missed = 0
    for seed in range(5):
        made = market(QUIET, surging=0.05, scatter=60, level=40, seed=seed)
        flagged = surges_of(made.weekly).flagged
        true += int((flagged & made.surging).sum())
        false += int((flagged & ~made.surging).sum())
        missed += int((~flagged & made.surging).sum())
    assert false / (true + false) < 0.1
    assert true / (true + missed) > 0.75


def test_a_surge_says_by_how_much() -> None:
    made = market(QUIET, surging=0.1, scatter=100, level=80, times=2)
    surges = surges_of(made.weekly)
    told = surges.flagged & made.surging
    assert np.median(surges.ratio[told]) == pytest.approx(2, rel=0.1)
    assert ((surges.low <= 2) & (surges.high >= 2))[made.surging].mean() > 0.8


def test_what_moves_all_is_no_surge_of_each() -> None:
    made = market(QUIET, level=60)
    made.weekly[:, -2:] *= 2
    assert surges_of(made.weekly).flagged.mean() < 0.01


def test_a_known_festival_is_no_surge() -> None:
    made = market(date(2026, 6, 20), before=60, festivals=("618", "双11"), level=60)
    surges = made.outlook().surges
    assert surges.flagged[made.moved_by("618")].mean() < 0.02
    assert "618" not in surges.festivals


def test_an_unknown_festival_is_named_beside_the_surge() -> None:
    made = market(date(2026, 6, 20), festivals=("618",), level=60)
    outlook = made.outlook()
    told = np.flatnonzero(outlook.surges.flagged)
    assert told.size > 0
    one = coming(outlook)[int(told[0])]
    surge = one.trend["surge"]
    assert surge is not None
    assert "618" in surge["festivals"]
    assert one.flags == ["rising_early"]


@pytest.mark.parametrize("weeks", [0, 3, 5])
def test_too_few_weeks_are_not_tested(weeks: int) -> None:
    surges = surges_of(np.full((3, weeks), 50))
    assert surges.shown(np.arange(3)) == [None] * 3
    assert not surges.flagged.any()


def test_a_handful_of_keywords_is_judged_by_themselves() -> None:
    weekly = np.array([[20, 22, 18, 21, 19, 20, 23, 17, 20, 21, 60, 70], [20] * 12, [0] * 12])
    surges = surges_of(weekly)
    assert surges.flagged.tolist() == [True, False, False]
    found, _, nothing = surges.shown(np.arange(3))
    assert nothing is None
    assert found is not None
    assert found["low"] < 3.2 < found["high"]
