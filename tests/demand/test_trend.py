"""Trends and forecasts: right on clear series, honest on noise."""

from __future__ import annotations

import numpy as np
import pytest

from gapfinder.trend.forecast import forecast_of, forecasts_of
from gapfinder.trend.slope import trend_of, trends_of

RISING = [5, 6, 7, 9, 12, 15, 18, 24, 30, 36, 44, 55]


def test_a_steady_rise_and_fall() -> None:
    rising, falling = trend_of(RISING), trend_of(RISING[::-1])
    assert rising["direction"] == "rising"
    assert rising["change"] == pytest.approx(10, rel=0.2)
    assert falling["direction"] == "falling"
    assert falling["change"] == pytest.approx(-0.91, abs=0.02)
    assert rising["low"] is not None
    assert rising["high"] is not None
    assert 0 < rising["low"] < rising["high"]
    assert rising["weekly"] == RISING


def test_a_flat_series_is_flat() -> None:
    trend = trend_of([20] * 12)
    assert (trend["direction"], trend["change"]) == ("flat", 0.0)


@pytest.mark.parametrize("odd", [200, 0])
def test_one_odd_week_makes_no_trend(odd: int) -> None:
    assert trend_of([20] * 11 + [odd])["direction"] == "flat"
    assert trend_of([odd] + [20] * 11)["direction"] == "flat"


def test_a_sure_but_small_change_is_flat() -> None:
    trend = trend_of([100_000 + 400 * week for week in range(12)])
    assert trend["change"] == pytest.approx(0.044, abs=0.001)
    assert trend["direction"] == "flat"


@pytest.mark.parametrize("weekly", [[], [50], [50, 60, 70], [0] * 12, [0, 1, 0, 2] * 3, [0] * 11 + [100]])
def test_too_little_is_unknown(weekly: list[int]) -> None:
    trend = trend_of(weekly)
    assert trend["direction"] == "unknown"
    assert (trend["change"], trend["low"], trend["high"], trend["weekly"]) == (None, None, None, weekly)
    assert forecast_of(weekly) is None


def test_extreme_series_stay_finite() -> None:
    rows = np.array([[0] * 9 + [1, 10, 10**9], [10**12] * 12, [10**9, 10, 1] + [0] * 9, [4, 4, 4] + [0] * 9])
    trends = trends_of(rows)
    for column in (trends.change, trends.low, trends.high):
        assert np.isfinite(column).all()
        assert (column >= -1).all()
    assert trends[2]["direction"] == "falling"


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    rows = np.random.default_rng(3).poisson(8, (50, 12))
    trends = trends_of(rows)
    assert [trends[place] for place in range(50)] == [trend_of(row.tolist()) for row in rows]


@pytest.mark.parametrize("weeks", [4, 8, 12])
@pytest.mark.parametrize("base", [4.0, 40.0, 400.0])
@pytest.mark.parametrize("change", [0.0, 1.0, -0.5])
@pytest.mark.parametrize("spread", [None, 10.0])
def test_the_interval_covers_what_it_says(weeks: int, base: float, change: float, spread: float | None) -> None:
    draw = np.random.default_rng(weeks)
    mean = np.tile(base * np.exp(np.log1p(change) * np.arange(weeks) / (weeks - 1)), (3000, 1))
    if spread is not None:  # overdispersed: gamma-Poisson
        mean = draw.gamma(spread, mean / spread)
    trends = trends_of(draw.poisson(mean))
    known = trends.direction != "unknown"
    covered = ((trends.low <= change) & (change <= trends.high))[known].mean()
    assert 0.84 < covered < 0.97
    if change == 0:
        assert (trends.direction[known] == "flat").mean() > 0.84


def test_a_forecast_goes_on_with_a_fading_trend() -> None:
    coming = forecast_of(RISING)
    assert coming is not None
    assert [week["week"] for week in coming] == [1, 2, 3, 4]
    values = [week["searches"] for week in coming]
    assert 55 < values[0] < values[1] < values[2] < values[3]
    steps = np.diff(values)
    assert (np.diff(steps) < 0).all()
    widths = [week["high"] - week["low"] for week in coming]
    assert widths == sorted(widths)


def test_a_forecast_without_a_trend_stays_at_the_level() -> None:
    coming = forecast_of([20] * 12, weeks=2)
    assert coming is not None
    assert [week["searches"] for week in coming] == [20.0, 20.0]
    assert all(0 <= week["low"] < 20 < week["high"] for week in coming)


@pytest.mark.parametrize("level", [5.0, 50.0, 500.0])
@pytest.mark.parametrize("spread", [None, 10.0])
def test_forecasts_cover_what_they_say(level: float, spread: float | None) -> None:
    draw = np.random.default_rng(7)
    mean = np.full((400, 16), level) if spread is None else draw.gamma(spread, level / spread, (400, 16))
    counts = draw.poisson(mean)
    found, coming = forecasts_of(counts[:, :12]), counts[:, 12:]
    known = np.isfinite(found.expected[:, 0])
    covered = ((found.low <= coming) & (coming <= found.high))[known].mean()
    assert 0.87 < covered < 0.96
