"""The product asked in other words: one word of a query replaced by an equal one that none of its answers holds.

For half of the queries the answers are hidden as well. Does a run tell those whose answers stand under other words from
those that nothing answers? The words come from a thesaurus that the product doesn't know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.truth.data import Labelled, labelled
from benchmarks.truth.hiding import draw_half, hide_all, unanswered
from benchmarks.truth.measures import auc
from benchmarks.truth.missing import plain_ratio
from benchmarks.truth.store import analyzed, column, once_each, rows_of
from gapfinder.results import Gap
from indexer.normalize import normalize

Equal = Mapping[str, Sequence[str]]
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Reworded:
    """A query before and after one of its words was replaced; ``query`` is its place in the set."""

    query: int
    before: str
    after: str


def reworded(data: Labelled, equal: Equal, random: np.random.Generator) -> list[Reworded]:
    """The answered queries of which a word can be replaced, one replacement drawn for each.

    Words of one character are neither replaced nor put in.
    """
    found = []
    for query in data.answered:
        answers = "\n".join(normalize(data.notes[place].text) for place in data.relevant[query])
        before = data.queries[query]
        options = [
            before.replace(word, other, 1)
            for word in dict.fromkeys(data.terms[query])
            if len(word) > 1 and word in before
            for other in equal.get(word, ())
            if len(other) > 1 and other not in answers
        ]
        if options:
            found.append(Reworded(query, before, options[int(random.integers(len(options)))]))
    return found


def other_words(data: Labelled, equal: Equal, seed: int) -> dict[str, float]:
    """AUC of hidden against reworded: by the probability that nothing answers, among both, and by unmet probability."""
    random = np.random.default_rng([seed, 8])
    changed = {one.query: one.after for one in reworded(data, equal, random)}
    judged = [
        (changed.get(query, data.queries[query]), note, label)
        for query, labels in enumerate(data.judged)
        if query in changed or not data.relevant[query]
        for note, label in labels.items()
    ]
    asked = labelled(data.name, data.notes, judged)
    hidden = hide_all(asked, draw_half(random, asked.answered))
    without = unanswered(asked, hidden)[asked.answered]
    run = analyzed(asked, once_each(asked), hidden=hidden, keywords=asked.queries)
    rows = rows_of(run, [asked.queries[query] for query in asked.answered])
    return {
        "auc": auc(np.array([nothing_at_all(row) for row in rows]), without),
        "auc_unmet": auc(column(rows, "unmet_probability"), without),
        "ratio": auc(plain_ratio(rows), without),
        "questions": float(len(asked.answered)),
    }


def nothing_at_all(row: Gap) -> float:
    """P(missing) / P(missing, wording or met): that nothing answers; weak, old and paid answers are set aside."""
    kinds = row["kind_probabilities"]
    missing, there = kinds.get("missing", 0.0), kinds.get("wording", 0.0) + kinds.get("met", 0.0)
    return missing / max(missing + there, _LEAST)
