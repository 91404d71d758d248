"""Robust log-linear models of weekly counts, for many keywords at once.

``E[count] = exp(design @ coefficients)`` by iteratively reweighted least squares, with variance ``dispersion * mean``
(quasi-Poisson) and, where one is given, a normal prior on each coefficient. Weeks far off the fit weigh less (Huber
weights on Pearson residuals, as in Cantoni and Ronchetti 2001), so that one odd week decides nothing. The dispersion
is estimated from the residuals and never below 1; where they look like plain Poisson noise it is drawn towards 1, or
intervals from few weeks would be needlessly wide.

Each keyword is fitted until it stands still, by itself: what it comes to does not depend on which others are fitted
with it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri
from threadpoolctl import threadpool_limits

from indexer.stores.threads import in_order, processors

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CONFIDENCE: Final = 0.9  # of every interval
STILL: Final = 1e-6
AT_ONCE: Final = 2_000  # keywords fitted together: bounds memory

_MOST_THREADS: Final = 4  # each holds the keywords of a fit
_HUBER: Final = 1.8
_PRIOR_WEEKS: Final = 6.0  # how many weeks of plain Poisson noise the dispersion is drawn towards
_ROUNDS: Final = 25
_STEP: Final = 2.0  # e-folds that any week's mean may move in one round
_LARGEST: Final = 30.0  # e-folds; keeps means finite


@dataclass(frozen=True, slots=True)
class CountFit:
    """Fits of many series.

    Attributes:
        coefficients: One row a series, one column a coefficient.
        covariance: Of the coefficients; dispersion and prior are in it.
        dispersion: Variance over mean, at least 1.
        freedom: Degrees of freedom of the dispersion.
    """

    coefficients: Floats
    covariance: Floats
    dispersion: Floats
    freedom: Floats


def fit_counts(
    counts: npt.NDArray[np.integer] | Floats,
    design: Floats,
    *,
    prior_mean: Floats | float = 0.0,
    prior_precision: Floats | float = 0.0,
    bound: Floats | float = np.inf,
    still: float = STILL,
) -> CountFit:
    """Fit series with at least one count each; the first column of the design is the level (1 in every week).

    Args:
        counts: One row a series, one column a week.
        design: One row a week, one column a coefficient.
        prior_mean: Of the coefficients: shape of one row, or of all.
        prior_precision: Likewise; 0 is no prior.
        bound: Largest size of each coefficient but the level.
        still: A fit stands still when no week's logarithm moves further than that in a round.
    """
    series, columns = len(counts), design.shape[1]
    centre, precision = (np.broadcast_to(prior, (series, columns)) for prior in (prior_mean, prior_precision))
    bounds = np.broadcast_to(bound, columns)

    def fitted(start: int) -> CountFit:
        rows = slice(start, start + AT_ONCE)
        return _fit(np.asarray(counts[rows], np.float64), design, centre[rows], precision[rows], bounds, still)

    workers = min(_MOST_THREADS, processors())
    # The products are too small for several threads each: they would mostly wait for one another.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        parts = list(in_order(pool, fitted, range(0, series, AT_ONCE), workers))
    if not parts:
        empty = np.empty(0)
        return CountFit(np.empty((0, columns)), np.empty((0, columns, columns)), empty, empty)
    return CountFit(
        np.concatenate([part.coefficients for part in parts]),
        np.concatenate([part.covariance for part in parts]),
        np.concatenate([part.dispersion for part in parts]),
        np.concatenate([part.freedom for part in parts]),
    )


def _fit(values: Floats, design: Floats, centre: Floats, precision: Floats, bound: Floats, still: float) -> CountFit:
    products = np.ascontiguousarray((design[:, :, None] * design[:, None, :]).reshape(len(design), -1))
    found = np.clip(centre, -bound, bound)
    found[:, 0] = np.log(values.mean(axis=1))
    noise = np.ones(len(values))
    live = np.arange(len(values))
    for _ in range(_ROUNDS):
        if live.size == 0:
            break
        before = found[live]
        state = _weigh(values[live], before @ design.T)
        information = (state.work @ products).reshape(live.size, design.shape[1], -1)
        inverse = _inverse(information, precision[live], noise[live])
        target = (state.work * state.target) @ design + noise[live, None] * precision[live] * centre[live]
        step = (inverse @ target[:, :, None])[:, :, 0] - before
        moved = np.abs(step @ design.T).max(axis=1)
        step *= np.minimum(1.0, _STEP / np.maximum(moved, 1e-300))[:, None]
        after = before + step
        after[:, 1:] = np.clip(after[:, 1:], -bound[1:], bound[1:])
        _set_level(after, state, design, np.flatnonzero((after != before + step).any(axis=1)))
        found[live] = after
        noise[live], _ = _dispersion(state, information, inverse)
        live = live[np.abs((after - before) @ design.T).max(axis=1) > still]
    state = _weigh(values, found @ design.T)
    information = (state.work @ products).reshape(len(values), design.shape[1], -1)
    dispersion, freedom = _dispersion(state, information, _inverse(information, precision, noise))
    covariance = dispersion[:, None, None] * _inverse(information, precision, dispersion)
    return CountFit(found, covariance, dispersion, freedom)


def _set_level(found: Floats, state: _State, design: Floats, rows: Ints) -> None:
    """Set the level of these rows anew: it was meant for coefficients that the bound has since changed."""
    left = state.work[rows] * (state.target[rows] - found[rows] @ design.T)
    found[rows, 0] += np.clip(left.sum(axis=1) / np.maximum(state.work[rows].sum(axis=1), 1e-12), -_STEP, _STEP)


@dataclass(frozen=True, slots=True)
class _State:
    """Where a round stands: working weights and targets, and residuals cut at what is far off."""

    work: Floats
    target: Floats
    cut: Floats


def _weigh(values: Floats, exponent: Floats) -> _State:
    exponent = np.clip(exponent, -_LARGEST, _LARGEST)
    mean = np.exp(exponent)
    residual = (values - mean) / np.sqrt(mean)
    scale = _scale(residual)
    weights = np.minimum(1.0, _HUBER * scale / np.maximum(np.abs(residual), 1e-12))
    return _State(weights * mean, exponent + (values - mean) / mean, np.minimum(residual**2, (3 * _HUBER * scale) ** 2))


def _scale(residual: Floats) -> Floats:
    """Robust spread of each row, at least that of Poisson noise (the factor makes it a standard deviation)."""
    scale: Floats = np.maximum(1.0, 1.4826 * np.median(np.abs(residual), axis=1))[:, None]
    return scale


def _inverse(information: Floats, precision: Floats, noise: Floats) -> Floats:
    whole = information.copy()
    places = np.arange(whole.shape[1])
    diagonal = whole[:, places, places]
    # The tiny addition keeps a matrix regular where a column says nothing (a festival in weeks without searches).
    whole[:, places, places] = diagonal * (1 + 1e-10) + noise[:, None] * precision + 1e-10
    return np.asarray(np.linalg.inv(whole), np.float64)


def _dispersion(state: _State, information: Floats, inverse: Floats) -> tuple[Floats, Floats]:
    """Dispersion and its degrees of freedom; a coefficient held by its prior takes less than one of them."""
    weeks = state.cut.shape[1]
    taken = np.einsum("kij,kji->k", information, inverse)
    left = np.maximum(weeks - taken, 1.0)
    pearson = state.cut.sum(axis=1)
    plain = pearson <= chdtri(left, 1 - CONFIDENCE)
    freedom = np.where(plain, left + _PRIOR_WEEKS, left)
    dispersion: Floats = np.maximum(1.0, np.where(plain, pearson + _PRIOR_WEEKS, pearson) / freedom)
    return dispersion, freedom
