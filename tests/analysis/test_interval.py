from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, poisson

from gapfinder.behaviour import Outcomes
from gapfinder.interval import DEFAULT_TAU, Rate, counted_demand, lower_end, upper_end, weekly_variation
from gapfinder.shift import Beliefs, combine

CLASSES = Outcomes(0.75, 8.0, 0.3, 8.0, queries=1000)
none = np.zeros(1)


def interval_of(content: float, unsatisfied: int, known: int, demand: int) -> tuple[float, float, float]:
    """Lower end, mean and upper end for a keyword of one query."""
    outcomes = np.array([float(unsatisfied)]), np.array([float(known)])
    weight = np.array([float(max(demand, 1))])
    beliefs = Beliefs(
        np.array([content]), CLASSES.evidence(*outcomes), *CLASSES.unmet_share(*outcomes), weight, np.zeros(1, np.int64)
    )
    posterior = combine(beliefs, 1)
    rate = Rate(posterior.unmet / weight, posterior.deviation / weight, posterior.nothing)
    counted = counted_demand(np.array([float(demand)]), none, 12.0)
    least, most = rate.ends()
    low, high = lower_end(rate, least, counted, DEFAULT_TAU), upper_end(rate, most, counted, DEFAULT_TAU)
    return max(float(low[0]), 0.0), float(rate.mean[0]) * demand, float(high[0])


@given(st.floats(0, 1), st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_the_mean_lies_within(content: float, satisfied: int, unsatisfied: int, unknown: int) -> None:
    known = satisfied + unsatisfied
    low, mean, high = interval_of(content, unsatisfied, known, known + unknown)
    assert 0 <= low <= mean + 1e-9
    assert mean <= high + 1e-9


@given(st.floats(0.9, 1), st.integers(300, 5000), st.floats(0, 1), st.integers(0, 5), st.integers(0, 5))
def test_small_counts_never_stand_above_a_large_sure_gap(
    content: float, large: int, other: float, unsatisfied: int, satisfied: int
) -> None:
    """However extreme the few outcomes of a small keyword are."""
    sure, _, _ = interval_of(content, round(0.8 * large), large, large)
    small, _, small_high = interval_of(other, unsatisfied, unsatisfied + satisfied, unsatisfied + satisfied)
    assert small <= small_high < sure


def test_content_alone_says_that_a_keyword_is_answered_or_not() -> None:
    silent = Rate(np.array([0.5]), np.array([0.5]), np.array([0.5]))
    assert np.concatenate(silent.ends()) == pytest.approx([0.0, 1.0])
    # Nothing is lacking with more than 95%: the interval still reaches the mean.
    met = Rate(np.array([0.03]), np.sqrt(np.array([0.03 * 0.97])), np.array([0.97]))
    assert np.concatenate(met.ends()) == pytest.approx([0.0, 0.03])


def test_the_upper_end_is_the_point_of_the_mixture() -> None:
    """Against a million draws: answered with 40%, else a share around 0.75."""
    rng = np.random.default_rng(3)
    draws = np.where(rng.random(1_000_000) < 0.4, 0.0, rng.beta(9, 3, 1_000_000))
    rate = Rate(np.array([draws.mean()]), np.array([draws.std()]), np.array([0.4]))
    _, most = rate.ends()
    assert most[0] == pytest.approx(np.quantile(draws, 0.95), abs=0.003)


def test_a_count_has_the_limits_of_garwood() -> None:
    counted = counted_demand(np.array([0.0, 1.0, 7.0, 400.0]), np.zeros(4), 12.0)
    assert counted.low == pytest.approx([0.0, *gamma.ppf(0.05, [1, 7, 400])])
    assert counted.high == pytest.approx(gamma.ppf(0.95, [1, 2, 8, 401]))
    assert counted.high[0] == pytest.approx(3.0, abs=0.01), "none seen may still be three"
    assert poisson.cdf(7, counted.high[2]) == pytest.approx(0.05)


def test_weeks_that_vary_more_than_chance_widen_the_demand() -> None:
    rng = np.random.default_rng(2)
    steady = rng.poisson(50, (200, 12))
    restless = rng.poisson(50 * rng.gamma(4, 1 / 4, (200, 12)))
    assert weekly_variation(steady, 200).mean() < 0.01
    assert weekly_variation(restless, 200).mean() == pytest.approx(0.25, rel=0.25)
    rising = np.tile(np.arange(40, 100, 5), (50, 1))
    assert weekly_variation(rising, 50).max() == 0, "a trend is no variation"
    assert (weekly_variation(restless[:, :3], 200) == 0).all(), "three weeks say nothing"
    narrow, wide = (counted_demand(np.array([600.0]), np.array([v]), 12.0) for v in (0.0, 0.25))
    assert wide.low[0] < narrow.low[0] < 600 < narrow.high[0] < wide.high[0]
    assert weekly_variation(np.zeros((3, 12), np.int64), 3).tolist() == [0, 0, 0]


def test_restless_weeks_are_covered() -> None:
    """Nine of ten intervals hold the true rate of a demand whose weeks vary."""
    rng = np.random.default_rng(8)
    usual = rng.uniform(5, 80, 2000)
    weekly = rng.poisson(usual[:, None] * rng.gamma(5, 1 / 5, (2000, 12)))
    total = weekly.sum(axis=1).astype(np.float64)
    counted = counted_demand(total, weekly_variation(weekly, 2000), 12.0)
    held = (counted.low <= 12 * usual) & (12 * usual <= counted.high)
    assert 0.86 <= held.mean() <= 0.95
