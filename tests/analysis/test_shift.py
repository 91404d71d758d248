from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, logit

from gapfinder.shift import DEFAULT_WIDTH, Beliefs, combine, fit_width

RNG = np.random.default_rng(12)


def beliefs_of(content: list[float], evidence: list[float], share: float = 1.0) -> Beliefs:
    """Members of one keyword with a search each."""
    size = len(content)
    shares, none = np.full(size, share), np.zeros(size)
    return Beliefs(np.array(content), np.array(evidence), shares, none, np.ones(size), np.zeros(size, np.int64))


@given(st.floats(0.02, 0.98), st.sampled_from([0.3, 1.0, 2.0]), st.integers(2, 8))
def test_without_outcomes_the_shift_leaves_probabilities_alone(content: float, width: float, queries: int) -> None:
    """It makes the queries err together: the deviation grows, the mean stays."""
    found = combine(beliefs_of([content] * queries, [0.0] * queries), 1, width)
    assert found.unmet[0] / queries == pytest.approx(content, abs=1e-4)
    assert found.deviation[0] >= np.sqrt(queries * content * (1 - content)) * 0.999
    assert found.nothing[0] >= (1 - content) ** queries * 0.999


def test_what_one_query_shows_speaks_for_the_others() -> None:
    alone = combine(beliefs_of([0.3], [0.0]), 1).unmet[0]
    beside = combine(beliefs_of([0.3] * 6, [0.0, *[3.0] * 5]), 1).unmet[0] - 5 * expit(logit(0.3) + 3.0)
    against = combine(beliefs_of([0.3] * 6, [0.0, *[-3.0] * 5]), 1).unmet[0]
    assert alone == pytest.approx(0.3)
    assert beside > 0.45
    assert against < 0.35


def test_the_mixture_is_that_of_draws() -> None:
    """Mean, deviation and probability of nothing, against draws of the whole model weighted by the evidence."""
    content, evidence = RNG.uniform(0.05, 0.6, 4), RNG.normal(0, 1, 4)
    found = combine(beliefs_of(content.tolist(), evidence.tolist(), 0.7), 1)
    draws = 400_000
    apart = RNG.random((draws, 1)) < 0.05
    shift = np.where(apart, RNG.normal(3.0, 0.7, (draws, 1)), RNG.normal(0, DEFAULT_WIDTH, (draws, 1)))
    odds = [brentq(lambda odds, p=p: expit(odds + shift).mean() - p, -9, 9) for p in content]
    missing = RNG.random((draws, 4)) < expit(np.array(odds) + shift)
    weight = np.exp((missing * evidence).sum(axis=1))
    unmet = 0.7 * missing.sum(axis=1)
    mean = np.average(unmet, weights=weight)
    assert found.unmet[0] == pytest.approx(mean, abs=0.01)
    assert found.deviation[0] == pytest.approx(np.sqrt(np.average((unmet - mean) ** 2, weights=weight)), abs=0.01)
    assert found.nothing[0] == pytest.approx(np.average(unmet == 0, weights=weight), abs=0.01)


def test_too_few_keywords_leave_the_default_width() -> None:
    beliefs = beliefs_of([0.5] * 20, [2.0] * 20)
    assert fit_width(beliefs, np.ones(20), 1) == DEFAULT_WIDTH
