"""Where the level of each keyword stands and how it moves: a state-space model, filtered under many possibilities.

On the logarithm, the level of a keyword is a line (it may rise or fall steadily) and a distance from it that wanders:
each week it keeps a share of that distance and takes a random step. A week's count scatters around the level, as
Poisson and more. How much of each there is, is not known: a grid of possibilities is filtered through the weeks (an
extended Kalman filter on counts, weeks far off cut), and each is weighed by how well it foretold every week from the
weeks before. The weights start from what many keywords together show, so that twelve weeks of one keyword need not
settle it alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_KEEPING: Final = (1.0, 0.7)  # share of the distance that is left a week later
_WANDERING: Final = (0.0, 0.001, 0.004, 0.014, 0.05, 0.15)  # variance of a week's step
_SCATTER: Final = (0.0, 0.02, 0.1, 0.4)  # variance of a week beyond Poisson, relative to its square
_SLOPES: Final = (0.005, 0.04, 0.12)  # standard deviation of slopes, e-folds a week
_BELIEF: Final = 20.0  # keywords' worth of belief in the shares of ``_before``, before any keyword is seen
_OPENING: Final = 2  # weeks that the first level is taken from; they judge nothing
_FIRST_DOUBT: Final = 1.0  # variance of the level before the first week
_FAR_OFF: Final = 3.0  # standard deviations at which a week is cut before it moves the level
_SURPRISE: Final = 3.2  # and before it speaks against a possibility
_FADING: Final = 0.8  # a trend may go on as it is: that is then 1.1 standard deviations away
_WIDEST: Final = 3.0  # variance of a logarithm beyond which an interval says nothing more
_LEARNING: Final = 5_000  # keywords that the shares are learned from
_AT_ONCE: Final = 5_000
_ROUNDS: Final = 30


@dataclass(frozen=True, slots=True)
class _Possibility:
    keeping: float
    wandering: float
    scatter: float
    slope: float


_GRID: Final = tuple(
    _Possibility(keeping, wandering, scatter, slope)
    for keeping in _KEEPING
    for wandering in _WANDERING
    for scatter in _SCATTER
    for slope in _SLOPES
    if wandering or keeping == 1  # what never wanders has nothing to keep
)


def _before() -> Floats:
    """Shares of the possibilities before anything is seen: quiet ones are commoner."""
    keeping = dict(zip(_KEEPING, (2.0, 1.0), strict=True))
    wandering = dict(zip(_WANDERING, (4.0, 3.0, 3.0, 2.0, 1.0, 0.2), strict=True))
    scatter = dict(zip(_SCATTER, (4.0, 3.0, 2.0, 0.5), strict=True))
    slope = dict(zip(_SLOPES, (3.0, 2.0, 0.5), strict=True))
    shares = np.array(
        [keeping[p.keeping] * wandering[p.wandering] * scatter[p.scatter] * slope[p.slope] for p in _GRID]
    )
    found: Floats = shares / shares.sum()
    return found


@dataclass(frozen=True, slots=True)
class _State:
    """Level of the line, slope, distance from the line, and their covariances, for each keyword."""

    line: Floats
    slope: Floats
    away: Floats
    ll: Floats
    ls: Floats
    ss: Floats
    la: Floats
    sa: Floats
    aa: Floats

    def next(self, one: _Possibility) -> _State:
        """A week later, before its count is seen."""
        kept = one.keeping
        return _State(
            self.line + self.slope,
            self.slope,
            self.away * kept,
            self.ll + 2 * self.ls + self.ss,
            self.ls + self.ss,
            self.ss,
            (self.la + self.sa) * kept,
            self.sa * kept,
            self.aa * kept**2 + one.wandering,
        )

    def seeing(self, off: Floats, noise: Floats) -> _State:
        """After a count that was off by that share of its mean; ``noise`` is its own variance."""
        line, slope, away = self.ll + self.la, self.ls + self.sa, self.la + self.aa
        total = line + away + noise
        return _State(
            self.line + line / total * off,
            self.slope + slope / total * off,
            self.away + away / total * off,
            self.ll - line * line / total,
            self.ls - line * slope / total,
            self.ss - slope * slope / total,
            self.la - line * away / total,
            self.sa - slope * away / total,
            self.aa - away * away / total,
        )


def _opened(values: Floats, moved: Floats, one: _Possibility) -> _State:
    """Where a keyword stands before the first week."""
    zero = np.zeros(len(values))
    start = np.log(np.maximum((values / moved)[:, :_OPENING].mean(axis=1), 0.25))
    settled = one.wandering / (1 - one.keeping**2) if one.keeping < 1 else 0.0
    return _State(start, zero, zero, zero + _FIRST_DOUBT, zero, zero + one.slope**2, zero, zero, zero + settled)


def _filtered(values: Floats, moved: Floats, one: _Possibility) -> tuple[_State, Floats]:
    """The state at the last week, and the log likelihood of the weeks after the opening."""
    state = _opened(values, moved, one)
    likelihood = np.zeros(len(values))
    for week in range(values.shape[1]):
        if week:
            state = state.next(one)
        mean = np.exp(np.clip(state.line + state.away, -30, 30)) * moved[:, week]
        noise = 1 / mean + one.scatter
        off = (values[:, week] - mean) / mean
        total = state.ll + 2 * state.la + state.aa + noise
        if week >= _OPENING:
            likelihood -= 0.5 * (np.log(total) + 2 * np.log(mean) + np.minimum(off**2 / total, _SURPRISE**2))
        limit = _FAR_OFF * np.sqrt(total)
        state = state.seeing(np.clip(off, -limit, limit), noise)
    return state, likelihood


def ahead(weekly: Ints, moved: Floats, coming: Floats, doubt: Floats, carried: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the counts of coming weeks.

    Args:
        weekly: One row a keyword, one column a week, oldest first; each row with a count.
        moved: By which factor festivals move each of these weeks.
        coming: The same for the coming weeks.
        doubt: Variance of its logarithm.
        carried: How many weeks of the slope each coming week is away.

    Returns:
        Two arrays, one row a keyword, one column a coming week.
    """
    values = weekly.astype(np.float64)
    sample = np.unique(np.linspace(0, len(values) - 1, min(_LEARNING, len(values))).astype(np.int64))
    fits = np.array([_filtered(values[sample], moved[sample], one)[1] for one in _GRID])
    shares = _learned(fits)
    mean, variance = np.empty(coming.shape), np.empty(coming.shape)
    for start in range(0, len(values), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        filtered = [_filtered(values[rows], moved[rows], one) for one in _GRID]
        weights = _belonging(np.array([fit for _, fit in filtered]), shares)
        for week in range(coming.shape[1]):
            expected = moment = np.zeros(weights.shape[1])
            for weight, (state, _), one in zip(weights, filtered, _GRID, strict=True):
                level, wide = _later(state, one, week + 1, float(carried[week]))
                wide = np.minimum(wide + doubt[rows, week], _WIDEST)
                count = np.exp(np.clip(level, -30, 30)) * coming[rows, week]
                expected = expected + weight * count
                moment = moment + weight * (count + count**2 * np.exp(wide) * (1 + one.scatter))
            mean[rows, week] = expected
            variance[rows, week] = moment - expected**2
    return mean, variance


def _later(state: _State, one: _Possibility, weeks: int, carried: float) -> tuple[Floats, Floats]:
    """The level so many weeks later as a logarithm, and its variance."""
    kept = one.keeping**weeks
    walked = one.wandering * sum(one.keeping ** (2 * week) for week in range(weeks))
    level = state.line + carried * state.slope + kept * state.away
    fading = _FADING * (weeks - carried) ** 2 * (state.slope**2 + state.ss)
    wide = state.ll + 2 * carried * state.ls + carried**2 * state.ss + fading
    return level, wide + 2 * kept * (state.la + carried * state.sa) + kept**2 * state.aa + walked


def _belonging(log_likelihood: Floats, shares: Floats) -> Floats:
    """How much each possibility (rows) counts for each keyword (columns)."""
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=0)) * shares[:, None]
    found: Floats = likelihood / likelihood.sum(axis=0)
    return found


def _learned(log_likelihood: Floats) -> Floats:
    """Shares of the possibilities among all keywords, by expectation maximisation."""
    before = _before()
    shares = before
    for _ in range(_ROUNDS):
        shares = _belonging(log_likelihood, shares).sum(axis=1) + _BELIEF * before
        shares = shares / shares.sum()
    return shares
