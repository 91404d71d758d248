"""What counts as noise: the interval of a difference, what two runs share, and many tests at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from gapfinder.interval import Z90
from gapfinder.movement import Estimates, Floats, false_discovery, moves

SIZE = 4000
WEEKS = 12.0


def _estimates(counts: Floats, probability: float | Floats, spread: float = 0.0) -> Estimates:
    chance = np.broadcast_to(np.asarray(probability, np.float64), counts.shape).copy()
    deviation = np.sqrt(chance**2 * counts + (spread * counts) ** 2)
    unmet = chance * counts
    return Estimates(
        per_week=unmet / WEEKS,
        low=np.maximum(unmet - Z90 * deviation, 0.0) / WEEKS,
        high=(unmet + Z90 * deviation) / WEEKS,
        probability=chance,
        counted=counts,
        weeks=np.full(counts.size, WEEKS),
        supply=np.full(counts.size, 2.0),
    )


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("rate", [30.0, 400.0])
def test_windows_that_share_days_err_as_often_as_they_say(share: float, rate: float) -> None:
    """Nothing changes but the searches of the days that are not shared: one p-value in ten lies below 0.1."""
    rng = np.random.default_rng(11)
    common = rng.poisson(rate * share, SIZE).astype(np.float64)
    first, second = (common + rng.poisson(rate * (1 - share), SIZE) for _ in range(2))
    move, _ = moves(_estimates(first, 0.8), _estimates(second, 0.8), common / np.sqrt(first * second))
    assert (move.p_value < 0.1).mean() == pytest.approx(0.1, abs=0.02)
    assert ((move.low <= 0) & (move.high >= 0)).mean() == pytest.approx(0.9, abs=0.02)


def test_without_the_shared_days_a_sliding_window_would_hide_what_moves() -> None:
    common = np.full(1, 1000.0)
    first, second = _estimates(common + 90, 0.8), _estimates(common + 150, 0.8)
    known, _ = moves(first, second, np.array([1000 / np.sqrt(1090 * 1150)]))
    ignored, _ = moves(first, second, np.zeros(1))
    assert known.p_value[0] < 0.001
    assert ignored.p_value[0] > 0.1


def test_what_is_not_known_of_the_supply_is_noise_too() -> None:
    counts = np.full(1, 500.0)
    sure, _ = moves(_estimates(counts, 0.3), _estimates(counts, 0.7), np.zeros(1))
    unsure, rate = moves(_estimates(counts, 0.3, 0.35), _estimates(counts, 0.7, 0.35), np.zeros(1))
    assert sure.p_value[0] < 1e-9
    assert unsure.p_value[0] > 0.3
    assert rate.p_value[0] > 0.3


def test_the_same_supply_over_the_same_searches_is_no_noise() -> None:
    """The same unknown stands on both sides, so it cancels; under another supply it does not."""
    counts = np.full(1, 500.0)
    one, other = _estimates(counts, 0.40, 0.3), _estimates(counts, 0.46, 0.3)
    same, _ = moves(one, other, np.ones(1))
    changed = Estimates(**{**vars(other), "supply": np.full(1, 0.1)})
    different, _ = moves(one, changed, np.ones(1))
    assert same.p_value[0] < 0.05
    assert different.p_value[0] > 0.5
    judged_anew, _ = moves(one, other, np.ones(1), one_judge=False)
    assert judged_anew.p_value[0] == pytest.approx(different.p_value[0], abs=0.2)


def test_an_interval_cut_at_zero_is_no_certainty() -> None:
    counts = np.full(1, 4.0)
    move, _ = moves(_estimates(counts * 0, 0.9), _estimates(counts, 0.9, 0.4), np.zeros(1))
    assert move.low[0] < 0
    assert move.p_value[0] > 0.1


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 1), st.floats(0, 0.4)), min_size=1, max_size=20),
    st.floats(0, 1),
)
def test_a_move_and_its_mirror_image(rows: list[tuple[int, float, float]], shared: float) -> None:
    """Before and after exchanged give the same move with the other sign, and the interval holds the move."""
    counts = np.array([row[0] for row in rows], np.float64)
    chance = np.array([row[1] for row in rows])
    one, other = _estimates(counts, chance, 0.1), _estimates(counts[::-1].copy(), chance[::-1].copy(), 0.2)
    correlation = np.full(counts.size, shared)
    for there, back in zip(moves(one, other, correlation), moves(other, one, correlation), strict=True):
        assert there.value == pytest.approx(-back.value)
        assert there.p_value == pytest.approx(back.p_value)
        assert there.low == pytest.approx(-back.high)
        assert (there.low <= there.value).all()
        assert (there.value <= there.high).all()
        assert ((there.p_value >= 0) & (there.p_value <= 1)).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_adjusted_p_values_are_those_of_scipy(p_values: list[float]) -> None:
    values = np.array(p_values)
    assert false_discovery(values) == pytest.approx(false_discovery_control(values), abs=1e-12)


def test_ten_thousand_steady_keywords_show_no_move() -> None:
    rng = np.random.default_rng(5)
    first, second = (rng.poisson(80.0, 10_000).astype(np.float64) for _ in range(2))
    move, _ = moves(_estimates(first, 0.7), _estimates(second, 0.7), np.zeros(10_000))
    assert (move.p_value < 0.05).sum() > 300, "by themselves hundreds look like moves"
    assert (false_discovery(move.p_value) <= 0.05).sum() <= 1


def test_what_moves_is_found_among_many_with_few_false_ones() -> None:
    rng = np.random.default_rng(6)
    rate = np.full(10_000, 200.0)
    rate[:500] = 300.0
    first, second = rng.poisson(200.0, 10_000).astype(np.float64), rng.poisson(rate).astype(np.float64)
    move, _ = moves(_estimates(first, 0.7), _estimates(second, 0.7), np.zeros(10_000))
    told = false_discovery(move.p_value) <= 0.05
    assert told[:500].mean() > 0.85
    assert told[500:].sum() / told.sum() <= 0.08
