from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from gapfinder.answers.reading import Reading
from gapfinder.behaviour import Outcomes, fit_outcomes
from gapfinder.shift import Beliefs, Posterior, combine

Floats = npt.NDArray[np.float64]
CLEAR = Outcomes(0.85, 8.0, 0.2, 8.0, queries=100)


def combined(content: Floats, outcomes: tuple[Floats, Floats], demand: Floats, fitted: Outcomes = CLEAR) -> Posterior:
    """Each query as a keyword of its own."""
    evidence, share = fitted.evidence(*outcomes), fitted.unmet_share(*outcomes)
    return combine(Beliefs(content, evidence, *share, demand, np.arange(content.size)), content.size)


def test_the_two_classes_are_found_again() -> None:
    rng = np.random.default_rng(7)
    missing = rng.random(3000) < 0.3
    known = rng.integers(1, 40, 3000).astype(float)
    rate = np.where(missing, rng.beta(8 * 0.8, 8 * 0.2, 3000), rng.beta(10 * 0.25, 10 * 0.75, 3000))
    content = expit(rng.normal(np.where(missing, 1.0, -1.5), 1.0))
    outcomes = fit_outcomes(content, rng.binomial(known.astype(int), rate).astype(float), known)
    assert outcomes.missing_rate == pytest.approx(0.8, abs=0.05)
    assert outcomes.met_rate == pytest.approx(0.25, abs=0.05)
    assert outcomes.queries == 3000


def test_too_few_outcomes_leave_the_defaults() -> None:
    few = fit_outcomes(np.full(5, 0.5), np.ones(5), np.ones(5))
    none = fit_outcomes(np.full(5, 0.5), np.zeros(5), np.zeros(5))
    assert few.missing_rate == none.missing_rate
    assert few.queries == 5
    assert none.queries == 0


@given(
    st.integers(0, 2**32 - 1), st.integers(30, 200), st.sampled_from([1, 20, 5000]), st.sampled_from([0.0, 0.5, 1.0])
)
@settings(max_examples=30, deadline=None)
def test_any_outcomes_give_classes_that_can_be_used(seed: int, queries: int, most: int, unsatisfied: float) -> None:
    rng = np.random.default_rng(seed)
    known = rng.integers(1, most + 1, queries).astype(float)
    content = np.round(rng.random(queries) * rng.choice([0.0, 1.0, 2.0]), 2).clip(0, 1)
    found = fit_outcomes(content, np.round(unsatisfied * known), known)
    assert 0 < found.met_rate < found.missing_rate < 1 or found.met_rate == found.missing_rate
    assert 0.2 <= round(found.reading.slope, 1) <= 8
    content = np.linspace(0, 1, 50)
    read = found.recalibrated(content)
    assert (np.diff(read) >= 0).all()
    assert np.isfinite(found.evidence(np.zeros(1), np.full(1, 1e6))).all()


def test_a_few_hundred_outcomes_count_as_calibration() -> None:
    rng = np.random.default_rng(3)
    content, known = rng.random(300), np.full(300, 4.0)
    unsatisfied = rng.binomial(4, 0.2 + 0.6 * (rng.random(300) < content)).astype(float)
    assert fit_outcomes(content, unsatisfied, known).calibrated
    assert not fit_outcomes(content[1:], unsatisfied[1:], known[1:]).calibrated
    assert fit_outcomes(content[1:], unsatisfied[1:], known[1:], labels=100).calibrated
    assert fit_outcomes(content, unsatisfied, known) == fit_outcomes(content, unsatisfied, known)
    silent = fit_outcomes(content, unsatisfied, np.zeros(300))
    assert (silent.calibrated, silent.reading) == (False, Reading())


@given(st.floats(0.05, 0.95), st.integers(0, 30), st.integers(0, 30))
def test_more_unsatisfied_searches_never_lower_the_unmet_share(
    content: float, satisfied: int, unsatisfied: int
) -> None:
    def unmet(k: int, n: int) -> float:
        outcomes = np.array([float(k)]), np.array([float(n)])
        return float(combined(np.array([content]), outcomes, np.array([10.0])).unmet[0])

    n = satisfied + unsatisfied
    assert 0.0 <= unmet(unsatisfied, n) <= 10.0
    if unsatisfied < n:
        assert unmet(unsatisfied + 1, n) >= unmet(unsatisfied, n) - 1e-9


def test_without_outcomes_the_content_speaks() -> None:
    zero = np.zeros(2)
    silent = fit_outcomes(np.array([0.9, 0.1]), zero, zero)
    posterior = combined(np.array([0.9, 0.1]), (zero, zero), np.array([100.0, 100.0]), silent)
    assert posterior.unmet == pytest.approx([90, 10])
    assert posterior.nothing == pytest.approx([0.1, 0.9])
    assert (posterior.deviation > 20).all(), "one need of one keyword is either met or not"


def test_a_keyword_is_the_sum_of_its_members_in_any_blocks() -> None:
    rng = np.random.default_rng(1)
    keyword = np.sort(rng.integers(0, 50, 400))
    content, demand = rng.random(400), rng.integers(1, 20, 400).astype(float)
    evidence = rng.normal(0, 1, 400)
    beliefs = Beliefs(content, evidence, *CLEAR.unmet_share(np.ones(400), np.ones(400)), demand, keyword)
    whole = combine(beliefs, 50)
    for number in range(50):
        own = np.flatnonzero(keyword == number)
        alone = combine(beliefs.take(own, np.zeros(own.size, np.int64)), 1)
        assert alone.unmet[0] == pytest.approx(whole.unmet[number], abs=1e-9)
        assert alone.deviation[0] == pytest.approx(whole.deviation[number], abs=1e-6)


def test_a_tenth_of_satisfied_searches_is_not_unmet() -> None:
    outcomes = np.array([880.0]), np.array([1000.0])
    posterior = combined(np.array([0.9]), outcomes, np.array([1200.0]))
    assert posterior.unmet[0] == pytest.approx(0.88 * 1200, rel=0.01)
    assert posterior.deviation[0] < 20
