"""What the estimates reach where the truth is known; seeds are fixed, bounds leave room for others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit

from gapfinder.behaviour import fit_outcomes
from gapfinder.ranking import rank_ranges, unsure_unmet
from tests.analysis.estimated import coverage, estimated
from tests.analysis.simulated import HEAVY, MIDDLE, MILD, WEEKS, auc, calibration_error, simulated

FEW = {"keywords": 3000, "searches": 3.5, "skew": 0.3}  # two to five searches for most keywords
HEADS = {"keywords": 400, "members": (12, 50), "planted": 0.06}
SEEDS = (0, 1, 2)
# A keyword whose truth is exactly nothing is held by every interval that begins at 0, and most keywords are met.
WIDEST = 0.98


def mean_of(values: list[float]) -> float:
    return float(np.mean(values))


@pytest.mark.parametrize(
    ("changes", "reached", "error"),
    [
        ({"noise": MIDDLE}, 0.94, 0.025),
        ({"noise": MILD}, 0.98, 0.025),
        ({"noise": HEAVY}, 0.915, 0.035),
        ({"noise": MIDDLE, "distort": (2.0, 1.0)}, 0.94, 0.035),
        ({"noise": MIDDLE, "distort": (0.5, -1.0)}, 0.935, 0.035),
    ],
)
def test_behaviour_and_content_together_tell_unanswered_queries(
    changes: dict[str, Any], reached: float, error: float
) -> None:
    logs = [simulated(seed, **FEW, **changes) for seed in SEEDS]
    found = [estimated(log) for log in logs]
    assert mean_of([auc(log.content, log.missing) for log in logs]) < 0.915, "content alone"
    assert mean_of([auc(one.missing, log.missing) for log, one in zip(logs, found, strict=True)]) >= reached
    errors = [calibration_error(one.missing, log.missing) for log, one in zip(logs, found, strict=True)]
    assert mean_of(errors) <= error


@pytest.mark.parametrize(("noise", "reached"), [(MILD, 0.95), (MIDDLE, 0.91)])
def test_one_search_a_keyword_is_enough_to_help(noise: Any, reached: float) -> None:
    """With one outcome each neither strengths nor lapses can be seen; nothing runs away."""
    log = simulated(4, keywords=6000, noise=noise, searches=1.0, skew=0.0)
    single = log.known == 1
    fitted = fit_outcomes(log.content[single], log.unsatisfied[single], log.known[single])
    odds = logit(fitted.recalibrated(log.content[single])) + fitted.evidence(log.unsatisfied[single], log.known[single])
    missing = expit(odds)
    assert auc(missing, log.missing[single]) >= reached
    assert calibration_error(missing, log.missing[single]) <= 0.05
    assert 2 < fitted.missing_strength < 20
    assert 0.5 < fitted.reading.slope < 1.6


def test_an_overconfident_content_is_brought_down() -> None:
    """Log odds doubled and shifted by one: half of them and half a point less are the truth."""
    fitted = [estimated(simulated(seed, **FEW, noise=MILD, distort=(2.0, 1.0))).outcomes for seed in SEEDS]
    assert mean_of([one.reading.slope for one in fitted]) == pytest.approx(0.5, abs=0.12)
    assert mean_of([one.reading.offset for one in fitted]) == pytest.approx(-0.5, abs=0.25)
    honest = [estimated(simulated(seed, **FEW, noise=MILD)).outcomes for seed in SEEDS]
    assert mean_of([one.reading.slope for one in honest]) == pytest.approx(1.0, abs=0.2)
    assert mean_of([one.reading.offset for one in honest]) == pytest.approx(0.0, abs=0.25)


@pytest.mark.parametrize("noise", [MIDDLE, MILD])
def test_answers_that_content_cannot_see_do_not_raise_the_level(noise: Any) -> None:
    """A fifth of the answered queries look unanswered: the sum of unmet searches stays within a tenth of the truth."""
    logs = [simulated(seed, keywords=4000, searches=4.0, blind=0.2, noise=noise) for seed in SEEDS]
    found = [estimated(log) for log in logs]
    ratios = [
        float((one.rate.mean * one.counted.demand).sum()) / WEEKS / float(log.rate.sum())
        for log, one in zip(logs, found, strict=True)
    ]
    assert mean_of(ratios) == pytest.approx(1.0, abs=0.1)
    assert mean_of([one.outcomes.reading.unseen_answer for one in found]) > 0.2
    errors = [calibration_error(one.missing, log.missing) for log, one in zip(logs, found, strict=True)]
    assert mean_of(errors) <= 0.03
    held = np.array([coverage(log, one)[0] for log, one in zip(logs, found, strict=True)])
    assert 0.87 <= held.mean() <= WIDEST + 0.005


@pytest.mark.parametrize(
    ("changes", "planted"),
    [
        ({"hidden": 1.0}, 0.8),
        ({"hidden": 0.7}, 0.8),
        ({"hidden": 0.5}, 0.8),
        ({"hidden": 0.7, "outcomes": 0.3}, 0.75),  # little is known of them, and they lie beyond what a shift expects
        ({"hidden": 0.7, "noise": HEAVY}, 0.75),
        ({"hidden": 0.7, "distort": (2.0, 1.0)}, 0.8),
    ],
)
def test_nine_of_ten_intervals_hold_for_keywords_of_many_queries(changes: dict[str, Any], planted: float) -> None:
    logs = [simulated(seed, **{**HEADS, **changes}) for seed in SEEDS]
    held = np.array([coverage(log, estimated(log)) for log in logs])
    assert 0.87 <= held[:, 0].mean() <= 0.97
    assert held[:, 1].mean() >= planted


@pytest.mark.parametrize(
    "changes", [{}, {"noise": HEAVY}, {"noise": MILD}, {"distort": (2.0, 1.0)}, {"outcomes": 0.3}, {"members": (2, 5)}]
)
def test_nine_of_ten_intervals_hold_for_keywords_of_few_queries(changes: dict[str, Any]) -> None:
    logs = [simulated(seed, **{"keywords": 1500, "searches": 8.0, "planted": 0.05, **changes}) for seed in SEEDS]
    held = np.array([coverage(log, estimated(log)) for log in logs])
    assert 0.87 <= held[:, 0].mean() <= WIDEST
    assert held[:, 1].mean() >= 0.80


@pytest.mark.parametrize("width", [0.3, 1.0, 2.0])
def test_the_width_of_the_shift_is_found_again(width: float) -> None:
    found = [estimated(simulated(seed, **{**HEADS, "planted": 0.0, "width": width})).width for seed in SEEDS[:2]]
    assert mean_of(found) == pytest.approx(width, rel=0.3, abs=0.2)


def test_sums_are_not_biased() -> None:
    for changes in ({"keywords": 3000, "searches": 8.0}, {**HEADS, "planted": 0.0}):
        log = simulated(5, **changes)
        found = estimated(log)
        total = float((found.rate.mean * log.counted).sum()) / 12
        assert total == pytest.approx(log.rate.sum(), rel=0.05)


def test_the_top_is_as_stable_as_it_says() -> None:
    """The expected share of the top fifty that is truly the top fifty, against what is true in the simulation."""
    told, true = [], []
    for seed in range(8):
        log = simulated(seed, keywords=1000, searches=6.0, skew=1.2)
        found = estimated(log)
        order = np.lexsort((-found.rate.mean * log.counted, -found.low))
        ranks = rank_ranges(unsure_unmet(found.rate, found.counted, found.tau), order)
        told.append(ranks.stable[50])
        true.append(len(set(order[:50]) & set(np.argsort(-log.rate, kind="stable")[:50])) / 50)
    assert mean_of(told) == pytest.approx(mean_of(true), abs=0.06)


def test_nine_of_ten_ranks_lie_in_their_ranges() -> None:
    log = simulated(6, **{**HEADS, "planted": 0.0})
    found = estimated(log)
    ranks = rank_ranges(unsure_unmet(found.rate, found.counted, found.tau), np.argsort(-found.low, kind="stable"))
    true = np.empty(log.rate.size)
    true[np.argsort(-log.rate, kind="stable")] = np.arange(1, log.rate.size + 1)
    held = (ranks.best <= true) & (true <= ranks.worst)
    assert 0.85 <= held.mean() <= 0.98
