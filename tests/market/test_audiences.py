"""Audiences of simulated crowds: what was planted is found, and hardly anything else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from gapfinder.market import audiences
from gapfinder.market.audiences import FALSE_DISCOVERIES, LEAST_PEOPLE, Audiences, Crowd, find_audiences

GROUPS = 8
NOWHERE = Crowd(np.zeros(0, np.int64), np.zeros((0, GROUPS), np.int64))


def drawn(shares: np.ndarray, people: np.ndarray, random: np.random.Generator) -> Crowd:
    """Sets of so many people, in groups by chance; ``shares`` is sets x groups."""
    return Crowd(people, random.binomial(people[:, None], shares).astype(np.int64))


def everybody(shares: np.ndarray, people: int = 1_000_000) -> Crowd:
    return Crowd(np.array([people]), np.round(people * shares).astype(np.int64)[None, :])


def found_in(sets: Crowd, all_people: Crowd, floor: int = 5) -> Audiences:
    return find_audiences(sets, all_people, np.full(sets.people.size, -1, np.int64), NOWHERE, floor)


SHARES = np.linspace(0.05, 0.4, GROUPS)


def test_the_planted_group_comes_first() -> None:
    random = np.random.default_rng(1)
    sets, planted = 60, np.arange(60) % GROUPS
    shares = np.tile(SHARES, (sets, 1))
    shares[np.arange(sets), planted] *= 2.2
    crowd = drawn(shares, random.integers(120, 900, sets), random)
    found = found_in(crowd, everybody(SHARES))
    first = dict(zip(found.of[::-1].tolist(), found.group[::-1].tolist(), strict=True))
    assert sum(first.get(of) == group for of, group in enumerate(planted.tolist())) >= 57
    strongest = found.low[np.unique(found.of, return_index=True)[1]]
    assert (strongest > 1).mean() > 0.95
    row = int(np.flatnonzero(found.of == 0)[0])
    assert found.searchers[row] == crowd.members[0, found.group[row]]
    assert found.share[row] == crowd.members[0, found.group[row]] / crowd.people[0]
    assert found.low[row] < found.lift[row] < found.high[row]
    assert np.isnan(found.within).all(), "without categories nothing is said within one"


def test_where_nothing_is_planted_hardly_anything_is_found() -> None:
    random = np.random.default_rng(2)
    runs = [
        found_in(drawn(np.tile(SHARES, (80, 1)), random.integers(30, 900, 80), random), everybody(SHARES)).of.size
        for _ in range(20)
    ]
    assert sum(size > 0 for size in runs) <= 5, "a run says anything false as seldom as it promises"


def test_false_statements_are_few_among_all() -> None:
    random = np.random.default_rng(3)
    false = made = 0
    for _ in range(20):
        shares = np.tile(SHARES, (100, 1))
        shares[:30, 2] *= 1.8
        found = found_in(drawn(shares, random.integers(100, 600, 100), random), everybody(SHARES))
        made += found.of.size
        false += int(((found.of >= 30) | (found.group != 2)).sum())
    assert made > 400
    assert false / made <= 1.2 * FALSE_DISCOVERIES


def test_a_group_below_the_floor_is_not_named() -> None:
    people = np.array([200])
    members = np.array([[60, 0, 0, 0, 0, 0, 0, 0]])
    base = everybody(SHARES)
    assert found_in(Crowd(people, members), base, floor=60).group.tolist() == [0]
    assert found_in(Crowd(people, members), base, floor=61).group.tolist() == []


def test_few_people_prove_nothing() -> None:
    shares = np.full(GROUPS, 0.3)
    for people, named in ((LEAST_PEOPLE, [0]), (LEAST_PEOPLE - 1, [])):
        crowd = Crowd(np.array([people]), np.array([[people, *[0] * (GROUPS - 1)]]))
        assert found_in(crowd, everybody(shares)).group.tolist() == named
    small = everybody(np.full(GROUPS, 0.2))  # four of twenty are expected: too few to be tested
    assert found_in(Crowd(np.array([20]), np.array([[20] * GROUPS])), small).of.size == 0


def test_what_only_the_category_proves_is_named_if_it_is_more_than_among_all() -> None:
    """28 of 100 are hardly more than 20%, and many statements are made; in the category 5% are usual."""
    base, category = Crowd(np.array([10_000]), np.array([[2_000]])), Crowd(np.array([2_000]), np.array([[100]]))
    sets = Crowd(np.full(61, 100), np.array([[30], *[[20]] * 60]))
    nowhere = find_audiences(sets, base, np.full(61, -1), category, 5)
    assert nowhere.of.size == 0
    found = find_audiences(sets, base, np.array([0, *[-1] * 60]), category, 5)
    assert (found.of.tolist(), found.group.tolist()) == ([0], [0])
    assert found.low[0] > 1
    assert found.within[0] > 5
    assert found.q_value[0] < FALSE_DISCOVERIES / 10


def test_what_is_rare_among_all_is_no_audience_whatever_the_category_says() -> None:
    base, category = Crowd(np.array([10_000]), np.array([[2_000]])), Crowd(np.array([1_000]), np.array([[20]]))
    found = find_audiences(Crowd(np.array([100]), np.array([[16]])), base, np.array([0]), category, 5)
    assert found.of.size == 0, "eight times as many as in the category, but fewer than among all"


def test_a_set_that_is_all_of_its_category_has_no_others() -> None:
    base = Crowd(np.array([10_000]), np.array([[2_000]]))
    crowd = Crowd(np.array([100]), np.array([[60]]))
    found = find_audiences(crowd, base, np.array([0]), crowd, 5)
    assert found.group.tolist() == [0]
    assert np.isnan(found.within).all()


def test_a_set_with_people_of_other_categories_is_not_held_against_its_own() -> None:
    """A head term has the category of its most searched query, and queries of others."""
    base, category = Crowd(np.array([1_000]), np.array([[200]])), Crowd(np.array([100]), np.array([[12]]))
    found = find_audiences(Crowd(np.array([60]), np.array([[40]])), base, np.array([0]), category, 5)
    assert found.group.tolist() == [0]
    assert np.isnan(found.within).all()


def test_nobody_has_no_audience() -> None:
    empty = Crowd(np.zeros(0, np.int64), np.zeros((0, GROUPS), np.int64))
    assert found_in(empty, everybody(SHARES)).of.size == 0
    zero = Crowd(np.zeros(3, np.int64), np.zeros((3, GROUPS), np.int64))
    assert found_in(zero, Crowd(np.array([0]), np.zeros((1, GROUPS), np.int64))).of.size == 0
    without = Crowd(np.array([50]), np.zeros((1, 0), np.int64))
    assert found_in(without, Crowd(np.array([100]), np.zeros((1, 0), np.int64))).of.size == 0


def test_audiences_of_a_set_come_surest_first() -> None:
    base = Crowd(np.array([10_000]), np.array([[2_000, 2_000, 2_000]]))
    found = found_in(Crowd(np.array([400]), np.array([[150, 300, 80]])), base)
    assert found.group.tolist()[:2] == [1, 0]
    assert found.low.tolist() == sorted(found.low.tolist(), reverse=True)


def test_many_sets_are_looked_at_in_blocks_and_sparse_ones_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(4)
    shares = np.tile(SHARES, (70, 1))
    shares[np.arange(70), np.arange(70) % GROUPS] *= 2.2
    crowd = drawn(shares, random.integers(5, 900, 70), random)
    category = np.arange(70) % 3 - 1
    categories = Crowd(np.array([30_000, 40_000]), np.round(np.outer([30_000, 40_000], SHARES)).astype(np.int64))

    def told(sets: Crowd, of: Crowd) -> list[list[float]]:
        found = find_audiences(sets, everybody(SHARES), category, of, 5)
        return [np.nan_to_num(column).tolist() for column in vars(found).values()]

    whole = told(crowd, categories)
    assert len(whole[0]) > 20
    monkeypatch.setattr(audiences, "_BLOCK", 7)
    sparse = [Crowd(one.people, csr_array(one.members.astype(np.int32))) for one in (crowd, categories)]
    assert told(*sparse) == whole
