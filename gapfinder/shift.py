"""The posterior of each keyword's unmet searches: its member queries together, with what content can't see of them.

The queries of a keyword share what their words do not show: one answer more or less serves many of them. So they share
a log-odds shift, integrated over a grid. For most keywords it is ``d ~ N(0, width^2)``; one in twenty stands apart:
``d ~ N(3, 0.7^2)``, since nobody writes about it at all, whatever words its candidates share. The shift makes the
errors of queries correlated and leaves each probability as it is on average: the log odds are stretched by what the
average over all shifts takes back. The width is fitted by empirical Bayes where keywords have several queries with
outcomes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from gapfinder.behaviour import CLIP, Outcomes
from gapfinder.interval import DEFAULT_TAU

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DEFAULT_WIDTH: Final = 1.0
_MOST_TAU: Final = 0.15
_NODES: Final = np.linspace(-3.0, 3.0, 25)  # of the grid, in widths
_FEW_NODES: Final = np.linspace(-3.0, 3.0, 13)
_APART: Final = 0.05  # share of keywords about which nobody writes
_APART_NODES: Final = np.linspace(-2.0, 2.0, 5)
_APART_SHIFTS: Final = 3.0 + 0.7 * _APART_NODES
_ODDS: Final = np.linspace(-25.0, 25.0, 1001)
_WIDTHS: Final = (0.1, 0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5)
_WIDTH_PRIOR: Final = 0.5  # standard deviation of ln(width) around the default
_ENOUGH: Final = 30  # keywords with several queries with outcomes, below which the default stands
_MOST: Final = 60_000  # member queries that the width is fitted to
_BLOCK: Final = 50_000


@dataclass(frozen=True)
class Posterior:
    """Unmet demand of each keyword in searches of the window; arrays of equal length.

    Attributes:
        unmet: Mean.
        deviation: Standard deviation.
        nothing: Probability that every one of its queries is answered, so that nothing is unmet.
    """

    unmet: Floats
    deviation: Floats
    nothing: Floats


@dataclass(frozen=True)
class Beliefs:
    """What is believed of each member query before they are put together; arrays of equal length, by keyword ascending.

    Attributes:
        content: Probability from content that it is unanswered.
        evidence: Log likelihood ratio of its outcomes (:meth:`gapfinder.behaviour.Outcomes.evidence`).
        share, share_variance: Share of its searches that stay unmet if it is unanswered.
        demand: Searches that count.
        keyword: Its keyword.
    """

    content: Floats
    evidence: Floats
    share: Floats
    share_variance: Floats
    demand: Floats
    keyword: Ints

    def take(self, rows: slice | Ints, keyword: Ints) -> Beliefs:
        """Some of the rows, with their keywords numbered anew."""
        return Beliefs(
            self.content[rows],
            self.evidence[rows],
            self.share[rows],
            self.share_variance[rows],
            self.demand[rows],
            keyword,
        )


def combine(beliefs: Beliefs, keywords: int, width: float = DEFAULT_WIDTH) -> Posterior:
    """Unmet demand of all keywords from their member queries."""
    size = np.bincount(beliefs.keyword, minlength=keywords)
    unmet, deviation, nothing = np.zeros(keywords), np.zeros(keywords), np.ones(keywords)
    alone = np.flatnonzero(size[beliefs.keyword] == 1)
    if alone.size:
        place = beliefs.keyword[alone]
        unmet[place], deviation[place], nothing[place] = _single(beliefs.take(alone, place))
    several = np.flatnonzero(size > 1)
    start = np.searchsorted(beliefs.keyword, several)
    length = size[several]
    for first, last in _blocks(length):
        number = np.repeat(np.arange(last - first), length[first:last])
        offset = np.arange(number.size) - np.repeat(
            np.cumsum(length[first:last]) - length[first:last], length[first:last]
        )
        rows = np.repeat(start[first:last], length[first:last]) + offset
        found = _integrate(beliefs.take(rows, number), last - first, width)
        for column, values in zip((unmet, deviation, nothing), found, strict=True):
            column[several[first:last]] = values
    return Posterior(unmet, deviation, nothing)


def _blocks(length: Ints) -> list[tuple[int, int]]:
    """Runs of keywords with so many members together that the grid fits into little memory."""
    ends = np.cumsum(length)
    blocks, first = [], 0
    while first < length.size:
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + _BLOCK, side="right")))
        blocks.append((first, last))
        first = last
    return blocks


def _single(beliefs: Beliefs) -> tuple[Floats, Floats, Floats]:
    """Keywords of one query: it is unanswered or not, and no other query tells more of it."""
    probability = expit(logit(np.clip(beliefs.content, CLIP, 1 - CLIP)) + beliefs.evidence)
    mean = probability * beliefs.share
    square = probability * (beliefs.share**2 + beliefs.share_variance)
    return beliefs.demand * mean, beliefs.demand * np.sqrt(np.maximum(square - mean**2, 0.0)), 1.0 - probability


def _grid(width: float, nodes: Floats) -> tuple[Floats, Floats]:
    """Shifts and their probabilities."""
    apart = np.exp(-0.5 * _APART_NODES**2)
    usual = np.exp(-0.5 * nodes**2)
    shares = ((1.0 - _APART) * usual / usual.sum(), _APART * apart / apart.sum())
    return np.concatenate([nodes * width, _APART_SHIFTS]), np.concatenate(shares)


def _stretched(content: Floats, width: float) -> Floats:
    """Log odds given the shift, such that their probability over all shifts is the content's."""
    shifts, shares = _grid(width, _NODES)
    over_all = (expit(_ODDS[:, None] + shifts) * shares).sum(axis=1)
    odds: Floats = np.interp(logit(np.clip(content, CLIP, 1 - CLIP)), logit(over_all), _ODDS)
    return odds


def _integrate(beliefs: Beliefs, keywords: int, width: float) -> tuple[Floats, Floats, Floats]:
    """Mean, deviation and probability of nothing unmet over the grid of shifts, for a block of keywords."""
    base = _stretched(beliefs.content, width)
    shifts, shares = _grid(width, _NODES)
    shape = (keywords, shifts.size)
    log_weight = np.repeat(np.log(shares)[None, :], keywords, axis=0)
    mean, variance, none = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    expected = beliefs.demand * beliefs.share
    squared = beliefs.demand**2 * (beliefs.share**2 + beliefs.share_variance)
    for column, shift in enumerate(shifts):
        odds = base + shift
        posterior = expit(odds + beliefs.evidence)
        met = -np.logaddexp(0.0, odds + beliefs.evidence)  # log of 1 - posterior
        # log of p BB1 + (1 - p) BB0 up to a constant of the query
        likelihood = -met - np.logaddexp(0.0, odds)
        log_weight[:, column] += np.bincount(beliefs.keyword, likelihood, keywords)
        mean[:, column] = np.bincount(beliefs.keyword, expected * posterior, keywords)
        spread = squared * posterior - (expected * posterior) ** 2
        variance[:, column] = np.bincount(beliefs.keyword, spread, keywords)
        none[:, column] = np.bincount(beliefs.keyword, met, keywords)
    log_weight -= log_weight.max(axis=1, keepdims=True)
    weight = np.exp(log_weight)
    weight /= weight.sum(axis=1, keepdims=True)
    average = (weight * mean).sum(axis=1)
    total = (weight * (variance + (mean - average[:, None]) ** 2)).sum(axis=1)
    return average, np.sqrt(np.maximum(total, 0.0)), (weight * np.exp(none)).sum(axis=1)


def fit_width(beliefs: Beliefs, known: Floats, keywords: int) -> float:
    """Width of the shift that makes the outcomes of keywords with several queries likeliest.

    Args:
        beliefs: The member queries.
        known: Searches of each with a known outcome.
        keywords: Number of keywords.

    Returns:
        One of a list of widths; the default where fewer than 30 keywords have two queries with outcomes.
    """
    chosen = _with_several(beliefs.keyword, known, keywords)
    if chosen.size == 0:
        return DEFAULT_WIDTH
    _, number = np.unique(beliefs.keyword[chosen], return_inverse=True)
    some = beliefs.take(chosen, number)
    scores = [_log_marginal(some, int(number.max()) + 1, width) for width in _WIDTHS]
    return _WIDTHS[int(np.argmax(np.round(scores, 3)))]


def _log_marginal(beliefs: Beliefs, keywords: int, width: float) -> float:
    """Log likelihood of all outcomes under a width, with its prior."""
    base = _stretched(beliefs.content, width)
    shifts, shares = _grid(width, _FEW_NODES)
    weights = np.empty((keywords, shifts.size))
    for column, shift in enumerate(shifts):
        odds = base + shift
        likelihood = np.logaddexp(0.0, odds + beliefs.evidence) - np.logaddexp(0.0, odds)
        weights[:, column] = np.bincount(beliefs.keyword, likelihood, keywords)
    most = weights.max(axis=1, keepdims=True)
    inner = np.log((np.exp(weights - most) * shares).sum(axis=1)) + most[:, 0]
    return float(inner.sum() - 0.5 * (np.log(width / DEFAULT_WIDTH) / _WIDTH_PRIOR) ** 2)


def fit_overdispersion(
    beliefs: Beliefs, outcomes: Outcomes, unsatisfied: Floats, known: Floats, keywords: int, width: float
) -> float:
    """How far the model is off for whole keywords beyond what it allows for, as a share of their searches (``tau``).

    The unsatisfied searches of each keyword with several queries are held against their expectation and variance by
    content, shift and classes: ``tau^2 = max(0, mean((U - E)^2 - var) / mean(n^2))``, brought from unsatisfied searches
    to unanswered ones by the distance of the two classes.

    Returns:
        Within 0.03 to 0.15; the default 0.03 where fewer than 30 keywords have two queries with outcomes.
    """
    chosen = _with_several(beliefs.keyword, known, keywords)
    if chosen.size == 0:
        return DEFAULT_TAU
    _, number = np.unique(beliefs.keyword[chosen], return_inverse=True)
    groups, n, content = int(number.max()) + 1, known[chosen], beliefs.content[chosen]
    apart = outcomes.missing_rate - outcomes.met_rate
    base = _stretched(content, width)
    mean, square, inner = np.zeros(groups), np.zeros(groups), np.zeros(groups)
    for shift, weight in zip(*_grid(width, _FEW_NODES), strict=True):
        missing = expit(base + shift)
        rate = n * (outcomes.met_rate + apart * missing)
        expected = np.bincount(number, rate, groups)
        mean += weight * expected
        square += weight * expected**2
        spread = (n * apart) ** 2 * missing * (1.0 - missing)
        for own, mixed in ((outcomes.missing, missing), (outcomes.met, 1.0 - missing)):
            spread = spread + mixed * n * own[0] * (1.0 - own[0]) * (own[1] + n) / (own[1] + 1.0)
        inner += weight * np.bincount(number, spread, groups)
    missed = np.bincount(number, unsatisfied[chosen], groups) - mean
    excess = float((missed**2 - inner - (square - mean**2)).sum())
    tau = np.sqrt(max(0.0, excess / float((np.bincount(number, n, groups) ** 2).sum()))) / apart
    return float(np.round(np.clip(tau, DEFAULT_TAU, _MOST_TAU), 4))


def _with_several(keyword: Ints, known: Floats, keywords: int) -> Ints:
    """Member queries with outcomes of keywords that have several of them; none where such keywords are too few.

    Of more keywords than are needed the most searched speak: their numbers come first.
    """
    several = np.bincount(keyword, known > 0, keywords) >= 2  # noqa: PLR2004 - several
    if np.count_nonzero(several) < _ENOUGH:
        return np.empty(0, np.int64)
    return np.flatnonzero(several[keyword] & (known > 0))[:_MOST]
