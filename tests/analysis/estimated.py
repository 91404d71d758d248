"""The estimate of unmet searches for a simulated log, by the very parts an analysis puts together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from gapfinder.behaviour import Outcomes, fit_outcomes
from gapfinder.interval import Counted, Rate, counted_demand, lower_end, upper_end
from gapfinder.shift import Beliefs, combine, fit_overdispersion, fit_width
from tests.analysis.simulated import WEEKS, Simulated

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimated:
    """What is estimated of a simulated log: of each member query and of each keyword."""

    outcomes: Outcomes
    missing: Floats  # probability that each query is unanswered
    width: float
    tau: float
    rate: Rate
    counted: Counted
    low: Floats  # a week
    high: Floats


def estimated(log: Simulated) -> Estimated:
    """Fit everything to the log and put it together."""
    keywords = log.planted.size
    outcomes = fit_outcomes(log.content, log.unsatisfied, log.known)
    content, evidence = outcomes.recalibrated(log.content), outcomes.evidence(log.unsatisfied, log.known)
    searched = np.bincount(log.keyword, log.demand, keywords)
    weight = np.where(searched[log.keyword] > 0, log.demand, 1.0)
    share = outcomes.unmet_share(log.unsatisfied, log.known)
    beliefs = Beliefs(content, evidence, *share, weight, log.keyword)
    width = fit_width(beliefs, log.known, keywords)
    tau = fit_overdispersion(beliefs, outcomes, log.unsatisfied, log.known, keywords, width)
    posterior = combine(beliefs, keywords, width)
    whole = np.bincount(log.keyword, weight, keywords)
    rate = Rate(posterior.unmet / whole, posterior.deviation / whole, posterior.nothing)
    counted = counted_demand(log.counted, np.zeros(keywords), WEEKS)
    least, most = rate.ends()
    return Estimated(
        outcomes=outcomes,
        missing=expit(logit(np.clip(content, 1e-4, 1 - 1e-4)) + evidence),
        width=width,
        tau=tau,
        rate=rate,
        counted=counted,
        low=np.clip(lower_end(rate, least, counted, tau), 0.0, None) / WEEKS,
        high=upper_end(rate, most, counted, tau) / WEEKS,
    )


def coverage(log: Simulated, found: Estimated) -> tuple[float, float]:
    """Share of intervals that hold the true unmet searches a week: of all keywords, of planted ones (nan: none)."""
    held = (log.rate >= found.low - 1e-9) & (log.rate <= found.high + 1e-9)
    planted = held[log.planted]
    return float(held.mean()), float(planted.mean()) if planted.size else float("nan")
