"""Simulated searchers: more of them leave unsatisfied where nothing answers, and nothing else tells the two apart.

Each query has a rate of unsatisfied searches, drawn from Beta(6, 2) where no answer is in sight and from Beta(3, 5)
where one is: middling click noise. Every search shows the five notes in sight that share most with the query, whatever
was judged. A satisfied searcher reads the first of them for a minute; an unsatisfied one opens it for three seconds or
opens none. So which note is clicked tells nothing about the truth, only whether searches end satisfied does, and the
product has to derive even that.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from benchmarks.truth.data import Labelled
from benchmarks.truth.store import Result, Search
from indexer.normalize import normalize

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WITHOUT: Final = (6.0, 2.0)  # beta parameters of the unsatisfied rate where nothing answers
ANSWERED: Final = (3.0, 5.0)
SHOWN: Final = 5
READ: Final = 60.0  # seconds of a satisfied searcher
LEFT: Final = 3.0  # seconds of an unsatisfied one
OPENED: Final = 0.5  # share of the unsatisfied who open a note at all
_BLOCK: Final = 512


def unsatisfied_rates(random: np.random.Generator, without: Flags) -> Floats:
    """The rate of unsatisfied searches of each query, by whether it has no answer in sight."""
    return np.where(without, random.beta(*WITHOUT, without.size), random.beta(*ANSWERED, without.size))


def few_searches(random: np.random.Generator, queries: int) -> Ints:
    """Two to five searches for each query."""
    return random.integers(2, 6, queries)


def skewed_searches(random: np.random.Generator, queries: int) -> tuple[Ints, Floats]:
    """Searches of each query, and how many were to be expected: log-normal, median 3, a few very many.

    A log is a sample: each query is searched a Poisson number of times, once at the least, since one that nobody
    searched would be in no log. So ``m + exp(-m)`` searches are to be expected of one with mean ``m``.
    """
    mean = random.lognormal(np.log(3.0), 1.0, queries)
    return np.maximum(1, random.poisson(mean)), mean + np.exp(-mean)


def shown_notes(data: Labelled, hidden: Collection[int], most: int = SHOWN) -> Ints:
    """Of each query the notes in sight that share most pairs of characters with it, the best first.

    A shared pair counts by how rare it is, ln(notes / notes with it); a note's sum is divided by the square root of its
    own number of pairs. Ties go to the lower id.

    Returns:
        Places of notes, queries x ``most``.
    """
    seen = np.array(sorted(set(range(len(data.notes))) - frozenset(hidden)), np.int64)
    number: dict[str, int] = {}
    notes = _held([_pairs(f"{data.notes[place].title} {data.notes[place].content}") for place in seen], number)
    queries = _held([_pairs(query) for query in data.queries], number)
    notes.resize((seen.size, len(number)))
    frequency = np.maximum(1.0, np.asarray(notes.sum(axis=0)).ravel())
    rarity = np.log(seen.size / frequency)
    length = np.sqrt(np.maximum(1.0, np.asarray(notes.sum(axis=1)).ravel()))
    by_pair = notes.T.tocsr()
    best = np.zeros((len(data.queries), most), np.int64)
    for first in range(0, len(data.queries), _BLOCK):
        asked = queries[first : first + _BLOCK] * rarity[None, :]
        score = np.asarray((csr_array(asked) @ by_pair).todense()) / length
        rows = np.arange(score.shape[0])
        for rank in range(most):
            place = score.argmax(axis=1)  # the first of equals
            best[first + rows, rank] = seen[place]
            score[rows, place] = -1.0
    return best


def simulated(
    random: np.random.Generator, data: Labelled, hidden: Collection[int], counts: Ints, rates: Floats
) -> tuple[list[Search], Ints]:
    """That many searches of each query with their results, and how many of each ended unsatisfied."""
    shown = shown_notes(data, hidden)
    unsatisfied = random.binomial(counts, rates)
    searches: list[Search] = []
    for query, (text, count, left) in enumerate(zip(data.queries, counts, unsatisfied, strict=True)):
        notes = [data.notes[place].note_id for place in shown[query]]
        opened = random.random(count) < OPENED
        searches.extend(
            Search(text, _list(notes, READ if number >= left else LEFT if opened[number] else None))
            for number in range(count)
        )
    return searches, unsatisfied


def passed_over(data: Labelled, shown: Ints, query: int) -> Search:
    """A search whose notes were shown and not opened."""
    return Search(data.queries[query], _list([data.notes[place].note_id for place in shown[query]], None))


def _list(notes: list[str], dwell: float | None) -> tuple[Result, ...]:
    """The list of a search; its first note was opened for so many seconds."""
    first = Result(notes[0], clicked=dwell is not None, dwell_seconds=dwell)
    return (first, *(Result(note) for note in notes[1:]))


def _pairs(text: str) -> set[str]:
    """Distinct pairs of neighbouring characters, spaces left out."""
    return {a + b for a, b in pairwise("".join(normalize(text).split()))}


def _held(texts: list[set[str]], number: dict[str, int]) -> csr_array:
    """Which pair each text holds (1), texts x pairs; new pairs are numbered on the way."""
    ids = [[number.setdefault(pair, len(number)) for pair in sorted(text)] for text in texts]
    start = np.concatenate([[0], np.cumsum([len(row) for row in ids])])
    flat = np.array([pair for row in ids for pair in row], np.int64)
    return csr_array((np.ones(flat.size), flat, start), shape=(len(texts), len(number)))
