"""Missing content: answers are hidden for half of the queries; do these come out as less answered than the others?"""

from __future__ import annotations

import numpy as np

from benchmarks.truth.behaviour import READ
from benchmarks.truth.data import Labelled
from benchmarks.truth.hiding import draw_half, hide_all, hide_all_but_one, unanswered
from benchmarks.truth.measures import Flags, Floats, auc
from benchmarks.truth.store import Result, Search, analyzed, column, once_each, rows_of
from gapfinder.results import Gap

Figures = dict[str, float]


def plain_ratio(rows: list[Gap]) -> Floats:
    """What others show: searches over matching notes, one added so that none divides by zero."""
    return column(rows, "searches") / (column(rows, "notes_matching") + 1.0)


def compared(rows: list[Gap], positive: Flags, name: str = "") -> Figures:
    """Area under the curve of ours, the plain ratio and the plain count of notes that hold all words."""
    suffix = f"_{name}" if name else ""
    return {
        f"ours{suffix}": auc(column(rows, "unmet_probability"), positive),
        f"ratio{suffix}": auc(plain_ratio(rows), positive),
        f"count{suffix}": auc(-column(rows, "notes_matching"), positive),
    }


def hidden_answers(data: Labelled, seed: int) -> Figures:
    """All relevant notes of half of the answered queries hidden; ranked among all answered queries."""
    random = np.random.default_rng([seed, 1])
    hidden = hide_all(data, draw_half(random, data.answered))
    run = analyzed(data, once_each(data), hidden=hidden, keywords=data.queries)
    return _ranked(data, run, unanswered(data, hidden))


def all_but_one(data: Labelled, seed: int) -> Figures:
    """All relevant notes but one of half of the queries with two or more hidden; ranked among these queries."""
    random = np.random.default_rng([seed, 2])
    several = [query for query in data.answered if len({data.notes[note].text for note in data.relevant[query]}) > 1]
    chosen = draw_half(random, several)
    hidden = hide_all_but_one(data, chosen, random)
    run = analyzed(data, once_each(data), hidden=hidden, keywords=data.queries)
    rows = rows_of(run, [data.queries[query] for query in several])
    return compared(rows, np.array([query in chosen for query in several]))


def _ranked(data: Labelled, run: dict[str, Gap], without: Flags) -> Figures:
    answered = data.answered
    return compared(rows_of(run, [data.queries[query] for query in answered]), without[answered])


def near_misses(data: Labelled, seed: int) -> Figures:
    """Nothing hidden: queries with irrelevant notes only against answered ones, without labels and with.

    The labels of a random half of the queries come as click outcomes; both figures are measured on the other half.
    """
    random = np.random.default_rng([seed, 3])
    given = draw_half(random, range(len(data.queries)))
    others = [query for query in range(len(data.queries)) if query not in given]
    names = [data.queries[query] for query in others]
    without = unanswered(data, ())[others]
    plain = rows_of(analyzed(data, once_each(data), keywords=data.queries), names)
    told = [
        outcome(data, query) if query in given else Search(data.queries[query]) for query in range(len(data.queries))
    ]
    taught = rows_of(analyzed(data, told, keywords=data.queries), names)
    return {**compared(plain, without), "ours_labels": auc(column(taught, "unmet_probability"), without)}


def outcome(data: Labelled, query: int) -> Search:
    """A label as what a searcher did: relevant notes were read, irrelevant ones shown and passed over."""
    results = tuple(
        Result(data.notes[note].note_id, clicked=label > 0, dwell_seconds=READ if label > 0 else None)
        for note, label in sorted(data.judged[query].items())
    )
    return Search(data.queries[query], results)
