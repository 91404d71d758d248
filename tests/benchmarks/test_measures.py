"""Measures and ranking rules of the benchmark of truth, against cases worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.truth.measures import auc, calibration_error, captured, coverage, precision_at, reliability
from benchmarks.truth.rules import RULES, Counted


def floats(*values: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array(values, np.float64)


def flags(text: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([letter == "+" for letter in text], bool)


def test_area_under_the_curve_by_hand() -> None:
    assert auc(floats(4, 3, 2, 1), flags("++--")) == 1.0
    assert auc(floats(4, 3, 2, 1), flags("--++")) == 0.0
    assert auc(floats(4, 3, 2, 1), flags("+-+-")) == 0.75  # of four pairs one is the wrong way round
    assert auc(floats(1, 1, 1), flags("+-+")) == 0.5
    assert np.isnan(auc(floats(1, 2), flags("++")))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30))
def test_area_under_the_curve_is_the_share_of_pairs_in_order(items: list[tuple[int, bool]]) -> None:
    positives = [score for score, positive in items if positive]
    negatives = [score for score, positive in items if not positive]
    found = auc(floats(*(score for score, _ in items)), np.array([positive for _, positive in items]))
    if not positives or not negatives:
        assert np.isnan(found)
        return
    won = sum((up > down) + 0.5 * (up == down) for up in positives for down in negatives)
    assert found == pytest.approx(won / (len(positives) * len(negatives)))


def test_precision_counts_the_first_and_shares_ties_out() -> None:
    assert precision_at(floats(9, 8, 7, 1), flags("+-+-"), 2) == 0.5
    assert precision_at(floats(9, 8, 8, 8), flags("-+--"), 2) == pytest.approx(
        1 / 6
    )  # one of three equal ones is taken
    assert precision_at(floats(5, 5, 5, 5), flags("+---"), 1) == 0.25


def test_captured_is_a_share_of_the_best_that_so_many_could_hold() -> None:
    assert captured(floats(3, 2, 1), floats(10, 0, 30), 1) == pytest.approx(10 / 30)
    assert captured(floats(3, 2, 1), floats(10, 0, 30), 2) == pytest.approx(10 / 40)
    assert captured(floats(1, 2, 3), floats(10, 0, 30), 1) == 1.0


def test_calibration_error_is_the_mean_distance_over_bins_of_equal_size() -> None:
    said = floats(0.1, 0.1, 0.8, 0.8)
    assert calibration_error(said, floats(0, 0, 1, 1), bins=2) == pytest.approx(0.15)
    assert calibration_error(said, floats(0.2, 0, 0.8, 0.8), bins=2) == pytest.approx(0.0)
    assert reliability(said, floats(0, 0, 1, 0), bins=2) == [pytest.approx((0.1, 0.0)), pytest.approx((0.8, 0.5))]


def test_coverage_counts_the_ends_in() -> None:
    assert coverage(floats(1, 1, 1, 1), floats(2, 2, 2, 2), floats(1, 2, 0.9, 2.1)) == 0.5


def rows(*probabilities: float) -> Any:
    return tuple({"unmet_probability": one, "unmet_per_week": one * 10, "unmet_low": one * 8} for one in probabilities)


def test_ranking_rules_on_three_keywords() -> None:
    """Much searched and served; a little searched and unserved; hardly searched and unserved."""
    counted = Counted(floats(1000, 40, 1), floats(499, 1, 0), floats(0.1, 0.6, 0.9), rows(0.2, 0.7, 0.8))
    score = {rule.name: rule.of(counted) for rule in RULES}
    assert score["ratio"].tolist() == [2.0, 20.0, 1.0]
    assert score["KEI"].tolist() == [2000.0, 800.0, 1.0]
    assert score["demand"].argmax() == 0
    assert score["log residual"].argmax() == 1
    assert score["log residual"].sum() == pytest.approx(0)
    assert score["gamma-Poisson"].argmax() == 1
    assert (score["gamma-Poisson"] < score["ratio"] + 1.5).all(), "a lower bound, but for what the prior adds"
    assert score["empty searches"].argmax() == 2
    assert score["unmet_probability"].tolist() == [0.2, 0.7, 0.8]
    assert np.isnan(score["excess"]).all(), "a run without the column can't be ordered by it"


def test_a_thin_keyword_never_leads_by_the_lower_bound() -> None:
    """One search without any note against a hundred on two: the plain ratio is fooled by nothing but small numbers."""
    many = [20.0] * 30
    counted = Counted(floats(100, 1, *many), floats(2, 0, *many), floats(*[0.0] * 32), rows(*[0.5] * 32))
    low = next(rule for rule in RULES if rule.name == "gamma-Poisson").of(counted)
    assert low[0] > low[1]
