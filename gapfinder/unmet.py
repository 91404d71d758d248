"""Unmet searches of every keyword: probability, searches a week with an interval, and the parts that add up to them.

Each keyword has *members*: the folded queries whose searches it counts (an exact keyword has one, itself). A member's
need was judged by content; what its searchers did is combined with that; the keyword's unmet searches are the sum over
its members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from gapfinder.behaviour import Outcomes, fit_outcomes
from gapfinder.interval import Counted, Rate, lower_end, upper_end
from gapfinder.kinds import Lack
from gapfinder.ranking import Unsure, unsure_unmet
from gapfinder.results import PARTS
from gapfinder.shift import Beliefs, combine, fit_overdispersion, fit_width
from gapfinder.supply import Supply

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Alternatives = Mapping[int, Sequence[tuple[int, float]]]

_CLIP: Final = 1e-12


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
class Model:
    """What was fitted to all keywords together.

    Attributes:
        width: Of the shift that the queries of a keyword share.
        tau: Standard deviation of the model's own error, as a share of a keyword's demand.
        usual: Unmet share of all searches of exact keywords.
    """

    width: float
    tau: float
    usual: float


@dataclass(frozen=True)
class Unmet:
    """Results for each keyword; arrays of equal length, per week where the name says so."""

    probability: Floats
    deviation: Floats  # of the probability
    content: Floats  # the probability by content alone, as behaviour bears it out
    per_week: Floats
    low: Floats
    high: Floats
    excess: Floats  # unmet searches a week beyond what is usual in this store
    excess_low: Floats
    spread: Floats  # standard deviation of per_week
    parts: dict[str, Floats]  # per week; they add up to per_week
    lack: Lack
    known: Floats  # searches with a known outcome
    counted: Floats  # searches that count, or are expected, in the window
    unsure: Unsure  # posterior of the unmet searches in the window
    at_least: npt.NDArray[np.bool_]  # of each need: more supply may exist than was seen
    outcomes: Outcomes
    model: Model


def own_need(demand: Floats) -> Floats:
    """How far a rare query counts as a need of its own: n / (n + 1).

    One search hardly shows that people share a need; it is shrunk towards the need of its head term, with the strength
    of one search.
    """
    return demand / (demand + 1.0)


def unmet_searches(
    members: Members,
    supply: Supply,
    alternatives: Alternatives,
    counted: Counted,
    weeks: float,
    *,
    exact: npt.NDArray[np.bool_],
    at_least: npt.NDArray[np.bool_],
    labels: int = 300,
    like: Unmet | None = None,
) -> Unmet:
    """Unmet searches of all keywords in a window of ``weeks`` weeks.

    Args:
        members: The queries of each keyword. Where a head term has more queries than an analysis lists, those that are
            listed stand for the rest.
        supply: Supply of all needs.
        alternatives: The same needs under other words, each with its probability: ``{need: [(need, probability)]}``.
        counted: Demand of each keyword over all its queries, with its interval.
        weeks: Length of the window.
        exact: Which keywords together count each search once; the usual unmet share is theirs.
        at_least: Of each need: whether more supply may exist than was seen.
        labels: Queries with outcomes from which behaviour counts as calibration.
        like: Unmet searches of the whole log, whose fits are taken over where ``members`` are other sums of it; None:
            everything is fitted to ``members``.
    """
    keywords = counted.demand.size
    said = members.of(supply.whole)
    queries = _first_of_each(members.query)
    outcomes = (
        like.outcomes
        if like is not None
        else fit_outcomes(said[queries], members.unsatisfied[queries], members.known[queries], labels)
    )
    evidence = outcomes.evidence(members.unsatisfied, members.known)
    # A keyword nobody searched has members without demand: they count alike, and content alone speaks about them.
    searched = np.bincount(members.keyword, members.demand, keywords)
    weight = np.where(searched[members.keyword] > 0, members.demand, 1.0)
    beliefs = Beliefs(
        outcomes.recalibrated(said),
        evidence,
        *outcomes.unmet_share(members.unsatisfied, members.known),
        weight,
        members.keyword,
    )
    if like is not None:
        width, tau = like.model.width, like.model.tau
    else:
        width = fit_width(beliefs, members.known, keywords)
        tau = fit_overdispersion(beliefs, outcomes, members.unsatisfied, members.known, keywords, width)
    listed: Floats = np.bincount(members.keyword, weight, keywords).astype(np.float64)
    rate = _rate(beliefs, listed, width)
    least, most = rate.ends()
    cut = at_least[members.need] | ((members.own < 1.0) & at_least[members.head])
    least = _least_if_more(beliefs, said, outcomes, cut, least, width)
    total = rate.mean * counted.demand
    # Where nobody searched any keyword, volumes alone say what is usual.
    together = exact if counted.demand[exact].any() else np.ones(keywords, bool)
    usual = float(total[together].sum() / max(float(counted.demand[together].sum()), _CLIP))
    model = Model(width, tau, round(usual, 6)) if like is None else like.model
    unsure = unsure_unmet(rate, counted, tau)
    scale = np.divide(counted.demand, listed, out=np.zeros(keywords), where=listed > 0)
    elsewhere = _elsewhere(members, supply, alternatives, evidence)
    return Unmet(
        probability=rate.mean,
        deviation=rate.deviation,
        content=np.divide(np.bincount(members.keyword, weight * beliefs.content, keywords), np.maximum(listed, _CLIP)),
        per_week=total / weeks,
        low=np.clip(lower_end(rate, least, counted, tau), 0.0, total) / weeks,
        high=np.maximum(upper_end(rate, most, counted, tau), total) / weeks,
        excess=(total - model.usual * counted.demand) / weeks,
        excess_low=lower_end(rate, least, counted, tau, model.usual) / weeks,
        spread=np.sqrt((rate.deviation**2 + tau**2) * counted.demand**2 + rate.mean**2 * counted.variance) / weeks,
        parts=_parts(members, supply, elsewhere, outcomes.recalibrated, weight, total, scale, weeks),
        lack=_lack(members, supply, elsewhere, keywords),
        known=np.bincount(members.keyword, members.known, keywords).astype(np.float64),
        counted=counted.demand,
        unsure=unsure,
        at_least=at_least,
        outcomes=outcomes,
        model=model,
    )


def _rate(beliefs: Beliefs, listed: Floats, width: float) -> Rate:
    """The unmet share of each keyword's searches."""
    posterior = combine(beliefs, listed.size, width)
    whole = np.maximum(listed, _CLIP)
    return Rate(posterior.unmet / whole, posterior.deviation / whole, posterior.nothing)


def _least_if_more(
    beliefs: Beliefs, said: Floats, outcomes: Outcomes, cut: npt.NDArray[np.bool_], least: Floats, width: float
) -> Floats:
    """Lower end of each keyword's unmet share if there were as much supply again where it was cut off.

    Args:
        beliefs: Of the member queries.
        said: What content says of each, before it is recalibrated.
        outcomes: How content is to be read.
        cut: Whether more supply may exist for it.
        least: The lower end by what was seen; where it is 0 already, nothing needs to be done.
        width: Of the shift.
    """
    keywords = np.bincount(beliefs.keyword, cut, least.size)
    rows = np.flatnonzero(((keywords > 0) & (least > 0))[beliefs.keyword])
    if rows.size == 0:
        return least
    # Twice the notes, taken as independent: what leaves a need unanswered does so twice.
    more = outcomes.recalibrated(np.where(cut, said**2, said))
    places, number = np.unique(beliefs.keyword[rows], return_inverse=True)
    some = replace(beliefs, content=more).take(rows, number)
    lower, _ = _rate(some, np.bincount(number, some.demand).astype(np.float64), width).ends()
    answer = least.copy()
    answer[places] = np.minimum(least[places], lower)
    return answer


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
    members: Members,
    supply: Supply,
    elsewhere: Floats,
    read: Callable[[Floats], Floats],
    weight: Floats,
    unmet: Floats,
    scale: Floats,
    weeks: float,
) -> dict[str, Floats]:
    """The stages of the decomposition as searches a week; each is what the next property of the notes costs.

    Content is read (``read``) as behaviour bears it out at every stage alike, which keeps the stages in their order.
    """

    def weekly(probability: Floats) -> Floats:
        return np.bincount(members.keyword, weight * read(members.of(probability)), scale.size) * scale / weeks

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
