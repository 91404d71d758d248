"""How notes answer together: the formula equals counting all cases, and moved odds reach what is asked."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.answers.together import ON_TOPIC, Groups, moved

Floats = npt.NDArray[np.float64]

PAIR = st.tuples(st.integers(0, 2), st.integers(0, 2), st.floats(0.01, 0.95), st.floats(0.0, 1.0))


def by_cases(group: list[int], probability: list[float], worth: list[float]) -> float:
    """Probability that no note answers and is worth reading: all cases of topics, answers and worths, added up."""
    topics = sorted(set(group))
    best = {one: max(p for g, p in zip(group, probability, strict=True) if g == one) for one in topics}
    pi = {one: min(1.0, best[one] / ON_TOPIC) for one in topics}
    total = 0.0
    for on_topic in product((False, True), repeat=len(topics)):
        case = dict(zip(topics, on_topic, strict=True))
        chance = float(np.prod([pi[one] if on else 1.0 - pi[one] for one, on in case.items()]))
        for answers in product((False, True), repeat=len(group)):
            each = [p / pi[g] if case[g] else 0.0 for g, p in zip(group, probability, strict=True)]
            so = float(np.prod([e if yes else 1.0 - e for e, yes in zip(each, answers, strict=True)]))
            fails = float(np.prod([1.0 - w for w, yes in zip(worth, answers, strict=True) if yes]))
            total += chance * so * fails
    return total


@given(st.lists(PAIR, min_size=1, max_size=7))
def test_none_answers_equals_counting_all_cases(pairs: list[tuple[int, int, float, float]]) -> None:
    need, pattern = (np.array([pair[place] for pair in pairs], np.int64) for place in (0, 1))
    p, worth = (np.array([pair[place] for pair in pairs]) for place in (2, 3))
    groups = Groups.of(need, pattern, 4)
    plain = np.exp(groups.sums(groups.log_none(p)))
    worthy = np.exp(groups.sums(groups.log_none(p, worth)))
    for number in range(4):
        rows = np.flatnonzero(need == number)
        group, own = pattern[rows].tolist(), p[rows].tolist()
        assert plain[number] == pytest.approx(by_cases(group, own, [1.0] * rows.size))
        assert worthy[number] == pytest.approx(by_cases(group, own, worth[rows].tolist()))


def test_ten_poor_matches_are_hardly_more_than_one() -> None:
    one = Groups.of(np.zeros(1, np.int64), np.ones(1, np.int64), 1)
    ten = Groups.of(np.zeros(10, np.int64), np.ones(10, np.int64), 1)
    apart = Groups.of(np.zeros(10, np.int64), np.arange(10, dtype=np.int64), 1)

    def none(groups: Groups, p: float, notes: int) -> float:
        return float(np.exp(groups.sums(groups.log_none(np.full(notes, p))))[0])

    assert none(one, 0.1, 1) == pytest.approx(0.9)
    assert none(ten, 0.1, 10) > 0.85
    assert none(apart, 0.1, 10) == pytest.approx(0.9**10), "notes with other words err independently"
    assert none(ten, 0.9, 10) == pytest.approx(0.1**10), "and so do full matches"


def test_a_group_may_have_no_pairs_left() -> None:
    groups = Groups.of(np.array([0, 0, 1]), np.array([1, 2, 1]), 3)
    left = groups.taken(np.array([1]))
    none = np.exp(left.sums(left.log_none(np.array([0.3]))))
    assert none.tolist() == pytest.approx([0.7, 1.0, 1.0])


def _drawn(seed: int, needs: int) -> tuple[Groups, npt.NDArray[np.int64], Floats]:
    """Pairs by need and group (some needs have none), with where each need's pairs start."""
    random = np.random.default_rng(seed)
    size = random.integers(0, 30, needs)
    size[::7] = 0
    need = np.repeat(np.arange(needs), size)
    pattern = random.integers(0, 5, need.size)
    order = np.lexsort((pattern, need))
    start = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    return Groups.of(need[order], pattern[order], needs), start, random.uniform(0.01, 0.95, need.size)


@given(st.integers(0, 10_000))
def test_moved_odds_reach_what_is_asked_and_keep_their_order(seed: int) -> None:
    groups, start, probability = _drawn(seed, 40)
    asked = np.random.default_rng(seed).choice([0.005, 0.02, 0.3, 0.5, 0.8, 0.98, 0.995], 40)
    found = moved(start, groups.of_pair, probability, asked)
    none = np.exp(groups.sums(groups.log_none(found)))
    having = np.diff(start) > 0
    assert none[having] == pytest.approx(asked[having], rel=1e-6)
    assert none[~having].tolist() == [1.0] * int((~having).sum())
    assert ((found > 0.0) & (found < 1.0)).all()
    for begin, end in pairwise(start.tolist()):
        order = np.argsort(probability[begin:end], kind="stable")
        assert (np.diff(found[begin:end][order]) >= 0).all()


def test_odds_that_say_it_already_stay() -> None:
    groups, start, probability = _drawn(3, 300)
    none = np.exp(groups.sums(groups.log_none(probability)))
    fair = np.flatnonzero((np.diff(start) > 0) & (none > 0.001))
    found = moved(start, groups.of_pair, probability, np.clip(none, 1e-12, 1.0))
    rows = np.flatnonzero(np.isin(groups.need[groups.of_pair], fair))
    assert rows.size > 100
    assert found[rows] == pytest.approx(probability[rows], abs=1e-5)
