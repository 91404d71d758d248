"""Festivals make no trend: their peak is no rise, their end no fall, and what one occurrence shows is not overdone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from gapfinder.trend.festivals import NAMES
from gapfinder.trend.pooling import pooled, q_values
from gapfinder.trend.slope import trends_of
from tests.trend.markets import coming, market

BEFORE_618 = date(2026, 6, 20)
AFTER_618 = date(2026, 8, 24)
BEFORE_MOON = date(2026, 9, 26)
FESTIVALS = ("618", "中秋", "双11")


@pytest.mark.parametrize(
    ("end", "festival", "wrong"),
    [(BEFORE_618, "618", "rising"), (AFTER_618, "618", "falling"), (BEFORE_MOON, "中秋", "rising")],
)
def test_a_festival_makes_no_trend_where_the_history_knows_it(end: date, festival: str, wrong: str) -> None:
    made = market(end, before=60, festivals=FESTIVALS)
    moved = made.moved_by(festival)
    without = (trends_of(made.weekly).direction[moved] == wrong).mean()
    found = made.outlook().trends.direction
    assert without > 0.35, "the market must tempt"
    assert (found[moved] == wrong).mean() < 0.13
    assert (found[~moved] == wrong).mean() < 0.1


@pytest.mark.parametrize("end", [BEFORE_618, AFTER_618])
def test_an_unknown_festival_tempts_less_than_none(end: date) -> None:
    """Without a history only what many keywords do alike tells a festival; the rest widens the interval."""
    made = market(end, festivals=FESTIVALS)
    moved = made.moved_by("618")
    plain, found = trends_of(made.weekly).direction, made.outlook().trends.direction
    assert (found[moved] != "flat").mean() < 0.75 * (plain[moved] != "flat").mean()
    assert (found[~moved] == "flat").mean() > 0.9


def test_the_intervals_hold_with_festivals_in_the_window() -> None:
    made = market(BEFORE_618, before=60, festivals=FESTIVALS)
    trends = made.outlook().trends
    known = trends.direction != "unknown"
    assert 0.87 < ((trends.low <= 0) & (trends.high >= 0))[known].mean() < 0.98


def test_a_true_trend_is_still_found() -> None:
    made = market(AFTER_618, before=60, festivals=FESTIVALS, level=40)
    climb = np.exp(np.linspace(0, np.log(3), 12))
    rising = np.random.default_rng(3).poisson(made.weekly * climb)
    found = replace(made, weekly=rising).outlook().trends
    assert (found.direction == "rising").mean() > 0.85
    assert (found.direction == "falling").mean() < 0.01


def test_effects_are_near_the_truth_and_their_intervals_hold() -> None:
    made = market(AFTER_618, before=118, festivals=FESTIVALS, level=60)
    effects = made.outlook().effects
    column = NAMES.index("双11")
    assert effects.seen[column]
    assert effects.occurrences[column] == 2
    moved = made.moved_by("双11")
    off = effects.mean[:, column] - made.effect[:, column]
    assert abs(off[moved].mean()) < 0.1
    assert abs(off[~moved].mean()) < 0.1
    within = np.abs(off) <= 1.645 * np.sqrt(effects.variance[:, column])
    assert within[moved].mean() > 0.85
    assert within[~moved].mean() > 0.88


def test_nothing_is_claimed_of_a_festival_without_history() -> None:
    made = market(AFTER_618, before=12, festivals=FESTIVALS)
    outlook = made.outlook()
    assert not outlook.effects.seen.any()
    assert coming(outlook)[0].season["festivals"] == []


def test_pooling_draws_the_unsure_to_the_usual_and_leaves_the_sure() -> None:
    draw = np.random.default_rng(5)
    estimate = np.append(draw.normal(0, 0.3, 500), 3.0)
    variance = np.append(np.full(500, 0.09), 0.01)
    found = pooled(estimate, variance)
    assert np.abs(found.mean[:500]).max() < 0.5 * np.abs(estimate[:500]).max()
    assert found.mean[500] == pytest.approx(3.0, abs=0.1)
    assert (found.variance > 0).all()
    assert (found.variance[:500] < 0.09).all()


def test_pooling_keeps_the_scale() -> None:
    estimate, variance = np.array([0.3, -0.1, 0.8]), np.array([0.1, 0.2, 0.05])
    small = pooled(estimate / 10, variance / 100, unit=0.1)
    assert small.mean * 10 == pytest.approx(pooled(estimate, variance).mean)


def test_q_values_are_those_of_benjamini_and_hochberg() -> None:
    found = q_values(np.array([0.01, 0.04, np.nan, 0.03, 0.5]))
    assert found[[0, 1, 3, 4]] == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert np.isnan(found[2])
