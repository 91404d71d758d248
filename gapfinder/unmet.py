"""Unmet searches of every keyword: probability, searches a week with an interval, and the parts that add up to them.

Each keyword has *members*: the folded queries whose searches it counts (an exact keyword has one, itself). A member's
need was judged by content; what its searchers did is combined with that; the keyword's unmet searches are the sum over
its members.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from gapfinder.behaviour import Outcomes, combine, fit_outcomes
from gapfinder.kinds import Lack
from gapfinder.results import PARTS
from gapfinder.supply import Supply

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Alternatives = Mapping[int, Sequence[tuple[int, float]]]

_NONE_SEEN: Final = 3.0
_CLIP: Final = 1e-12
Z90: Final = 1.6448536269514722  # the 95% point of the normal distribution: 5% on each side of a 90% interval


@dataclass(frozen=True)
class Members:
    """Members of all keywords: arrays of equal length, ``keyword`` ascending.

    Attributes:
        keyword, query: Which keyword, which folded query.
        need: Its need (index into the supply's needs).
        head: The need of the keyword it is a member of.
        own: How far it counts as a need of its own (1) and how far as one more search for its head (0).
        demand: Searches that count; the outcomes are of these searches.
        unsatisfied, known: Outcomes of its searches.
    """

    keyword: Ints
    query: Ints
    need: Ints
    head: Ints
    own: Floats
    demand: Floats
    unsatisfied: Floats
    known: Floats

    def of(self, value: Floats) -> Floats:
        """A value of needs as one of members: mixed from its own need and its head's."""
        mixed: Floats = self.own * value[self.need] + (1.0 - self.own) * value[self.head]
        return mixed


@dataclass(frozen=True)
class Unmet:
    """Results for each keyword; arrays of equal length, per week where the name says so."""

    probability: Floats
    deviation: Floats  # of the probability
    content: Floats  # the probability by content alone
    per_week: Floats
    low: Floats
    high: Floats
    spread: Floats  # standard deviation of per_week
    parts: dict[str, Floats]  # per week; they add up to per_week
    lack: Lack
    known: Floats  # searches with a known outcome
    outcomes: Outcomes


def own_need(demand: Floats) -> Floats:
    """How far a rare query counts as a need of its own: n / (n + 1).

    One search hardly shows that people share a need; it is shrunk towards the need of its head term, with the strength
    of one search.
    """
    return demand / (demand + 1.0)


def unmet_searches(
    members: Members, supply: Supply, alternatives: Alternatives, counted: Floats, weeks: float
) -> Unmet:
    """Unmet searches of all keywords in a window of ``weeks`` weeks.

    Args:
        members: The queries of each keyword. Where a head term has more queries than an analysis lists, those that are
            listed stand for the rest.
        supply: Supply of all needs.
        alternatives: The same needs under other words, each with its probability: ``{need: [(need, probability)]}``.
        counted: Demand of each keyword over all its queries.
        weeks: Length of the window.
    """
    keywords = counted.size
    content = members.of(supply.whole)
    queries = _first_of_each(members.query)
    outcomes = fit_outcomes(content[queries], members.unsatisfied[queries], members.known[queries])
    evidence = outcomes.evidence(members.unsatisfied, members.known)
    elsewhere = _elsewhere(members, supply, alternatives, evidence)
    share = outcomes.unmet_share(members.unsatisfied, members.known)
    posterior = combine(content, evidence, share, members.demand, members.keyword, keywords)
    listed = np.bincount(members.keyword, members.demand, keywords)
    scale = np.divide(counted, listed, out=np.ones(keywords), where=listed > 0)
    # A keyword nobody searched has no members with demand: content alone speaks about it.
    weightless = np.bincount(members.keyword, content, keywords) / np.maximum(
        np.bincount(members.keyword, None, keywords), 1
    )
    spoken = np.bincount(members.keyword, members.demand * content, keywords)
    probability = np.divide(posterior.unmet, listed, out=weightless.copy(), where=listed > 0)
    rate_deviation = np.divide(posterior.deviation, listed, out=np.full(keywords, 0.5), where=listed > 0)
    total, spread = posterior.unmet * scale, posterior.deviation * scale
    # Demand is a count of a process (Poisson), the unmet share of it is uncertain: independent sources add in square.
    deviation = np.sqrt(spread**2 + probability**2 * counted)
    low = np.clip(total - Z90 * deviation, 0.0, None)
    # None in the window may still be up to three (the 95% point of a Poisson count of 0).
    most = np.where(counted > 0, counted + Z90 * np.sqrt(counted), _NONE_SEEN)
    high = np.minimum(total + Z90 * deviation + np.where(counted > 0, 0.0, _NONE_SEEN * probability), most)
    return Unmet(
        probability=probability,
        content=np.divide(spoken, listed, out=weightless, where=listed > 0),
        deviation=rate_deviation,
        per_week=total / weeks,
        low=low / weeks,
        high=np.maximum(high, total) / weeks,
        spread=deviation / weeks,
        parts=_parts(members, supply, elsewhere, total, scale, weeks),
        lack=_lack(members, supply, elsewhere, keywords),
        known=np.bincount(members.keyword, members.known, keywords).astype(np.float64),
        outcomes=outcomes,
    )


def _elsewhere(members: Members, supply: Supply, alternatives: Alternatives, evidence: Floats) -> Floats:
    """Probability of each need that the best other wording leaves it unanswered too (1 without synonyms).

    Another wording answers when it is the same need and is answered. The best one counts, not all together: what many
    unlikely wordings promise must not add up to a likely one.

    Where people search under the other words as well, what they did counts: notes that do not satisfy those who use
    their words are no answer for those who use others.
    """
    unanswered = np.clip(supply.whole, _CLIP, 1 - _CLIP)
    own = np.flatnonzero(members.own == 1.0)
    own = own[np.argsort(members.demand[own], kind="stable")]  # of queries with the same need the most searched speaks
    need = members.need[own]
    unanswered[need] = expit(logit(unanswered[need]) + evidence[own])
    elsewhere = np.ones(supply.whole.size)
    for number, others in alternatives.items():
        if others:
            elsewhere[number] = min(1.0 - same * (1.0 - float(unanswered[other])) for other, same in others)
    return elsewhere


def _first_of_each(query: Ints) -> Ints:
    """Rows that stand for each distinct query (a query may be a member of several head terms)."""
    order = np.argsort(query, kind="stable")
    new = np.ones(order.size, bool)
    new[1:] = query[order][1:] != query[order][:-1]
    return order[new]


def _parts(
    members: Members, supply: Supply, elsewhere: Floats, unmet: Floats, scale: Floats, weeks: float
) -> dict[str, Floats]:
    """The stages of the decomposition as searches a week; each is what the next property of the notes costs."""

    def weekly(probability: Floats) -> Floats:
        return np.bincount(members.keyword, members.demand * members.of(probability), scale.size) * scale / weeks

    stages = (supply.words * elsewhere, supply.words, supply.single, supply.seen, supply.fresh, supply.whole)
    sums = [weekly(stage) for stage in stages]
    values = [sums[0], *(after - before for before, after in pairwise(sums)), unmet / weeks - sums[-1]]
    return dict(zip(PARTS, values, strict=True))


def _lack(members: Members, supply: Supply, elsewhere: Floats, keywords: int) -> Lack:
    """What is lacking for each keyword, its members weighed by their demand (equally when nobody searched)."""
    weight = members.demand + 1e-9
    total = np.bincount(members.keyword, weight, keywords)

    def mean(value: Floats) -> Floats:
        summed = np.bincount(members.keyword, weight * members.of(value), keywords)
        return np.divide(summed, total, out=np.zeros(keywords), where=total > 0)

    ads, age, thin = mean(supply.ads), mean(supply.age), mean(supply.thin)
    failing = ads + age + thin

    def share(reason: Floats) -> Floats:
        return np.divide(reason, failing, out=np.zeros(keywords), where=failing > 0)

    return Lack(
        nothing=mean(supply.unanswered * elsewhere),
        other_words=mean(supply.unanswered * (1.0 - elsewhere)),
        ads=share(ads),
        age=share(age),
        thin=share(thin),
    )
