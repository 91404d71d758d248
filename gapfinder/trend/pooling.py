"""What many keywords say together: effects drawn towards what is usual, and discoveries with few false ones among them.

Effects are pooled by adaptive shrinkage (Stephens 2017): true effects are spread around a common centre as a mixture
of normals, whose shares are estimated from all keywords by expectation maximisation. Where hardly any keyword has an
effect all are drawn to it hard; the one with a strong and sure effect (月饼 at 中秋) keeps its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_SPREADS: Final = np.array([0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6])  # standard deviations of the parts
_BEFORE: Final = np.array([0.5, 0.5, 2.0, 3.0, 2.0, 0.5, 0.2])  # keywords' worth of belief before any is seen
_KEYWORDS_FOR_CENTRE: Final = 8.0  # the centre of fewer is drawn towards no effect
_ROUNDS: Final = 60


@dataclass(frozen=True, slots=True)
class Pooled:
    """Effects of many keywords, drawn together; arrays have one entry a keyword.

    Attributes:
        centre: The usual effect.
        spread: Variance of true effects around it, for a keyword that looks like this one.
        mean, variance: Of the effect, its own estimate and the usual one taken together.
    """

    centre: float
    spread: Floats
    mean: Floats
    variance: Floats


def pooled(estimate: Floats, variance: Floats, unit: float = 1.0) -> Pooled:
    """Draw estimates with known variances together; an infinite variance is no estimate.

    Args:
        estimate: One a keyword.
        variance: Of the estimates.
        unit: Effects are expected to be some tenths of it, rarely more than it.
    """
    found = _pooled(np.asarray(estimate) / unit, np.asarray(variance) / unit**2)
    return Pooled(found.centre * unit, found.spread * unit**2, found.mean * unit, found.variance * unit**2)


def _pooled(estimate: Floats, variance: Floats) -> Pooled:
    variance = np.minimum(variance, 1e6)
    precision = 1 / (variance + _SPREADS[2] ** 2)
    centre = _middle(estimate, precision)
    seen = float((precision * _SPREADS[2] ** 2).sum())  # keywords' worth of sure estimates
    centre *= seen / (seen + _KEYWORDS_FOR_CENTRE)
    away = estimate - centre
    total = variance[:, None] + _SPREADS**2
    log_likelihood = -0.5 * (np.log(total) + away[:, None] ** 2 / total)
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    shares = _BEFORE / _BEFORE.sum()
    for _ in range(_ROUNDS):
        belonging = likelihood * shares
        belonging /= belonging.sum(axis=1, keepdims=True)
        shares = belonging.sum(axis=0) + _BEFORE
        shares /= shares.sum()
    belonging = likelihood * shares
    belonging /= belonging.sum(axis=1, keepdims=True)
    kept = _SPREADS**2 / total
    means = kept * away[:, None]
    mean = (belonging * means).sum(axis=1)
    inner = (belonging * (kept * variance[:, None] + means**2)).sum(axis=1)
    return Pooled(centre, (belonging * _SPREADS**2).sum(axis=1), centre + mean, inner - mean**2)


def _middle(values: Floats, weights: Floats) -> float:
    """Weighted median."""
    if values.size == 0:
        return 0.0
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(reached, reached[-1] / 2)]])


def q_values(p_values: Floats) -> Floats:
    """Benjamini and Hochberg 1995: the false discovery rate at which each is a discovery; NaN was not tested."""
    found = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(np.isfinite(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    scaled = p_values[order] * tested.size / np.arange(1, tested.size + 1)
    found[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return found
