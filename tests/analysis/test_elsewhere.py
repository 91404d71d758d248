"""What other wordings say about a need: the best one counts, as far as it is the same need."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gapfinder.unmet import Alternatives, Members, _elsewhere


def elsewhere(unanswered: list[float], alternatives: Alternatives, evidence: dict[int, float] | None = None) -> Any:
    """Probability that each need is unanswered under its other wordings too; each need has one query of its own."""
    needs = np.arange(len(unanswered))
    ones = np.ones(needs.size)
    members = Members(needs, needs, needs, needs, ones, ones, ones, ones)
    shift = np.array([(evidence or {}).get(int(need), 0.0) for need in needs])
    supply: Any = SimpleNamespace(whole=np.array(unanswered))
    return _elsewhere(members, supply, alternatives, shift)


def test_an_answer_counts_as_far_as_the_wording_is_the_same_need() -> None:
    found = elsewhere([1.0, 0.1, 0.1], {0: [(1, 1.0)], 1: [(2, 0.4)], 2: []})
    assert found.tolist() == pytest.approx([0.1, 1 - 0.4 * 0.9, 1.0])


def test_many_proposals_do_not_add_up() -> None:
    found = elsewhere([1.0, 0.0, 0.0, 0.0], {0: [(1, 0.45), (2, 0.45), (3, 0.45)]})
    assert found[0] == pytest.approx(0.55)


def test_what_searchers_of_the_other_wording_did_counts() -> None:
    before, after = (elsewhere([1.0, 0.1], {0: [(1, 1.0)]}, {1: shift})[0] for shift in (0.0, 4.0))
    assert after > 0.8 > before
