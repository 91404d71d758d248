"""All keywords at once, asked in batches of searches so that the cluster does the work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    return Matches(
        matching=matching,
        phrase=phrase,
        headline=headline,
        fresh=fresh,
        engagement=engagement,
        best_query=np.array(listed.query, dtype=np.int64),
        best_note=pa.array(listed.note, pa.string()),
        best_weight=np.array(listed.weight, dtype=np.int64),
    )


def best_by_grams(notes: PointInTime | None, queries: TermQueries, *, floor_per_mille: int, best: int) -> BestNotes:
    """The best notes of every keyword by character 2-grams; raises as :func:`match_keywords` does."""
    check_queries(queries)
    listed = _Listed()

    def body(terms: Sequence[str]) -> JsonObject:
        return best_search(terms, queries.weights, column=GRAMS, floor_per_mille=floor_per_mille, best=best)

    for number, one, answer in _answers(notes, _ask(queries, body, floor_per_mille)):
        listed.add(number, one.least, answer)
    return BestNotes(
        np.array(listed.query, dtype=np.int64),
        pa.array(listed.note, pa.string()),
        np.array(listed.weight, dtype=np.int64),
    )


def count_terms(notes: PointInTime | None, terms: Sequence[str], column: str = WORDS) -> npt.NDArray[np.int64]:
    """Number of notes that hold each term."""
    counts = np.zeros(len(terms), dtype=np.int64)
    if notes is None:
        return counts
    for start in range(0, len(terms), _LARGEST_BATCH):
        bodies = [term_count(term, column) for term in terms[start : start + _LARGEST_BATCH]]
        for number, answer in enumerate(notes.search_many(bodies), start):
            counts[number] = answer["hits"]["total"]["value"]
    return counts


@dataclass(slots=True)
class _Listed:
    """Best notes as they come in."""

    query: list[int] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    weight: list[int] = field(default_factory=list)

    def add(self, number: int, least: int, answer: Mapping[str, Any]) -> None:
        """The hits of a keyword that reach its floor."""
        for hit in answer["hits"]["hits"]:
            weight, note_id = int(hit["sort"][0]), hit["sort"][1]
            if weight >= least:
                self.query.append(number)
                self.note.append(note_id)
                self.weight.append(weight)


def _answers(notes: PointInTime | None, asked: Iterator[_Asked]) -> Iterator[tuple[int, _Asked, Mapping[str, Any]]]:
    """Number, question and answer of every keyword, in order."""
    if notes is None:
        for _ in asked:
            continue  # wrong keywords are refused all the same
        return
    number = 0
    for batch, answers in _batches(notes, asked):
        for one, answer in zip(batch, answers, strict=True):
            yield number, one, answer
            number += 1


def _ask(queries: TermQueries, body: Callable[[Sequence[str]], JsonObject], floor_per_mille: int) -> Iterator[_Asked]:
    for terms in queries.terms:
        weighed = [(term, queries.weights.get(term, 0)) for term in dict.fromkeys(terms)]
        if min(weight for _, weight in weighed) < 0 or sum(weight for _, weight in weighed) >= HEAVIEST:
            raise UsageError(f"the weights of {' '.join(terms)!r} are negative or sum to {HEAVIEST} or more")
        yield _Asked(body(terms), least_weight(weighed, floor_per_mille))


def _batches(
    notes: PointInTime | None, asked: Iterator[_Asked]
) -> Iterator[tuple[Sequence[_Asked], Sequence[Mapping[str, Any]]]]:
    """Requests of so many searches that each takes about the time aimed at, however large the cluster is."""
    size = _FIRST_BATCH
    while notes is not None and (batch := _take(asked, size)):
        start = time.monotonic()
        yield batch, notes.search_many([one.body for one in batch])
        seconds = max(time.monotonic() - start, 0.001)
        size = int(min(_LARGEST_BATCH, max(1, size * min(4.0, _BATCH_SECONDS / seconds))))


def _take(items: Iterator[T], count: int) -> list[T]:
    return list(islice(items, count))


def _counts(aggregations: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    matching = aggregations["matching"]
    return (
        matching["doc_count"],
        matching["phrase"]["doc_count"],
        aggregations["headline"]["doc_count"],
        matching["fresh"]["doc_count"],
        int(matching["engagement"]["value"]),
    )
