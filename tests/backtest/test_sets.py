from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.backtest.sets import FARTHEST, MOST_CONTROLS, NOBODY, Sets, matched_sets, mean_differences, z_scores


@st.composite
def keywords(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size = draw(st.integers(1, 60))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    filled = random.random(size) < draw(st.sampled_from([0.1, 0.3, 0.7]))
    # Values that often tie.
    return filled, random.integers(0, 3, size), z_scores(np.round(random.normal(0, 1, (size, 3)), 1))


@given(keywords())
def test_sets_keep_the_rules(market: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    filled, category, scores = market
    sets = matched_sets(filled, category, scores)
    used = sets.controls[sets.controls != NOBODY]
    assert len(set(used.tolist())) == used.size, "a control serves once"
    assert not filled[used].any()
    assert filled[sets.gap].all()
    assert len(set(sets.gap.tolist())) == len(sets)
    for gap, controls in zip(sets.gap, sets.controls, strict=True):
        there = controls[controls != NOBODY]
        assert 1 <= there.size <= MOST_CONTROLS
        distance = ((scores[gap] - scores[there]) ** 2).sum(axis=1)
        assert (distance < FARTHEST).all()
        assert (category[there] == category[gap]).all()
    unmatched = np.flatnonzero(filled & ~np.isin(np.arange(filled.size), sets.gap))
    free = np.flatnonzero(~filled & ~np.isin(np.arange(filled.size), used))
    for gap in unmatched:
        near = ((scores[free] - scores[gap]) ** 2).sum(axis=1).round(9) < FARTHEST
        assert not (near & (category[free] == category[gap])).any(), "nobody is left alone beside a free control"


def test_the_nearest_are_taken_and_all_get_one_before_any_gets_two() -> None:
    filled = np.array([True, True, False, False, False])
    scores = np.array([[0.0], [0.3], [0.1], [0.35], [-0.2]])
    sets = matched_sets(filled, np.zeros(5, np.int64), scores)
    assert sets.gap.tolist() == [0, 1]
    assert sets.controls.tolist() == [[2, 4, NOBODY], [3, NOBODY, NOBODY]]
    assert sets.sizes.tolist() == [2, 1]
    assert sets.mean_of_controls(np.arange(5.0)).tolist() == [3.0, 3.0]


def test_no_control_no_set() -> None:
    filled, category = np.array([True, False]), np.array([0, 1])
    assert len(matched_sets(filled, category, np.zeros((2, 1)))) == 0
    assert len(matched_sets(np.array([True]), np.array([0]), np.zeros((1, 1)))) == 0
    assert len(matched_sets(np.array([False]), np.array([0]), np.zeros((1, 1)))) == 0


def test_scores_of_a_column_that_never_varies_are_zero() -> None:
    scores = z_scores(np.array([[1.0, 5.0], [3.0, 5.0]]))
    assert scores.tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert z_scores(np.zeros((0, 2))).shape == (0, 2)


def test_matching_balances() -> None:
    random = np.random.default_rng(4)
    filled = np.arange(600) < 100
    variables = random.normal(0, 1, (600, 2)) + 0.4 * filled[:, None]
    sets = matched_sets(filled, np.zeros(600, np.int64), z_scores(variables))
    before, after = mean_differences(filled, sets, variables)
    assert (before > 0.25).all()
    assert (np.abs(after) < 0.1).all()
    nothing = mean_differences(filled, Sets(np.empty(0, np.int64), np.empty((0, 3), np.int64)), variables)[1]
    assert np.isnan(nothing).all()
