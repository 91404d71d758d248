"""How log-odds are read: a curve that labels move, that never turns round and never is surer than it may be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from gapfinder.answers.reading import Reading, fit_reading


def drawn(labels: int, reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    odds = rng.normal(0.0, 2.0, labels)
    return odds, (rng.random(labels) < reading.probability(odds)).astype(float)


def test_as_it_is_without_a_word() -> None:
    odds = np.linspace(-5, 5, 11)
    assert Reading().probability(odds).tolist() == expit(odds).tolist()


def test_many_labels_find_the_curve_again() -> None:
    odds, truth = drawn(20_000, Reading(0.7, 1.2, 0.03, 0.15))
    found = fit_reading(odds, truth)
    assert abs(found.offset - 0.7) < 0.15
    assert abs(found.slope - 1.2) < 0.2
    assert abs(found.unseen_answer - 0.15) < 0.03
    assert abs(found.unseen_gap - 0.03) < 0.02


def test_few_labels_move_the_level_and_hardly_the_slope() -> None:
    odds, truth = drawn(60, Reading(1.5))
    found = fit_reading(odds, truth)
    assert 0.7 < found.slope < 1.4
    assert abs(found.probability(odds).mean() - truth.mean()) < 0.05


@given(st.floats(-6, 6), st.floats(-2, 2), st.floats(-8, -1), st.floats(-8, -0.5))
def test_more_odds_are_never_less_probable_and_never_certain(
    offset: float, slope: float, unseen_gap: float, unseen_answer: float
) -> None:
    reading = Reading.of(np.array([offset, slope, unseen_gap, unseen_answer]))
    found = reading.probability(np.linspace(-9, 9, 40))
    assert (np.diff(found) >= 0).all()
    assert ((found > 0) & (found < 1)).all()
    assert Reading.from_json(reading.as_json()) == reading


@given(st.lists(st.tuples(st.floats(-9, 9), st.booleans()), min_size=1, max_size=40))
def test_any_labels_give_a_curve(labels: list[tuple[float, bool]]) -> None:
    odds, truth = np.array(labels, float).T
    assert np.isfinite(fit_reading(odds, truth).as_json()).all()
