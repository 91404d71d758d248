from __future__ import annotations

import numpy as np

from gapfinder.censoring import notes_at_least, pile_up, supply_at_least


def test_many_needs_with_the_same_largest_number_are_a_ceiling() -> None:
    rng = np.random.default_rng(1)
    free = rng.negative_binomial(2, 0.01, 400)
    assert pile_up(free) is None
    assert pile_up(np.minimum(free, 220)) == 220
    assert pile_up(np.minimum(free, 20)) is None, "too few notes to tell a ceiling from chance"
    assert pile_up(np.zeros(5, np.int64)) is None


def test_a_declared_limit_stands_for_the_pile() -> None:
    matching = np.array([0, 100, 197, 199, 220, 900])
    few = np.zeros(6, bool)
    assert supply_at_least(few, matching, 220).tolist() == [False, False, False, True, True, True]
    assert not supply_at_least(few, matching, 0).any()
    assert supply_at_least(np.array([True, *[False] * 5]), matching, 0).tolist() == [True, *[False] * 5]


def test_many_candidates_are_no_limit_of_the_notes() -> None:
    matching = np.array([10, 517])
    assert supply_at_least(np.array([False, True]), matching, 0).tolist() == [False, True]
    assert not notes_at_least(matching, 0).any(), "they were all counted"
    assert notes_at_least(matching, 517).tolist() == [False, True]
