"""All keywords at once, asked in batches of searches so that the cluster does the work; several batches at a time."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.errors import UsageError
from indexer.stores.checks import check_queries
from indexer.stores.contract import GRAMS, WORDS, BestNotes, Matches, TermQueries
from indexer.stores.elastic.pages import PointInTime
from indexer.stores.elastic.queries import JsonObject, best_search, keyword_search, least_weight, term_count
from indexer.stores.elastic.room import LANES
from indexer.stores.listed import listed_as_met
from indexer.stores.threads import in_order

HEAVIEST: Final = 1 << 24  # from there on 32-bit scores are not exact
_FIRST_BATCH: Final = 64
_LARGEST_BATCH: Final = 1_000
_BATCH_SECONDS: Final = 2.0  # what a request is aimed to take
_STATISTICS: Final = 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One keyword: its search, and from which weight on a note is listed."""

    body: JsonObject
    least: int


def match_keywords(
    notes: PointInTime | None, queries: TermQueries, *, fresh_since: date, floor_per_mille: int, best: int
) -> Matches:
    """Statistics and best notes of every keyword; ``notes`` is None where there are none.

    Raises:
        UsageError: A keyword has no terms, or weights that are negative or sum to 2^24 or more.
        PartialAnswerError: The server answered for a part of the notes only.
    """
    check_queries(queries)
    counts = np.zeros((_STATISTICS, len(queries)), dtype=np.int64)
    listed = _Listed()

    def body(terms: Sequence[str]) -> JsonObject:
        return keyword_search(
            terms, queries.weights, fresh_since=fresh_since, floor_per_mille=floor_per_mille, best=best
        )

    for number, one, answer in _answers(notes, _ask(queries, body, floor_per_mille)):
        counts[:, number] = _counts(answer["aggregations"])
        listed.add(number, one.least, answer)
    matching, phrase, headline, fresh, engagement = counts
    query, note, weight = listed.columns()
    return Matches(
        matching=matching,
        phrase=phrase,
        headline=headline,
        fresh=fresh,
        engagement=engagement,
        best_query=query,
        best_note=note,
        best_weight=weight,
    )


def best_by_grams(notes: PointInTime | None, queries: TermQueries, *, floor_per_mille: int, best: int) -> BestNotes:
    """The best notes of every keyword by character 2-grams; raises as :func:`match_keywords` does."""
    check_queries(queries)
    listed = _Listed()

    def body(terms: Sequence[str]) -> JsonObject:
        return best_search(terms, queries.weights, column=GRAMS, floor_per_mille=floor_per_mille, best=best)

    for number, one, answer in _answers(notes, _ask(queries, body, floor_per_mille)):
        listed.add(number, one.least, answer)
    return BestNotes(*listed.columns())


def count_terms(notes: PointInTime | None, terms: Sequence[str], column: str = WORDS) -> npt.NDArray[np.int64]:
    """Number of notes that hold each term."""
    counts = np.zeros(len(terms), dtype=np.int64)
    if notes is None:
        return counts
    portions = [terms[start : start + _LARGEST_BATCH] for start in range(0, len(terms), _LARGEST_BATCH)]

    def count(portion: Sequence[str]) -> list[int]:
        answers = notes.search_many([term_count(term, column) for term in portion])
        return [answer["hits"]["total"]["value"] for answer in answers]

    with ThreadPoolExecutor(LANES) as pool:
        found = in_order(pool, count, portions, LANES - 1)
        counts[:] = [number for portion in found for number in portion]
    return counts


@dataclass(slots=True)
class _Listed:
    """Best notes as they come in: numbers of keywords, weights, and numbers of notes in the order they were met."""

    query: array[int] = field(default_factory=lambda: array("i"))
    note: array[int] = field(default_factory=lambda: array("i"))
    weight: array[int] = field(default_factory=lambda: array("i"))
    met: dict[str, int] = field(default_factory=dict)

    def add(self, number: int, least: int, answer: Mapping[str, Any]) -> None:
        """The hits of a keyword that reach its floor."""
        for hit in answer["hits"]["hits"]:
            weight, note_id = int(hit["sort"][0]), hit["sort"][1]
            if weight >= least:
                self.query.append(number)
                self.note.append(self.met.setdefault(note_id, len(self.met)))
                self.weight.append(weight)

    def columns(self) -> tuple[npt.NDArray[np.int32], pa.DictionaryArray, npt.NDArray[np.int32]]:
        """Keyword, note and weight of each entry."""
        query, note, weight = (np.array(column, np.int32) for column in (self.query, self.note, self.weight))
        ids = pa.array(list(self.met), pa.string())
        return query, listed_as_met(note, ids), weight


def _answers(notes: PointInTime | None, asked: Iterator[_Asked]) -> Iterator[tuple[int, _Asked, Mapping[str, Any]]]:
    """Number, question and answer of every keyword, in order."""
    if notes is None:
        for _ in asked:
            continue  # wrong keywords are refused all the same
        return
    number = 0
    pace = _Pace()

    def ask(batch: list[_Asked]) -> list[tuple[_Asked, Mapping[str, Any]]]:
        start = time.monotonic()
        answers = notes.search_many([one.body for one in batch])
        pace.took(len(batch), time.monotonic() - start)
        return list(zip(batch, answers, strict=True))

    with ThreadPoolExecutor(LANES) as pool:
        for answered in in_order(pool, ask, pace.batches(asked), LANES - 1):
            for one, answer in answered:
                yield number, one, answer
                number += 1


def _ask(queries: TermQueries, body: Callable[[Sequence[str]], JsonObject], floor_per_mille: int) -> Iterator[_Asked]:
    for terms in queries.terms:
        weighed = [(term, queries.weights.get(term, 0)) for term in dict.fromkeys(terms)]
        if min(weight for _, weight in weighed) < 0 or sum(weight for _, weight in weighed) >= HEAVIEST:
            raise UsageError(f"the weights of {' '.join(terms)!r} are negative or sum to {HEAVIEST} or more")
        yield _Asked(body(terms), least_weight(weighed, floor_per_mille))


class _Pace:
    """How many searches a request holds, so that each takes about the time aimed at, however large the cluster is."""

    def __init__(self) -> None:
        self._size = _FIRST_BATCH

    def batches(self, asked: Iterator[T]) -> Iterator[list[T]]:
        """Batches of the size that is right when each is made."""
        while batch := list(islice(asked, self._size)):
            yield batch

    def took(self, searches: int, seconds: float) -> None:
        """Learn from a request."""
        fitting = searches * min(4.0, _BATCH_SECONDS / max(seconds, 0.001))
        self._size = int(min(_LARGEST_BATCH, max(1, fitting)))


def _counts(aggregations: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    matching = aggregations["matching"]
    return (
        matching["doc_count"],
        matching["phrase"]["doc_count"],
        aggregations["headline"]["doc_count"],
        matching["fresh"]["doc_count"],
        int(matching["engagement"]["value"]),
    )
