"""Searches of keywords whose truth is known: what the estimates of unmet searches are held against.

Keywords have one or several member queries. Content gives each a calibrated probability of being unanswered (its log
odds are normal in either class, so that its ROC AUC is what is asked for); the queries of a keyword share a shift that
content does not see; where a query is unanswered its searches end unsatisfied with a rate drawn from one beta
distribution, where it is answered from another. Any number of keywords can be planted: a part of their queries is
unanswered whatever the shift, and content sees as much of that as it sees of any unanswered query.

The classes have the very form that is fitted, so what is reached here is what is reached when searchers behave so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MILD = ((9.0, 1.0), (2.0, 8.0))
MIDDLE = ((6.0, 2.0), (3.0, 5.0))
HEAVY = ((4.0, 2.0), (3.0, 4.0))
WEEKS = 12.0


@dataclass(frozen=True)
class Simulated:
    """A drawn log; arrays of member queries (``keyword`` ascending) and of keywords.

    Attributes:
        keyword: Keyword of each member query.
        content: What content says; ``honest`` is the probability it is made from, calibrated but for ``blind``.
        missing: Whether the query is unanswered.
        demand, known, unsatisfied: Its searches, those with an outcome, and those that ended unsatisfied.
        planted: Of each keyword: whether it was planted.
        rate: Of each keyword: true unmet searches a week.
        counted: Of each keyword: its searches.
    """

    keyword: Ints
    content: Floats
    honest: Floats
    missing: npt.NDArray[np.bool_]
    demand: Floats
    known: Floats
    unsatisfied: Floats
    planted: npt.NDArray[np.bool_]
    rate: Floats
    counted: Floats


def simulated(seed: int, **changes: Any) -> Simulated:
    """A log of ``keywords`` keywords.

    Args:
        seed: Of everything drawn.
        changes: ``keywords`` 1500; ``members`` (least, most) queries of a keyword (1, 1); ``searches`` median searches
            of a query in the window 4; ``skew`` log-normal spread of them 0.8; ``outcomes`` share of searches with a
            known outcome 1; ``noise`` MIDDLE; ``auc`` of content 0.9; ``base`` share of unanswered queries 0.3;
            ``width`` of the shift 1; ``planted`` share of keywords 0; ``hidden`` share of their queries 1;
            ``distort`` (slope, offset) of the log odds that content reports (1, 0); ``blind`` share of answered queries
            of which content sees nothing, so that they look unanswered (0).
    """
    asked: dict[str, Any] = {
        "keywords": 1500, "members": (1, 1), "searches": 4.0, "skew": 0.8, "outcomes": 1.0, "noise": MIDDLE,
        "auc": 0.9, "base": 0.3, "width": 1.0, "planted": 0.0, "hidden": 1.0, "distort": (1.0, 0.0),
        "blind": 0.0, **changes,
    }  # fmt: skip
    rng = np.random.default_rng(seed)
    keywords = asked["keywords"]
    size = rng.integers(asked["members"][0], asked["members"][1] + 1, keywords)
    keyword = np.repeat(np.arange(keywords), size)
    count = keyword.size
    planted = np.zeros(keywords, bool)
    planted[rng.permutation(keywords)[: round(asked["planted"] * keywords)]] = True
    hidden = planted[keyword] & (rng.random(count) < asked["hidden"])

    # Equal normal distributions d' apart have the ROC AUC that is asked for, and this log likelihood ratio.
    apart = np.sqrt(2.0) * ndtri(asked["auc"])
    seen = rng.random(count) < asked["base"]
    honest = _read(rng.normal(seen * apart, 1.0), apart, asked["base"])
    shift = rng.normal(0.0, asked["width"], keywords)
    odds = logit(honest) * np.sqrt(1.0 + np.pi * asked["width"] ** 2 / 8.0)
    missing = rng.random(count) < expit(odds + shift[keyword])
    honest = np.where(hidden, _read(rng.normal(apart, 1.0, count), apart, asked["base"]), honest)
    missing |= hidden
    if asked["blind"]:  # nothing is drawn where nothing is asked, so that other logs stay as they are
        unseen = ~missing & (rng.random(count) < asked["blind"])
        honest = np.where(unseen, _read(rng.normal(apart, 1.0, count), apart, asked["base"]), honest)

    (a1, b1), (a0, b0) = asked["noise"]
    unsatisfied_rate = np.where(missing, rng.beta(a1, b1, count), rng.beta(a0, b0, count))
    usual = asked["searches"] * np.exp(rng.normal(0.0, asked["skew"], count))
    demand = rng.poisson(usual)
    known = rng.binomial(demand, asked["outcomes"])
    slope, offset = asked["distort"]
    return Simulated(
        keyword=keyword,
        content=expit(slope * logit(honest) + offset),
        honest=honest,
        missing=missing,
        demand=demand.astype(np.float64),
        known=known.astype(np.float64),
        unsatisfied=rng.binomial(known, unsatisfied_rate).astype(np.float64),
        planted=planted,
        rate=np.bincount(keyword, usual * missing * unsatisfied_rate, keywords) / WEEKS,
        counted=np.bincount(keyword, demand, keywords).astype(np.float64),
    )


def _read(x: Floats, apart: float, base: float) -> Floats:
    """The calibrated probability that a value of content stands for."""
    value: Floats = expit(logit(base) + apart * (x - apart / 2))
    return np.clip(value, 1e-6, 1 - 1e-6)


def auc(score: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """ROC AUC; ties count half."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    positives = int(positive.sum())
    return float((rank[positive].sum() - positives * (positives + 1) / 2) / (positives * (positive.size - positives)))


def calibration_error(probability: Floats, positive: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over bins of equal size."""
    order = np.argsort(probability, kind="stable")
    parts = np.array_split(order, bins)
    gaps = [abs(probability[part].mean() - positive[part].mean()) * part.size for part in parts if part.size]
    return float(sum(gaps) / probability.size)
