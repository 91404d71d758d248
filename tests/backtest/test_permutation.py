"""The test says "no effect" where there is none and finds one where there is; the plain ways don't."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.backtest import market, measured, p_values
from gapfinder.backtest.permutation import NoteResults, compare, expected, keyword_means
from gapfinder.backtest.sets import matched_sets, z_scores


def test_no_effect_raises_no_alarm_though_better_authors_choose_gaps() -> None:
    case = measured(0.0, 400, 60, 100)
    assert case["rejected"]["product"] <= 0.10, "5% is meant; of 100 markets 10 or fewer in 98 of 100 cases"
    assert case["rejected"]["mann_whitney"] >= 0.95
    assert case["rejected"]["unmatched"] >= 0.95
    assert case["rejected"]["plain_reads"] >= 0.6
    assert case["coverage"] >= 0.82
    assert case["mean_ratio"] == pytest.approx(1.0, abs=0.05)


def test_an_effect_of_a_third_is_found_more_often_than_not() -> None:
    case = measured(float(np.log(1.35)), 400, 60, 60)
    assert case["rejected"]["product"] >= 0.55
    assert case["coverage"] >= 0.82
    assert case["mean_ratio"] == pytest.approx(1.35, abs=0.08)


def test_the_same_seed_says_the_same() -> None:
    assert p_values(market(5), 5) == p_values(market(5), 5)


def test_an_effect_moves_ratio_and_interval_by_itself() -> None:
    one = market(11)
    notes, scores, sets = one.notes(level=True), z_scores(one.variables), one.sets()
    moved = NoteResults(notes.keyword, notes.author, notes.outcome + 0.7 * one.filled[notes.keyword])
    before, after = (compare(each, one.filled, scores, sets, 3) for each in (notes, moved))
    assert after.difference == pytest.approx(before.difference + 0.7, abs=1e-7)
    assert before.low is not None
    assert before.high is not None
    assert before.low < before.difference < before.high
    if before.unit == after.unit:
        assert after.low == pytest.approx(before.low + 0.7, abs=1e-6)
        assert after.high == pytest.approx(before.high + 0.7, abs=1e-6)


def test_p_value_and_interval_agree() -> None:
    """At 10%, the interval leaves 0 out exactly where the test rejects it."""
    seen = set()
    for seed in range(60):
        one = market(seed, keywords=120, gaps=30, effect=0.3)
        tested = compare(one.notes(level=True), one.filled, z_scores(one.variables), one.sets(), seed)
        assert tested.low is not None
        assert tested.high is not None
        rejected = tested.p_value <= 0.1
        assert rejected == (tested.low > 1e-6 or tested.high < -1e-6)
        seen.add(rejected)
    assert seen == {True, False}


def test_one_author_behind_many_gaps_makes_the_answer_more_doubtful() -> None:
    """Thirty filled gaps look like thirty cases; when one author wrote twenty of them they are not."""
    random = np.random.default_rng(2)
    filled = np.arange(90) < 30
    scores = z_scores(random.normal(0, 0.1, (90, 2)))
    keyword = np.arange(90)
    author = np.where(keyword < 20, 0, keyword)
    outcome = random.normal(0, 0.5, 90) + np.where(keyword < 20, 0.8, 0.0)
    sets = matched_sets(filled, np.zeros(90, np.int64), scores * 0.01)
    tested = compare(NoteResults(keyword, author, outcome), filled, scores, sets, 1)
    assert tested.p_keyword < 0.01
    assert tested.unit == "author"
    assert tested.p_value == tested.p_author > 0.05
    alone = compare(NoteResults(keyword, keyword, outcome), filled, scores, sets, 1)
    assert alone.unit == "keyword"


def test_few_sets_have_no_interval() -> None:
    filled = np.array([True, False, True, False])
    notes = NoteResults(np.arange(4), np.arange(4), np.array([1.0, 0.0, 1.2, 0.1]))
    tested = compare(notes, filled, np.zeros((4, 1)), matched_sets(filled, np.zeros(4, np.int64), np.zeros((4, 1))), 0)
    assert (tested.low, tested.high) == (None, None)
    assert tested.p_value > 0.2


def test_means_and_expectations() -> None:
    notes = NoteResults(np.array([0, 0, 2]), np.array([1, 2, 3]), np.array([1.0, 3.0, 5.0]))
    assert keyword_means(notes, 3)[[0, 2]].tolist() == [2.0, 5.0]
    assert np.isnan(keyword_means(notes, 3)[1])
    x = np.linspace(-1, 1, 40)
    filled = np.arange(40) % 4 == 0
    means = 2.0 + 3.0 * x + np.where(filled, 100.0, 0.0)
    assert expected(means, filled, x[:, None]) == pytest.approx(2.0 + 3.0 * x, abs=1e-8)
    few = expected(np.array([9.0, 1.0, 3.0]), np.array([True, False, False]), np.zeros((3, 1)))
    assert few.tolist() == [2.0, 2.0, 2.0]
