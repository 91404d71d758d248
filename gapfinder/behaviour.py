"""What searchers did: two classes of outcomes, fitted to the whole log together with how content is to be read.

Each query has a probability from content that its supply does not answer it, and ``k`` unsatisfied of ``n`` searches
with a known outcome. Outcomes are noisy: some searches of an answered need end unsatisfied, some of an unanswered one
satisfied. So two beta-binomial distributions are fitted to the whole log, one for unanswered queries and one for
answered ones, and Bayes' rule turns the content probability into a posterior. (A single empirical-Bayes prior estimates
the rate of dissatisfaction instead, and lets noisy clicks wash the content out.)

A content probability may be too sure, too timid, too high throughout, and blind to some answers. What searchers did
shows that, so the same likelihood also fits how content is to be read (:mod:`gapfinder.answers.reading`): without its
lapses the missing class takes in answered queries that content can't see, and every level comes out too high. Penalties
hold all of it near where it starts where the log has little to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, expit, logit

from gapfinder.answers.reading import Reading

Floats = npt.NDArray[np.float64]

CLIP: Final = 1e-4  # content is never surer than that
_ENOUGH: Final = 30  # queries with outcomes below which the start values are kept
_MOST: Final = 20_000  # queries that are fitted to; of more, evenly spaced ones speak for all
_DIGITS: Final = 3
_CLASSES: Final = 4  # parameters of the two classes; the rest are those of the reading

# Parameters: logit of the met rate, log of the distance of the missing rate from it, log strengths of both classes, and
# those of the reading: offset, log slope, logits of both lapse rates. Each with its start, its (normal) prior, and its
# bounds.
_APART: Final = np.log(np.log(0.85 / 0.15) - np.log(0.25 / 0.75))
_START: Final = np.array([np.log(0.25 / 0.75), _APART, np.log(8.0), np.log(8.0), 0.0, 0.0, -4.0, -1.8])
_CENTRE: Final = np.array([_START[0], _START[1], 1.8, 1.8, 0.0, 0.0, -4.0, -1.8])
_WIDTH: Final = np.array([0.71, 0.71, 0.5, 0.5, 1.0, 0.6, 1.0, 1.2])
_BOUNDS: Final = (
    (-5.0, 3.0),
    (-2.0, 2.5),
    (-1.0, 6.0),
    (-1.0, 6.0),
    (-4.0, 4.0),
    (np.log(0.2), np.log(8.0)),
    (-8.0, -1.0),
    (-8.0, 0.5),
)


@dataclass(frozen=True)
class Outcomes:
    """The two classes, how the content is to be read, and what stands behind them.

    Args:
        missing_rate: Mean share of unsatisfied searches where nothing answers.
        missing_strength: Its beta strength (pseudo-counts).
        met_rate: The same where the supply answers.
        met_strength: Its beta strength.
        queries: Queries with outcomes behind the fit; below 30 the values are the defaults.
        reading: How the log odds of content are to be read.
        calibrated: Whether there are enough queries with outcomes to call the content probability calibrated by them.
    """

    missing_rate: float
    missing_strength: float
    met_rate: float
    met_strength: float
    queries: int
    reading: Reading = field(default_factory=Reading)
    calibrated: bool = False

    @property
    def missing(self) -> tuple[float, float]:
        """Mean rate and strength where nothing answers."""
        return self.missing_rate, self.missing_strength

    @property
    def met(self) -> tuple[float, float]:
        """Mean rate and strength where the supply answers."""
        return self.met_rate, self.met_strength

    def recalibrated(self, content: Floats) -> Floats:
        """Content probabilities as this log bears them out; a larger one stays the larger."""
        if self.reading == Reading():
            return content
        return self.reading.probability(logit(np.clip(content, CLIP, 1 - CLIP)))

    def evidence(self, unsatisfied: Floats, known: Floats) -> Floats:
        """Log likelihood ratio of missing against met, per query (0 where nothing is known)."""
        missing = _log_beta_binomial(unsatisfied, known, *self.missing)
        met = _log_beta_binomial(unsatisfied, known, *self.met)
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


def _inner(rate: float) -> float:
    """A rate that is never 0 or 1, where a beta distribution ends."""
    return float(np.clip(rate, CLIP, 1 - CLIP))


def _outcomes_of(parameters: Floats, queries: int, calibrated: bool) -> Outcomes:  # noqa: FBT001 - passed on
    met, gap, missing_strength, met_strength = parameters[:_CLASSES]
    return Outcomes(
        missing_rate=_inner(expit(met + np.exp(gap))),
        missing_strength=float(np.exp(missing_strength)),
        met_rate=_inner(expit(met)),
        met_strength=float(np.exp(met_strength)),
        queries=queries,
        reading=Reading.of(parameters[_CLASSES:]),
        calibrated=calibrated,
    )


def fit_outcomes(content: Floats, unsatisfied: Floats, known: Floats, labels: int = 300) -> Outcomes:
    """Fit the two classes and the reading of content to all queries with outcomes, by penalised maximum likelihood.

    Args:
        content: Probability from content that the query is unanswered.
        unsatisfied: Unsatisfied searches of each query.
        known: Searches with a known outcome.
        labels: Queries with outcomes from which the result counts as calibrated.
    """
    seen = np.flatnonzero(known > 0)
    queries = int(seen.size)
    if queries < _ENOUGH:
        return replace(_outcomes_of(_START, queries, calibrated=False), reading=Reading())
    if queries > _MOST:
        seen = seen[np.linspace(0, queries - 1, _MOST).astype(np.int64)]
    base = logit(np.clip(content[seen], CLIP, 1 - CLIP))
    # The likelihood of the classes depends on the pair (k, n) alone, and there are few distinct ones.
    pairs, place = np.unique(np.stack([unsatisfied[seen], known[seen]]), axis=1, return_inverse=True)
    place = place.reshape(-1)

    def loss(parameters: Floats) -> float:
        found = _outcomes_of(parameters, 0, calibrated=False)
        missing = _log_beta_binomial(pairs[0], pairs[1], *found.missing)
        met = _log_beta_binomial(pairs[0], pairs[1], *found.met)
        prior = found.reading.probability(base)  # the lapses keep it from 0 and 1
        # log(p BB1 + (1 - p) BB0)
        likelihood = np.logaddexp(np.log(prior) + missing[place], np.log1p(-prior) + met[place])
        return float(0.5 * (((parameters - _CENTRE) / _WIDTH) ** 2).sum() - likelihood.sum())

    fitted = minimize(loss, _START, method="L-BFGS-B", bounds=_BOUNDS)
    # Rounded, so that the last digits of an optimiser never decide about a byte of a stored run.
    return _outcomes_of(np.round(fitted.x, _DIGITS), queries, calibrated=queries >= labels)
