"""Whether filled gaps earned more than their matched keywords, by permutation, with an interval by inverting it.

The statistic is the mean over matched sets of (gap minus the mean of its controls). Two ways tell how large it gets by
chance, and the more doubtful answer stands:

* **keyword**: within each set any member could as well have been the gap (Rosenbaum 2002, chapter 2);
* **author**: all notes of an author go up or down together; each author's share of the statistic gets a random sign
  (cluster sign flips: Canay, Romano and Shaikh 2017). It matters where an author wrote for several keywords.

The 90% interval holds every effect that, taken off the gaps, the test would not reject at 10%.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from gapfinder.backtest.sets import NOBODY, Bools, Floats, Ints, Sets

PERMUTATIONS: Final = 999
LEVEL: Final = 0.9
_WIDEST: Final = 64.0  # deviations in which the ends of an interval are looked for
_HALVINGS: Final = 40
_DECIMALS: Final = 9  # of fitted values, so that the last bit of a solver never reaches a stored result
_EQUAL: Final = 1e-9  # statistics that differ by less count as equal, so that rounding decides nothing


@dataclass(frozen=True)
class NoteResults:
    """New notes with an outcome; arrays of equal length.

    Attributes:
        keyword: Keyword that each note answers best.
        author: Number of its author.
        outcome: ln reads minus ln of its author's usual reads.
    """

    keyword: Ints
    author: Ints
    outcome: Floats


@dataclass(frozen=True)
class Tested:
    """What the test says; on the scale of ln reads.

    Attributes:
        difference: The statistic.
        low, high: 90% interval; None where no effect can be rejected (too few sets).
        p_value: Of the more doubtful way.
        p_keyword, p_author: Of each way.
        unit: The way that stands: ``keyword`` or ``author``.
        set_difference: Gap minus controls of each set.
    """

    difference: float
    low: float | None
    high: float | None
    p_value: float
    p_keyword: float
    p_author: float
    unit: str
    set_difference: Floats


@dataclass(frozen=True)
class _Draws:
    """Permuted statistics as lines in the effect taken off: ``still + slope * effect``, and the observed one."""

    observed: float
    still: Floats
    slope: Floats

    def p_value(self, effect: float) -> float:
        """Share of permutations at least as far from 0 as what is seen, the seen one included; two-sided."""
        seen = abs(self.observed - effect)
        drawn = np.abs(self.still + self.slope * effect)
        return float((1 + (drawn >= seen - _EQUAL).sum()) / (1 + drawn.size))


def keyword_means(notes: NoteResults, keywords: int) -> Floats:
    """Mean outcome of each keyword's notes; NaN where it has none."""
    count = np.bincount(notes.keyword, None, keywords)
    total = np.bincount(notes.keyword, notes.outcome, keywords)
    means: Floats = np.divide(total, count, out=np.full(keywords, np.nan), where=count > 0)
    return means


def expected(means: Floats, filled: Bools, scores: Floats) -> Floats:
    """What the matching variables lead one to expect of each keyword: least squares on the controls.

    With fewer than ten controls beyond the number of variables it is their mean.
    """
    controls = np.flatnonzero(~filled)
    if controls.size < scores.shape[1] + 10:
        return np.full(means.size, means[controls].mean() if controls.size else 0.0)
    design = np.column_stack([np.ones(means.size), scores])
    weights = np.linalg.lstsq(design[controls], means[controls], rcond=None)[0]
    fitted: Floats = np.round((design * weights).sum(axis=1), _DECIMALS)
    return fitted


def compare(notes: NoteResults, filled: Bools, scores: Floats, sets: Sets, seed: int) -> Tested:
    """Test the matched sets; there must be at least one.

    Args:
        notes: The notes behind the keywords; every keyword has one.
        filled: Which keywords are filled gaps.
        scores: z-scores of the matching variables.
        sets: Sets of those keywords.
        seed: Of the permutations.
    """
    means = keyword_means(notes, filled.size)
    fitted = expected(means, filled, scores)
    residual = means - fitted
    random = np.random.default_rng(seed)
    difference = residual[sets.gap] - sets.mean_of_controls(residual)
    by_keyword = _keyword_draws(sets, residual, random)
    by_author = _author_draws(notes, sets, fitted, random)
    p_keyword, p_author = by_keyword.p_value(0.0), by_author.p_value(0.0)
    unit = "author" if p_author > p_keyword and _shared(notes, sets) else "keyword"
    draws = by_author if unit == "author" else by_keyword
    return Tested(
        difference=float(difference.mean()),
        low=_end(draws, -1.0),
        high=_end(draws, 1.0),
        p_value=p_author if unit == "author" else p_keyword,
        p_keyword=p_keyword,
        p_author=p_author,
        unit=unit,
        set_difference=difference,
    )


def _keyword_draws(sets: Sets, residual: Floats, random: np.random.Generator) -> _Draws:
    """Another member of each set taken for its gap."""
    sizes = sets.sizes.astype(np.float64)
    gap = residual[sets.gap]
    total = gap + sets.mean_of_controls(residual) * sizes
    members = np.column_stack([gap, np.where(sets.controls != NOBODY, residual[sets.controls], 0.0)])
    chosen = (random.random((PERMUTATIONS, len(sets))) * (sizes + 1)).astype(np.int64)
    value = members[np.arange(len(sets)), chosen]
    still = value - (total - value) / sizes
    slope = np.where(chosen == 0, -1.0, 1.0 / sizes)
    observed = float((gap - (total - gap) / sizes).mean())
    return _Draws(observed, still.mean(axis=1), slope.mean(axis=1))


def _author_draws(notes: NoteResults, sets: Sets, fitted: Floats, random: np.random.Generator) -> _Draws:
    """Each author's share of the statistic with a random sign."""
    weight, treated = _note_weights(notes, sets, fitted.size)
    used = np.flatnonzero(weight)
    authors, author = np.unique(notes.author[used], return_inverse=True)
    residual = notes.outcome[used] - fitted[notes.keyword[used]]
    share = np.bincount(author, weight[used] * residual, authors.size)
    moved = np.bincount(author, np.where(treated[used], weight[used], 0.0), authors.size)
    signs = np.where(random.integers(0, 2, (PERMUTATIONS, authors.size)) == 0, -1.0, 1.0)
    return _Draws(float(share.sum()), (signs * share).sum(axis=1), -(signs * moved).sum(axis=1))


def _note_weights(notes: NoteResults, sets: Sets, keywords: int) -> tuple[Floats, Bools]:
    """What each note counts in the statistic (below 0 for controls), and whether it fills a gap."""
    by_keyword = np.zeros(keywords)
    by_keyword[sets.gap] = 1.0 / len(sets)
    there = sets.controls != NOBODY
    shares = np.broadcast_to(-1.0 / (len(sets) * sets.sizes[:, None]), there.shape)
    by_keyword[sets.controls[there]] = shares[there]
    count = np.bincount(notes.keyword, None, keywords)
    return by_keyword[notes.keyword] / count[notes.keyword], by_keyword[notes.keyword] > 0


def _shared(notes: NoteResults, sets: Sets) -> bool:
    """Whether any author wrote for two keywords of the sets."""
    members = np.concatenate([sets.gap, sets.controls[sets.controls != NOBODY]])
    used = np.isin(notes.keyword, members)
    pairs = np.unique(np.stack([notes.author[used], notes.keyword[used]]), axis=1)
    return bool(np.unique(pairs[0]).size < pairs.shape[1])


def _end(draws: _Draws, side: float) -> float | None:
    """The farthest effect on that side that is not rejected; None when none is rejected at all."""
    deviation = float(draws.still.std()) or _EQUAL
    near, far = draws.observed, draws.observed + side * deviation
    while draws.p_value(far) > 1 - LEVEL:
        near, far = far, draws.observed + 2 * (far - draws.observed)
        if abs(far - draws.observed) > _WIDEST * deviation:
            return None
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        if draws.p_value(middle) > 1 - LEVEL:
            near = middle
        else:
            far = middle
    return near
