"""Counts and best notes of all keywords in two passes over the notes.

The first pass turns notes into term ids, once, and counts in how many notes each term stands. The second reads the ids
back and runs the kernel; each thread has keywords of its own, so that no result depends on threads or their order.
Memory: the plan and tally of the keywords (some hundred bytes each), and about 50 bytes a note for its id and rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.errors import UsageError
from indexer.stores.contract import Matches, TermQueries
from indexer.stores.listed import listed_by_number
from indexer.stores.matching.encode import Vocabulary, chunks, number_terms
from indexer.stores.matching.kernel import Scratch, Tally, add_frequencies, match_chunk, sort_heaps
from indexer.stores.matching.plan import HEAVIEST, I4, I8, Keywords, Plan, make_plan
from indexer.stores.matching.spill import Chunk, Spill
from indexer.stores.threads import in_order, processors

MATCHED: Final = ("note_id", "text_terms", "headline_terms", "published_day", "engagement")
_BARE: Final = 2  # columns of notes that are known by their terms alone
_MOST_THREADS: Final = 8  # beyond, what every thread repeats (stamping the notes) outweighs the help

T = TypeVar("T")
R = TypeVar("R")


def match_notes(
    batches: Iterator[pa.RecordBatch],
    queries: TermQueries,
    *,
    fresh_since: date,
    floor_per_mille: int,
    best: int,
    threads: int | None = None,
) -> Matches:
    """Statistics and best notes of every keyword, exact, the same bytes for any batches, order and threads.

    Args:
        batches: Notes with the columns ``note_id``, ``text_terms``, ``headline_terms``, ``published_day`` and
            ``engagement`` (null is 0); read once. Or with two columns, the id and any terms: then no note has a
            headline, is fresh, or has engagement.
        queries: The keywords and the weights of their terms.
        fresh_since: A matching note published on that day or later counts as fresh.
        floor_per_mille: A note is listed when it has at least that share of the keyword's weight.
        best: At most so many notes are listed for a keyword.
        threads: Default: one for each processor this process may use.

    Raises:
        UsageError: A keyword has no terms, or the weights of one are negative or sum to 2^31 or more.
        StoreError: The temporary file can't be written.
    """
    vocabulary, keywords = number_terms(queries.terms)
    weight = weights_of(vocabulary, keywords, queries)
    workers = threads or min(_MOST_THREADS, processors())
    frequency = np.zeros(len(vocabulary), dtype=np.int64)
    note_ids: list[pa.Array] = []
    with Spill() as spill, ThreadPoolExecutor(workers) as pool:
        encode = Encoder(vocabulary, fresh_since)
        for ids, chunk in in_order(pool, encode, chunks(map(_whole, batches)), workers):
            add_frequencies(chunk.text_starts, chunk.text_ids, frequency, np.zeros(len(vocabulary), np.int32))
            spill.append(chunk)
            note_ids.append(ids)
        ids, order, preference = _ranked(note_ids)
        plans = [
            make_plan(numbers, keywords, frequency, weight, floor_per_mille=floor_per_mille, best=best)
            for numbers in (np.arange(share, len(keywords), workers) for share in range(workers))
            if len(numbers)
        ]
        tallies = [empty_tally(plan) for plan in plans]
        seen = 0
        for chunk in spill:
            preferred = preference[seen : seen + len(chunk.fresh)]
            seen += len(chunk.fresh)
            list(pool.map(_match, repeat(chunk), repeat(preferred), plans, tallies))
    return _put_together(plans, tallies, len(keywords), ids, order)


def _whole(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with all that is matched; columns it does not have are empty."""
    if len(batch.columns) != _BARE:
        return batch.select(list(MATCHED))
    empty = (pa.nulls(len(batch), kind) for kind in (pa.list_(pa.string()), pa.date32(), pa.int64()))
    return pa.RecordBatch.from_arrays([*batch.columns, *empty], names=list(MATCHED))


def count_terms(
    batches: Iterator[pa.RecordBatch], terms: Sequence[str], column: str = "text_terms"
) -> npt.NDArray[np.int64]:
    """Number of notes that hold each term, from notes with that column of terms."""
    vocabulary, numbers = number_terms([terms])
    frequency = np.zeros(len(vocabulary), dtype=np.int64)
    workers = min(_MOST_THREADS, processors())

    def encode(batch: pa.RecordBatch) -> tuple[I4, I4]:
        return vocabulary.streams(batch.column(0))

    with ThreadPoolExecutor(workers) as pool:
        for starts, ids in in_order(pool, encode, chunks(batch.select([column]) for batch in batches), workers):
            add_frequencies(starts, ids, frequency, np.zeros(len(vocabulary), np.int32))
    return frequency[numbers.terms]


@dataclass(frozen=True, slots=True)
class Encoder:
    """Encodes a batch of notes; gives back a copy of their ids, since a slice would hold on to the whole batch."""

    vocabulary: Vocabulary
    fresh_since: date

    def __call__(self, batch: pa.RecordBatch) -> tuple[pa.Array, Chunk]:
        """The ids of the notes of a batch, and what the kernel reads of them."""
        note_id, text, headline, day, engagement = (batch.column(name) for name in MATCHED)
        fresh = pc.greater_equal(day, pa.scalar(self.fresh_since, pa.date32())).fill_null(False)  # noqa: FBT003 - a value
        chunk = Chunk(
            *self.vocabulary.streams(text),
            *self.vocabulary.streams(headline),
            fresh=fresh.cast(pa.uint8()).to_numpy(),
            engagement=engagement.fill_null(0).to_numpy(),
        )
        return note_id.cast(pa.large_string()).take(pa.array(np.arange(len(note_id)))), chunk


def _match(chunk: Chunk, preference: I8, plan: Plan, tally: Tally) -> None:
    terms, longest = len(plan.filed) - 1, max(len(chunk.text_ids), len(chunk.headline_ids))
    scratch = Scratch(*np.zeros((2, terms), dtype=np.int32), *np.empty((2, longest), dtype=np.int32))
    match_chunk(chunk, preference, plan, tally, scratch)


def empty_tally(plan: Plan) -> Tally:
    """The tally of a plan before any note."""
    keywords = len(plan.keywords)
    return Tally(
        counts=np.zeros((keywords, 5), dtype=np.int64),
        cutoff=plan.cutoff.copy(),
        heap_sizes=np.zeros(keywords, dtype=np.int32),
        heap=np.zeros(plan.heap_starts[-1], dtype=np.int64),
    )


def weights_of(vocabulary: Vocabulary, keywords: Keywords, queries: TermQueries) -> I8:
    """The weight of each term of the vocabulary, checked so that keys can't overflow."""
    lengths = np.diff(keywords.starts)
    if not lengths.all():
        raise UsageError(f"keyword {int(np.flatnonzero(lengths == 0)[0])} has no terms")
    weight = np.zeros(len(vocabulary), dtype=np.int64)
    weight[: len(vocabulary.terms)] = [queries.weights.get(term, 0) for term in vocabulary.terms.to_pylist()]
    heaviest = np.add.reduceat(weight[keywords.terms], keywords.starts[:-1]).max() if len(keywords) else 0
    if weight.min(initial=0) < 0 or heaviest > HEAVIEST:
        raise UsageError("the weights of a keyword's terms must be 0 or more, and less than 2^31 together")
    return weight


def _ranked(note_ids: list[pa.Array]) -> tuple[pa.Array, npt.NDArray[np.uint64], I8]:
    """All note ids, their order by code point, and for each note its preference (greatest for the first id)."""
    ids = pa.chunked_array(note_ids, pa.large_string()).combine_chunks()
    note_ids.clear()
    order = pc.sort_indices(ids).to_numpy()
    preference = np.empty(len(order), dtype=np.int64)
    preference[order] = np.arange(len(order) - 1, -1, -1)
    return ids, order, preference


def _put_together(
    plans: list[Plan], tallies: list[Tally], keywords: int, ids: pa.Array, order: npt.NDArray[np.uint64]
) -> Matches:
    counts = np.zeros((5, keywords), dtype=np.int64)
    sizes = np.zeros(keywords, dtype=np.int64)
    for plan, tally in zip(plans, tallies, strict=True):
        counts[:, plan.keywords] = tally.counts.T
        sizes[plan.keywords] = tally.heap_sizes
    ends = np.cumsum(sizes)
    key = np.zeros(sizes.sum(), dtype=np.int64)
    while plans:
        plan, tally = plans.pop(), tallies.pop()
        sort_heaps(plan.heap_starts, tally.heap_sizes, tally.heap, key, (ends - sizes)[plan.keywords])
    weight = np.right_shift(key, 32, out=np.empty(len(key), np.int32), casting="unsafe")
    rank = np.subtract(len(order) - 1, np.bitwise_and(key, 0xFFFFFFFF, out=key), out=key)
    matching, phrase, headline, fresh, engagement = counts
    return Matches(
        matching=matching,
        phrase=phrase,
        headline=headline,
        fresh=fresh,
        engagement=engagement,
        best_query=np.repeat(np.arange(keywords, dtype=np.int32), sizes),
        best_note=listed_by_number(rank, ids.take(pa.array(order))),
        best_weight=weight,
    )
