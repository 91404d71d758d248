"""What searchers did, combined with what the notes say.

Each query has a probability from content that its supply does not answer it, and ``k`` unsatisfied of ``n`` searches
with a known outcome. Outcomes are noisy: some searches of an answered need end unsatisfied, some of an unanswered one
satisfied. So two beta-binomial distributions are fitted to the whole log, one for unanswered queries and one for
answered ones, and Bayes' rule turns the content probability into a posterior. (A single empirical-Bayes prior estimates
the rate of dissatisfaction instead, and lets noisy clicks wash the content out.)

The variants of a keyword share what content can't see about it: a log-odds shift ``d ~ N(0, width^2)``, integrated over
a symmetric grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, expit, logit

Floats = npt.NDArray[np.float64]

_START: Final = (np.log(0.25 / 0.75), np.log(np.log(0.85 / 0.15) - np.log(0.25 / 0.75)), np.log(8.0), np.log(8.0))
_STRENGTH: Final = 1.8  # prior of the log strengths of both classes
_ENOUGH: Final = 30  # queries with outcomes below which the start values are kept
_SHIFT_WIDTH: Final = 1.0
_SHIFTS: Final = np.linspace(-3.0, 3.0, 25)
_CLIP: Final = 1e-4
_BLOCK: Final = 50_000


@dataclass(frozen=True)
class Outcomes:
    """The two classes: mean rate of unsatisfied searches and strength (pseudo-counts) of each, and how they came.

    Args:
        missing_rate: Mean share of unsatisfied searches where nothing answers.
        missing_strength: Its beta strength.
        met_rate: The same where the supply answers.
        met_strength: Its beta strength.
        queries: Queries with outcomes behind the fit; below 30 the values are the defaults.
    """

    missing_rate: float
    missing_strength: float
    met_rate: float
    met_strength: float
    queries: int

    def evidence(self, unsatisfied: Floats, known: Floats) -> Floats:
        """Log likelihood ratio of missing against met, per query (0 where nothing is known)."""
        missing = _log_beta_binomial(unsatisfied, known, self.missing_rate, self.missing_strength)
        met = _log_beta_binomial(unsatisfied, known, self.met_rate, self.met_strength)
        return missing - met

    def unmet_share(self, unsatisfied: Floats, known: Floats) -> tuple[Floats, Floats]:
        """Share of a query's searches that stay unmet if its supply does not answer, per query: mean and variance.

        Some searches of an unanswered need end satisfied all the same; how many, the query's own outcomes tell (beta
        posterior with the class as prior). A log without any outcome can't tell: every search counts.
        """
        if self.queries == 0:
            return np.ones_like(known), np.zeros_like(known)
        a = unsatisfied + self.missing_rate * self.missing_strength
        total = known + self.missing_strength
        mean = a / total
        return mean, mean * (1.0 - mean) / (total + 1.0)


def _log_beta_binomial(k: Floats, n: Floats, mean: float, strength: float) -> Floats:
    """Log likelihood without the binomial coefficient, which is the same for both classes."""
    a, b = mean * strength, (1.0 - mean) * strength
    value: Floats = betaln(k + a, n - k + b) - betaln(a, b)
    return value


def _outcomes_of(parameters: npt.NDArray[np.float64], queries: int) -> Outcomes:
    met, gap, missing_strength, met_strength = parameters
    return Outcomes(
        missing_rate=float(expit(met + np.exp(gap))),
        missing_strength=float(np.exp(missing_strength)),
        met_rate=float(expit(met)),
        met_strength=float(np.exp(met_strength)),
        queries=queries,
    )


def fit_outcomes(content: Floats, unsatisfied: Floats, known: Floats) -> Outcomes:
    """Fit the two classes to all queries with outcomes by penalised maximum likelihood (Nelder-Mead, 4 parameters).

    Args:
        content: Probability from content that the query is unanswered.
        unsatisfied: Unsatisfied searches of each query.
        known: Searches with a known outcome.
    """
    seen = known > 0
    if seen.sum() < _ENOUGH:
        return _outcomes_of(np.array(_START), int(seen.sum()))
    prior = np.clip(content[seen], _CLIP, 1 - _CLIP)
    k, n = unsatisfied[seen], known[seen]

    def loss(parameters: npt.NDArray[np.float64]) -> float:
        outcomes = _outcomes_of(parameters, 0)
        missing = _log_beta_binomial(k, n, outcomes.missing_rate, outcomes.missing_strength)
        met = _log_beta_binomial(k, n, outcomes.met_rate, outcomes.met_strength)
        likelihood = np.logaddexp(np.log(prior) + missing, np.log1p(-prior) + met).sum()
        penalty = 2.0 * ((parameters[2:] - _STRENGTH) ** 2).sum() + ((parameters[:2] - np.array(_START[:2])) ** 2).sum()
        return float(penalty - likelihood)

    fitted = minimize(loss, np.array(_START), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3})
    # Rounded, so that the last digits of an optimiser never decide about a byte of a stored run.
    return _outcomes_of(np.round(fitted.x, 3), int(seen.sum()))


@dataclass(frozen=True)
class Posterior:
    """Unmet demand of each keyword: mean and standard deviation in searches of the window."""

    unmet: Floats
    deviation: Floats


def combine(
    content: Floats,
    evidence: Floats,
    share: tuple[Floats, Floats],
    demand: Floats,
    keyword: npt.NDArray[np.int64],
    keywords: int,
) -> Posterior:
    """Unmet demand of keywords from their member queries.

    Args:
        content: Probability from content that each member query is unanswered.
        evidence: Log likelihood ratio of its outcomes (:meth:`Outcomes.evidence`).
        share: Share of its searches that stay unmet if it is unanswered, mean and variance
            (:meth:`Outcomes.unmet_share`).
        demand: Searches of the query that count.
        keyword: Keyword of each member, ascending: a keyword's members stand together.
        keywords: Number of keywords.
    """
    start = np.searchsorted(keyword, np.arange(keywords + 1))
    unmet, deviation = np.zeros(keywords), np.zeros(keywords)
    first = 0
    while first < keywords:
        last = max(first + 1, int(np.searchsorted(start, start[first] + _BLOCK, side="right")) - 1)
        rows = slice(start[first], start[last])
        local = keyword[rows] - first
        unmet[first:last], deviation[first:last] = _integrate(
            content[rows], evidence[rows], (share[0][rows], share[1][rows]), demand[rows], local, last - first
        )
        first = last
    return Posterior(unmet, deviation)


def _integrate(
    content: Floats,
    evidence: Floats,
    share: tuple[Floats, Floats],
    demand: Floats,
    keyword: npt.NDArray[np.int64],
    keywords: int,
) -> tuple[Floats, Floats]:
    """Mean and deviation over the grid of shifts, for a block of keywords."""
    base = logit(np.clip(content, _CLIP, 1 - _CLIP))
    log_weight = np.repeat((-0.5 * (_SHIFTS / _SHIFT_WIDTH) ** 2)[None, :], keywords, axis=0)
    mean, variance = np.zeros_like(log_weight), np.zeros_like(log_weight)
    expected, squared = demand * share[0], demand**2 * (share[0] ** 2 + share[1])
    for column, shift in enumerate(_SHIFTS):
        prior = expit(base + shift)
        posterior = expit(base + shift + evidence)
        # log of p*BB1 + (1-p)*BB0 up to a constant of the query
        likelihood = np.logaddexp(np.log(prior) + evidence, np.log1p(-prior))
        log_weight[:, column] += np.bincount(keyword, likelihood, keywords)
        mean[:, column] = np.bincount(keyword, expected * posterior, keywords)
        spread = squared * posterior - (expected * posterior) ** 2
        variance[:, column] = np.bincount(keyword, spread, keywords)
    log_weight -= log_weight.max(axis=1, keepdims=True)
    weight = np.exp(log_weight)
    weight /= weight.sum(axis=1, keepdims=True)
    average = (weight * mean).sum(axis=1)
    total = (weight * (variance + mean**2)).sum(axis=1) - average**2
    return average, np.sqrt(np.maximum(total, 0.0))
