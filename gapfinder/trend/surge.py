"""Needs that begin to rise: keywords whose last week or two are beyond noise against their own level.

The level and its scatter come from the weeks before (robust quasi-Poisson); festivals are taken out as far as the
history knows them. The searches of the last week, and of the last two, are held against a negative binomial with that
mean, and with the doubt about level and festivals in its variance. What moves all keywords alike (a growing log, a
festival that nobody has seen yet) is taken out by the middle of all, and where the bulk of keywords scatters wider
than their own weeks say, all are judged by that wider scatter (an empirical null, as in Efron 2004). False discoveries
are held at a rate among all keywords (Benjamini and Hochberg), so that a hundred thousand keywords do not bring five
thousand alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtri, polygamma, stdtr
from scipy.stats import nbinom

from gapfinder.results import Surge
from gapfinder.rounding import decimals_of
from gapfinder.trend.counts import CountFit, fit_counts
from gapfinder.trend.pooling import q_values
from gapfinder.trend.slope import FEWEST_BUSY_WEEKS, STRONGEST, Flags, Known

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LAST_WEEKS: Final = (1, 2)
FEWEST_WEEKS: Final = 4  # before the last two, to know the level from
FEWEST_SEARCHES: Final = 10  # in the last weeks, for a surge worth the name
FALSE_SURGES: Final = 0.05
LEAST_RATIO: Final = 1.25

_Z90: Final = 1.6448536269514722
_KEYWORDS_FOR_MIDDLE: Final = 50
_EXPECTED_FOR_MIDDLE: Final = 5.0  # searches; fewer are too coarse to say where the middle is
_FAR_OFF: Final = 4.0  # standard deviations at which a week is cut before it widens the scatter
_MOST_SHARED: Final = 60.0  # degrees of freedom that all keywords lend to each
_ACTIVE: Final = 0.3  # exposure to a festival that is worth naming
_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Surges:
    """Surges of many keywords: one entry a keyword, NaN where nothing was tested.

    Attributes:
        weeks: Whether the last week or the last two tell more.
        ratio: Searches in them over what the keyword's own level lets expect.
        low, high: 90% interval of it.
        p_value, q_value: Of a level that did not rise; the q value is the false discovery rate.
        flagged: Beyond noise, and large enough to matter.
        festivals: Festivals in these weeks whose effect nobody has seen yet.
    """

    weeks: Ints
    ratio: Floats
    low: Floats
    high: Floats
    p_value: Floats
    q_value: Floats
    flagged: Flags
    festivals: tuple[str, ...]

    def shown(self, keywords: Ints) -> list[Surge | None]:
        """The surges of some keywords as they are shown; None where nothing was tested."""
        found: list[Surge | None] = [None] * len(keywords)
        places = np.flatnonzero(np.isfinite(self.p_value[keywords]))
        tested = keywords[places]
        figures = (self.ratio, self.low, self.high, self.p_value, self.q_value)
        columns = (decimals_of(column[tested], _DECIMALS) for column in figures)
        whole = (column[tested].tolist() for column in (self.weeks, self.flagged))
        for place, ratio, low, high, p_value, q_value, weeks, flagged in zip(
            places.tolist(), *columns, *whole, strict=True
        ):
            found[place] = Surge(
                weeks=weeks,
                ratio=ratio,
                low=low,
                high=high,
                p_value=p_value,
                q_value=q_value,
                rising_early=flagged,
                festivals=list(self.festivals),
            )
        return found


def surges_of(weekly: Ints, known: Known | None = None, seen: Flags | None = None) -> Surges:
    """The surges of many keywords.

    Args:
        weekly: One row a keyword, one column a full week, oldest first.
        known: What is known of the festivals in these weeks.
        seen: Which of them the history holds; the others are not taken out of the last weeks, but named.
    """
    keywords, weeks = weekly.shape
    if known is None:
        known = Known((), np.zeros((weeks, 0)), np.zeros((keywords, 0)), np.zeros((keywords, 0)))
    seen = np.zeros(len(known.names), np.bool_) if seen is None else seen
    before = weeks - max(LAST_WEEKS)
    p_values, ratio, low, high = (np.full(keywords, np.nan) for _ in range(4))
    chosen = np.ones(keywords, np.int64)
    if before >= FEWEST_WEEKS:
        rows = np.flatnonzero((weekly[:, :before] > 0).sum(axis=1) >= FEWEST_BUSY_WEEKS)
        tested = _tested(weekly[rows], known.of(rows), seen, before)
        best = np.argmin(np.where(np.isnan(tested.p_value), 2.0, tested.p_value), axis=0)
        places = np.arange(rows.size)
        chosen[rows] = np.array(LAST_WEEKS)[best]
        for result, values in ((ratio, tested.ratio), (low, tested.low), (high, tested.high)):
            result[rows] = values[best, places]
        p_values[rows] = np.minimum(1.0, len(LAST_WEEKS) * tested.p_value[best, places])
    q = q_values(p_values)
    last = np.array([weekly[:, -count:].sum(axis=1) for count in LAST_WEEKS])[chosen - 1, np.arange(keywords)]
    flagged = (q <= FALSE_SURGES) & (ratio >= LEAST_RATIO) & (last >= FEWEST_SEARCHES)
    active = known.exposure[before:].max(axis=0, initial=0.0) >= _ACTIVE
    unseen = tuple(name for name, now, was in zip(known.names, active, seen, strict=True) if now and not was)
    return Surges(chosen, ratio, low, high, p_values, q, flagged, unseen)


@dataclass(frozen=True, slots=True)
class _Tested:
    """One row for each of ``LAST_WEEKS``, one column a keyword."""

    p_value: Floats
    ratio: Floats
    low: Floats
    high: Floats


def _tested(weekly: Ints, known: Known, seen: Flags, before: int) -> _Tested:
    names = len(known.names)
    exposure = known.exposure[:before]
    fit = fit_counts(
        weekly[:, :before],
        np.hstack([np.ones((before, 1)), exposure]),
        prior_mean=np.hstack([np.zeros((len(weekly), 1)), known.mean]),
        prior_precision=np.hstack([np.zeros((len(weekly), 1)), 1 / known.variance]),
        bound=np.concatenate([[np.inf], np.full(names, STRONGEST)]),
    )
    level = fit.coefficients[:, 0]
    dispersion, freedom = _scatter(weekly[:, :before], level, fit.coefficients[:, 1:] @ exposure.T, fit)
    doubt = fit.covariance[:, 0, 0] * dispersion / fit.dispersion
    effect = np.where(seen, known.mean, 0.0)
    variance = np.where(seen, known.variance, 0.0)
    columns: list[tuple[Floats, ...]] = []
    for count in LAST_WEEKS:
        last = known.exposure[-count:]
        moved = np.exp(np.clip(level[:, None] + effect @ last.T, -30, 30))
        open_to = doubt + variance @ last.mean(axis=0) ** 2
        columns.append(_against(weekly[:, -count:].sum(axis=1), moved.sum(axis=1), open_to, dispersion, freedom))
    return _Tested(*(np.array(column) for column in zip(*columns, strict=True)))


def _scatter(before: Ints, level: Floats, moved: Floats, fit: CountFit) -> tuple[Floats, Floats]:
    """Dispersion of each keyword and its degrees of freedom, drawn towards what keywords of its size have.

    The usual variance is ``1 + scatter * mean`` times the mean. How far keywords are drawn to it follows from how
    much they differ beyond chance (moderated variances, as in Smyth 2004).
    """
    mean = np.exp(np.clip(level[:, None] + moved, -30, 30))
    weeks = before.shape[1]
    own = np.minimum((before - mean) ** 2 / mean, _FAR_OFF**2 * fit.dispersion[:, None]).sum(axis=1) / (weeks - 1)
    size = mean.mean(axis=1)
    clear = size >= _EXPECTED_FOR_MIDDLE
    if int(clear.sum()) < _KEYWORDS_FOR_MIDDLE:
        return fit.dispersion, fit.freedom
    freedom = weeks - 1.0
    middle = chdtri(freedom, 0.5) / freedom  # median of a variance estimate whose mean is 1
    scatter = max(0.0, float(np.median((own[clear] / middle - 1) / size[clear])))
    usual = 1 + scatter * size
    apart = np.log(np.maximum(own[clear], 1e-3) / usual[clear])
    low, high = np.quantile(apart, [0.25, 0.75])
    excess = max(((float(high) - float(low)) / 1.349) ** 2 - float(polygamma(1, freedom / 2)), 1e-3)
    shared = min(2 * (1 / excess + 0.5), _MOST_SHARED)
    dispersion = np.maximum(1.0, (shared * usual + freedom * own) / (shared + freedom))
    return dispersion, np.full(len(before), shared + freedom)


def _against(
    searches: Ints, expected: Floats, doubt: Floats, dispersion: Floats, freedom: Floats
) -> tuple[Floats, ...]:
    """P value, ratio and its interval of searches held against what is expected of them."""
    clear = expected >= _EXPECTED_FOR_MIDDLE
    enough = int(clear.sum()) >= _KEYWORDS_FOR_MIDDLE
    middle = float(np.median(searches[clear] / expected[clear])) if enough else 1.0
    expected = expected * max(middle, 1e-3)
    spread = np.maximum(dispersion * expected + doubt * expected**2, expected * (1 + 1e-6))
    size = expected**2 / (spread - expected)
    share = size / (size + expected)
    tail = np.clip(nbinom.sf(searches, size, share) + 0.5 * nbinom.pmf(searches, size, share), 1e-300, 1 - 1e-16)
    score = -ndtri(tail)
    if enough:
        low, centre = np.quantile(score[clear], [0.16, 0.5])
        score /= max(1.0, float(centre - low))
    ratio = searches / expected
    reach = _Z90 * np.sqrt(dispersion / np.maximum(searches, 1.0) + doubt)
    return 1 - stdtr(freedom, score), ratio, ratio * np.exp(-reach), ratio * np.exp(reach)
