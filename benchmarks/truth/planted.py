"""Planted gaps: a part of the answers to one keyword in twenty is hidden; which order finds these keywords?

Keywords are words that many queries hold (the product's own head terms); the log has a log-normal number of searches of
each query. Other notes with the word stay in sight, and a part of the queries was never answered: so a planted keyword
has to stand out among others that lack answers too.

The truth about a keyword is the number of its searches a week that stay unmet: over its queries without an answer in
sight, searches to be expected x the rate at which they end unsatisfied. Without simulated searchers every such search
counts. (To be expected, because a log is a sample: that is what an interval around a figure from it is about.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.truth.behaviour import simulated, skewed_searches, unsatisfied_rates
from benchmarks.truth.data import Labelled
from benchmarks.truth.hiding import unanswered, with_duplicates
from benchmarks.truth.measures import captured, coverage, precision_at
from benchmarks.truth.rules import OURS, PLAIN, RULES, Counted
from benchmarks.truth.store import WEEKS, Search, analyzed, column, rows_of
from gapfinder.keywords import is_topic
from gapfinder.results import Gap

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

SHARES: Final = (50, 70, 90, 100)  # percent of a planted keyword's answers that are hidden
PLANTED: Final = 0.05  # of the keywords
MANY: Final = 8  # answered queries with the word; the figures of the table
SOME: Final = 5  # likewise; more keywords, each with less to show
CONTENT: Final = "content"
BEHAVIOUR: Final = "behaviour"


@dataclass(frozen=True)
class Term:
    """A word as a keyword: all queries that hold it."""

    word: str
    queries: tuple[int, ...]


def term_keywords(data: Labelled, least: int) -> list[Term]:
    """Words that say what a query is about and that at least ``least`` answered queries hold, by code point."""
    holding: dict[str, list[int]] = {}
    for query, words in enumerate(data.terms):
        for word in set(words):
            holding.setdefault(word, []).append(query)
    whole = {words[0] for words in data.terms if len(words) == 1}  # a keyword of its own, not a head term
    return [
        Term(word, tuple(queries))
        for word, queries in sorted(holding.items())
        if is_topic(word) and word not in whole and sum(bool(data.relevant[query]) for query in queries) >= least
    ]


@dataclass(frozen=True)
class Planting:
    """Which keywords are planted, and their answers in the order in which they are hidden."""

    terms: list[Term]
    chosen: Flags
    order: tuple[tuple[int, ...], ...]

    @classmethod
    def drawn(cls, random: np.random.Generator, data: Labelled, least: int) -> Planting:
        """Draw one keyword in twenty, and an order for the answers of each."""
        terms = term_keywords(data, least)
        count = max(1, round(PLANTED * len(terms)))
        chosen = np.zeros(len(terms), bool)
        chosen[random.choice(len(terms), count, replace=False)] = True
        answers = [
            sorted({note for query in terms[place].queries for note in data.relevant[query]})
            for place in np.flatnonzero(chosen)
        ]
        return cls(terms, chosen, tuple(tuple(random.permutation(notes).tolist()) for notes in answers))

    def hidden(self, data: Labelled, percent: int) -> frozenset[int]:
        """What is out of sight when so many percent of the answers of each planted keyword are hidden."""
        gone = {note for notes in self.order for note in notes[: round(len(notes) * percent / 100)]}
        return with_duplicates(data, gone)


@dataclass(frozen=True)
class Outcome:
    """One analysis of a planting: the rows of its keywords and the truth about them, unmet searches a week."""

    counted: Counted
    truth: Floats


def planted_gaps(
    data: Labelled, seed: int, *, least: int = MANY, draws: int = 1, shares: tuple[int, ...] = SHARES
) -> dict[str, float]:
    """Precision, captured unmet searches and coverage by share hidden, with and without searchers; means of draws."""
    sums: dict[str, list[float]] = {}
    for draw in range(draws):
        random = np.random.default_rng([seed, 5, least, draw])
        planting = Planting.drawn(random, data, least)
        counts, expected = skewed_searches(random, len(data.queries))
        for percent in shares:
            for mode in (CONTENT, BEHAVIOUR):
                # The same searchers at each share, so that the shares differ by what is hidden alone.
                outcome = _analyzed(data, planting, percent, (counts, expected), mode, [seed, 6, least, draw])
                for name, value in _figures(outcome, planting.chosen).items():
                    sums.setdefault(f"{mode}/{percent}/{name}", []).append(value)
    sums["keywords"] = [float(len(term_keywords(data, least)))]
    means = {name: float(np.mean(values)) for name, values in sums.items()}
    for percent in shares:
        for mode in (CONTENT, BEHAVIOUR):
            found = f"{mode}/{percent}/precision"
            means[f"{mode}/{percent}/above_ratio"] = means[f"{found}/{OURS}"] - means[f"{found}/{PLAIN}"]
    return means


def _analyzed(
    data: Labelled, planting: Planting, percent: int, asked: tuple[Ints, Floats], mode: str, seed: list[int]
) -> Outcome:
    counts, expected = asked
    hidden = planting.hidden(data, percent)
    without = unanswered(data, hidden)
    random = np.random.default_rng(seed)
    rates = unsatisfied_rates(random, without)
    if mode == BEHAVIOUR:
        searches, _ = simulated(random, data, hidden, counts, rates)
    else:
        searches = [Search(query) for query, count in zip(data.queries, counts, strict=True) for _ in range(count)]
        rates = np.ones_like(rates)
    run = analyzed(data, searches, hidden=hidden)
    unmet = expected * without * rates
    truth = np.array([unmet[list(term.queries)].sum() for term in planting.terms]) / WEEKS
    return Outcome(_counted(data, planting.terms, counts, run), truth)


def _counted(data: Labelled, terms: list[Term], counts: Ints, run: dict[str, Gap]) -> Counted:
    rows = rows_of(run, [term.word for term in terms])
    none = column(rows_of(run, data.queries), "notes_matching") == 0
    empty = [
        float((counts[list(term.queries)] * none[list(term.queries)]).sum() / counts[list(term.queries)].sum())
        for term in terms
    ]
    return Counted(column(rows, "searches"), column(rows, "notes_matching"), np.array(empty), tuple(rows))


def _figures(outcome: Outcome, chosen: Flags) -> dict[str, float]:
    figures: dict[str, float] = {}
    top = int(chosen.sum())
    for rule in RULES:
        score = rule.of(outcome.counted)
        if np.isnan(score).any():  # a field that runs of this version don't have
            continue
        figures[f"precision/{rule.name}"] = precision_at(score, chosen, top)
        figures[f"captured/{rule.name}"] = captured(score, outcome.truth, top)
    low, high = column(outcome.counted.rows, "unmet_low"), column(outcome.counted.rows, "unmet_high")
    figures["coverage/all"] = coverage(low, high, outcome.truth)
    figures["coverage/planted"] = coverage(low[chosen], high[chosen], outcome.truth[chosen])
    total = column(outcome.counted.rows, "unmet_per_week").sum()
    figures["bias"] = float(total / outcome.truth.sum() - 1.0)
    return figures
