"""Forecasts cover what they say, beat last week, and know festivals and season."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gapfinder.trend.festivals import NAMES, weekly_exposure
from gapfinder.trend.forecast import count_interval, forecasts_of
from gapfinder.trend.outlook import dated
from tests.trend.markets import coming, market

Floats = npt.NDArray[np.float64]
END = date(2026, 8, 24)


def _wandering(draw: np.random.Generator) -> Floats:
    return np.exp(np.cumsum(draw.normal(0, 0.1, (2000, 16)), axis=1))


def _moving(draw: np.random.Generator) -> Floats:
    slopes: Floats = draw.choice([0.0, 0.0, 0.05, -0.05], (2000, 1))
    return np.exp(np.arange(16) * slopes)


def _still(_: np.random.Generator) -> Floats:
    return np.ones((2000, 16))


@pytest.mark.parametrize("shape", [_still, _wandering, _moving])
@pytest.mark.parametrize("level", [5.0, 50.0, 300.0])
@pytest.mark.parametrize("scatter", [10.0, 1000.0])
def test_the_interval_covers_what_it_says(shape: Any, level: float, scatter: float) -> None:
    draw = np.random.default_rng(4)
    mean = level * shape(draw) * draw.gamma(scatter, 1 / scatter, (2000, 16))
    counts = draw.poisson(mean)
    found, coming = forecasts_of(counts[:, :12]), counts[:, 12:]
    known = np.isfinite(found.expected[:, 0])
    covered = ((found.low <= coming) & (coming <= found.high))[known]
    assert 0.83 < covered.mean() < 0.97
    error = np.abs(found.expected - coming)[known].sum()
    last_week = np.abs(counts[:, 11:12] - coming)[known].sum()
    assert error < 1.03 * last_week


def test_a_coming_festival_is_expected_and_a_past_one_not() -> None:
    for end, times in ((date(2026, 6, 8), "more"), (date(2026, 6, 22), "less")):
        made = market(end, before=60, festivals=("618",), level=60)
        outlook = made.outlook()
        moved = made.moved_by("618")
        rate = outlook.forecasts.expected[moved] / made.weekly[moved, -1:].clip(1)
        assert (np.median(rate[:, 1]) > 1.2) if times == "more" else (np.median(rate[:, 1]) < 0.75)


def test_forecasts_with_festivals_cover_what_they_say() -> None:
    end = date(2026, 6, 8)
    made = market(end, before=90, festivals=("618", "中秋", "双11"), level=40, scatter=100)
    level = (made.weekly / np.exp(made.effect @ weekly_exposure(end, 12).T)).mean(axis=1, keepdims=True)
    coming_exposure = weekly_exposure(date(2026, 7, 6), 4)
    coming = np.random.default_rng(8).poisson(level * np.exp(made.effect @ coming_exposure.T))
    found = made.outlook().forecasts
    known = np.isfinite(found.expected[:, 0])
    covered = ((found.low <= coming) & (coming <= found.high))[known]
    assert 0.85 < covered.mean() < 0.985
    assert made.effect[:, NAMES.index("618")].any()


def test_the_year_is_carried_on() -> None:
    made = market(date(2026, 4, 20), before=118, keywords=300, level=80, yearly=1.0)
    outlook = made.outlook()
    rate = outlook.forecasts.expected[:, 3] / made.weekly[:, -2:].mean(axis=1)
    assert np.median(rate) > 1.2  # the wave climbs by 0.45 in five weeks of spring


def test_weeks_have_their_dates_and_festivals() -> None:
    outlook = market(date(2026, 9, 21), keywords=60, level=60).outlook()
    weeks = coming(outlook)[0].forecast
    assert weeks is not None
    assert [week["start"] for week in weeks] == ["2026-09-21", "2026-09-28", "2026-10-05", "2026-10-12"]
    assert [week["festivals"] for week in weeks] == [["中秋"], ["国庆"], [], ["重阳"]]
    for week in weeks:
        assert 0 <= week["low"] <= week["searches"] <= week["high"]


def test_nothing_is_foretold_from_too_little() -> None:
    found = forecasts_of(np.array([[0] * 12, [9] * 12]))
    assert found[0] is None
    assert found[1] is not None
    assert dated([None], END) == [None]


def test_forecasts_do_not_depend_on_the_order_of_keywords() -> None:
    counts = np.random.default_rng(6).poisson(20, (300, 12))
    forward, backward = forecasts_of(counts), forecasts_of(counts[::-1])
    assert [forward[place] for place in range(300)] == [backward[299 - place] for place in range(300)]


def test_intervals_of_counts_widen_with_the_variance() -> None:
    mean = np.array([5.0, 5.0, 0.2, 1e6])
    low, high = count_interval(mean, np.array([5.0, 50.0, 0.2, 1e8]))
    assert low.tolist()[:3] == [2, 0, 0]
    assert high[0] == 9
    assert high[1] > high[0]
    assert low[3] == pytest.approx(1e6 - 16449, rel=0.001)
