"""What the backtest says when it is known what happened: false alarms where filling a gap has no effect, power where it has.

The market is simulated with the two things that fool a plain comparison. Better authors choose gaps, so notes in gaps
are read more although the gap does nothing; and a keyword is found to be a gap while its demand is high by chance, so
that demand falls back afterwards. Four ways judge each market: notes of gaps against all others (Mann-Whitney), keywords
permuted without matching, matched sets with plain reads, and matched sets with each author's usual level (the product's).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.stats import mannwhitneyu

from benchmarks.record import keep
from gapfinder.backtest.permutation import NoteResults, Tested, compare, keyword_means
from gapfinder.backtest.sets import Bools, Floats, Ints, Sets, matched_sets, z_scores

RUNS: Final = 400
_PERMUTED: Final = 999


@dataclass(frozen=True)
class Market:
    """One simulated market after the gaps were filled.

    Attributes:
        filled: Which keywords are filled gaps.
        category: Category of each keyword.
        variables: ln searches, ln reads of older notes, trend (keywords x 3), as known at the day.
        keyword, author: Of each new note.
        reads: ln reads of each new note.
        usual: ln of its author's usual reads, as its older notes show it.
    """

    filled: Bools
    category: Ints
    variables: Floats
    keyword: Ints
    author: Ints
    reads: Floats
    usual: Floats

    def notes(self, *, level: bool) -> NoteResults:
        """The notes with their outcome, relative to the author's level or not."""
        return NoteResults(self.keyword, self.author, self.reads - self.usual if level else self.reads)

    def sets(self) -> Sets:
        """The matched sets."""
        return matched_sets(self.filled, self.category, z_scores(self.variables))


def market(seed: int, *, keywords: int = 400, gaps: int = 60, effect: float = 0.0, chosen: float = 0.9) -> Market:
    """Simulate a market.

    Args:
        seed: Of everything drawn.
        keywords: Keywords with new notes.
        gaps: Filled gaps among them.
        effect: What a gap adds to ln reads of a note that fills it.
        chosen: How much better (ln reads) the authors are that choose gaps.
    """
    random = np.random.default_rng(seed)
    category = random.integers(0, 4, keywords)
    interest = random.normal(0, 0.6, keywords) + np.array([0.0, 0.3, -0.2, 0.5])[category]  # lasting
    chance = random.normal(0, 0.5, keywords)  # of these weeks; gone afterwards
    searches = 4 + interest + chance + random.normal(0, 0.1, keywords)
    older = 7 + 0.6 * interest + random.normal(0, 0.35, keywords)
    trend = 0.5 * chance + random.normal(0, 0.3, keywords)
    urge = 0.8 * chance + 0.4 * interest + random.normal(0, 0.8, keywords)
    filled = np.zeros(keywords, bool)
    filled[np.argsort(-urge, kind="stable")[:gaps]] = True
    author_level = random.normal(0, 0.8, 2 * keywords)
    by_level = np.argsort(author_level, kind="stable")
    number = 1 + random.poisson(1.5, keywords)
    keyword = np.repeat(np.arange(keywords), number)
    wanted = random.normal(0, 0.8, keyword.size) + chosen * filled[keyword]
    place = np.clip(np.searchsorted(author_level[by_level], wanted), 0, author_level.size - 1)
    author = by_level[place]
    older_notes = random.normal(0, 0.8, (keyword.size, 5))
    usual = 7 + author_level[author] + np.median(older_notes, axis=1)
    drawn = random.normal(0, 0.8, keyword.size)
    reads = 7 + 0.3 * interest[keyword] + author_level[author] + effect * filled[keyword] + drawn
    variables = np.column_stack([searches, older, trend])
    return Market(filled, category, variables, keyword, author, reads, usual)
