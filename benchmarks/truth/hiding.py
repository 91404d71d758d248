"""Answers taken out of sight: what is hidden with them, and which queries have no answer left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np
import numpy.typing as npt

from benchmarks.truth.data import Labelled

Random = np.random.Generator


def with_duplicates(data: Labelled, notes: Collection[int], keep: Collection[int] = ()) -> frozenset[int]:
    """Notes and every exact duplicate of them, but for duplicates of notes to keep."""
    by_text = defaultdict(list)
    for place, note in enumerate(data.notes):
        by_text[note.text].append(place)
    kept = {data.notes[place].text for place in keep}
    texts = {data.notes[place].text for place in notes} - kept
    return frozenset(place for text in texts for place in by_text[text])


def draw_half(random: Random, places: Collection[int]) -> frozenset[int]:
    """A random half."""
    drawn = random.permutation(np.array(sorted(places), np.int64))
    return frozenset(drawn[: drawn.size // 2].tolist())


def hide_all(data: Labelled, queries: Iterable[int]) -> frozenset[int]:
    """All relevant notes of some queries, with their duplicates."""
    return with_duplicates(data, {note for query in queries for note in data.relevant[query]})


def hide_all_but_one(data: Labelled, queries: Iterable[int], random: Random) -> frozenset[int]:
    """All relevant notes of some queries but one of each, drawn at random."""
    gone: set[int] = set()
    kept: set[int] = set()
    for query in sorted(queries):
        notes = data.relevant[query]
        kept.add(notes[int(random.integers(len(notes)))])
        gone.update(notes)
    return with_duplicates(data, gone - kept, keep=kept)


def unanswered(data: Labelled, hidden: Collection[int]) -> npt.NDArray[np.bool_]:
    """Of each query: whether no relevant note is left in sight."""
    gone = frozenset(hidden)
    return np.array([gone.issuperset(notes) for notes in data.relevant], bool)
