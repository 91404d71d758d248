"""Whether an estimate moved beyond noise between two runs that may share days, notes and searches.

Interval of a difference. Two intervals give one for the difference of their estimates by variance recovery (MOVER: Zou
& Donner 2008, Statistics in Medicine 27; with correlation Zou 2007, Psychological Methods 12): each side of it comes
from the two sides that face each other, so intervals that are not symmetric are taken as they are.

What two runs share. Searches on days that lie in both windows are the same log rows: the two counts are correlated by
``shared / sqrt(n1 n2)``, exactly so for counts of a Poisson process. What is uncertain beside the count is whether the
supply answers; there the runs share as much as they share both searches and supply, if one model judged both. Each
side is therefore split into the sampling of the count and the rest.

Many keywords. P-values are adjusted by Benjamini & Hochberg (1995, JRSS B 57), which holds for positively dependent
tests (Benjamini & Yekutieli 2001), such as a head term and the queries that contain it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gapfinder.interval import Z90

Floats = npt.NDArray[np.float64]

_LEAST_SIDE: Final = 1e-4  # stored figures are rounded to four decimals
_KNOWS_NOTHING: Final = 0.5  # standard deviation of a probability about which nobody's search tells anything


@dataclass(frozen=True)
class Estimates:
    """What a run says of each keyword; arrays of equal length.

    Attributes:
        per_week: Unmet searches a week.
        low, high: Their 90% interval.
        probability: Probability that a search stays unmet.
        counted: Searches of the window that count as demand.
        weeks: Length of the window in weeks, above 0.
        supply: Notes worth.
    """

    per_week: Floats
    low: Floats
    high: Floats
    probability: Floats
    counted: Floats
    weeks: Floats
    supply: Floats


@dataclass(frozen=True)
class Move:
    """How far an estimate moved: arrays of equal length.

    Attributes:
        value: After less before.
        low, high: Its 90% interval.
        p_value: Probability of a move that large by noise alone, two-sided.
    """

    value: Floats
    low: Floats
    high: Floats
    p_value: Floats


@dataclass(frozen=True)
class _Side:
    """One side of intervals, split: sampling of the count, and what is not known of the supply."""

    count: Floats
    rest: Floats


def moves(before: Estimates, after: Estimates, shared: Floats, *, one_judge: bool = True) -> tuple[Move, Move]:
    """How far unmet searches a week and the unmet probability moved.

    Args:
        before: Keywords in the earlier run.
        after: The same keywords in the later run.
        shared: Correlation of their counts, 0 (no common search) to 1 (the same searches).
        one_judge: One fitted model judged both supplies; otherwise nothing but the counts is taken as common.

    Returns:
        The move of unmet searches a week, and that of the probability.
    """
    largest = np.maximum(before.supply, after.supply)
    common = np.divide(np.minimum(before.supply, after.supply), largest, out=np.ones_like(largest), where=largest > 0)
    common *= one_judge
    down_before, up_before = _sides(before)
    down_after, up_after = _sides(after)
    unmet = _move(
        after.per_week - before.per_week,
        _together(down_after, up_before, shared, common),
        _together(up_after, down_before, shared, common),
    )
    probability = _move(
        after.probability - before.probability,
        _correlated(_rate(down_after.rest, after), _rate(up_before.rest, before), shared * common),
        _correlated(_rate(up_after.rest, after), _rate(down_before.rest, before), shared * common),
    )
    return unmet, probability


def false_discovery(p_values: Floats) -> Floats:
    """Benjamini-Hochberg adjusted p-values: those up to ``q`` are told with a share of at most ``q`` false ones."""
    size = p_values.size
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * size / np.arange(1, size + 1)
    adjusted = np.empty(size)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return np.minimum(adjusted, 1.0)


def _sides(run: Estimates) -> tuple[_Side, _Side]:
    """The lower and the upper side of each interval.

    An interval that was cut at 0 has lost its lower side: the upper one stands for it.
    """
    upper = np.maximum(run.high - run.per_week, _LEAST_SIDE)
    lower = np.maximum(run.per_week - run.low, _LEAST_SIDE)
    lower = np.where(run.low <= 0, np.maximum(lower, upper), lower)
    count = Z90 * run.probability * np.sqrt(run.counted) / run.weeks
    return _split(lower, count), _split(upper, count)


def _split(side: Floats, count: Floats) -> _Side:
    count = np.minimum(side, count)
    return _Side(count, np.sqrt(side**2 - count**2))


def _rate(rest: Floats, run: Estimates) -> Floats:
    """A side of unmet searches a week as one of the probability."""
    weekly = run.counted / run.weeks
    side = np.divide(rest, weekly, out=np.full_like(rest, Z90 * _KNOWS_NOTHING), where=weekly > 0)
    return np.maximum(side, _LEAST_SIDE)


def _together(one: _Side, other: _Side, shared: Floats, common: Floats) -> Floats:
    counts = _correlated(one.count, other.count, shared)
    return np.sqrt(counts**2 + _correlated(one.rest, other.rest, shared * common) ** 2)


def _correlated(one: Floats, other: Floats, correlation: Floats) -> Floats:
    """The side of a difference from two sides: standard deviations of correlated values add like this."""
    return np.sqrt(np.maximum(one**2 + other**2 - 2.0 * correlation * one * other, 0.0))


def _move(value: Floats, lower: Floats, upper: Floats) -> Move:
    facing = np.maximum(np.where(value > 0, lower, upper), _LEAST_SIDE)
    return Move(value, value - lower, value + upper, 2.0 * ndtr(-Z90 * np.abs(value) / facing))
