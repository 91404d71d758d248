"""Counts and best notes of all keywords in two passes over the notes.

The first pass turns notes into term ids, once, and counts in how many notes each term stands. The second reads the ids
back, makes blocks of notes as bits and runs the kernel; each thread has keywords of its own, so that no result depends
on threads or their order. Memory: the plan and tally of the keywords (some hundred bytes each), about 50 bytes a note
for its id and rank, and for each block that is worked on up to a kilobyte for each term that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.errors import UsageError
from indexer.stores.contract import Matches, TermQueries
from indexer.stores.listed import listed_by_number
from indexer.stores.matching.encode import Vocabulary, chunks, number_terms
from indexer.stores.matching.heaps import empty_heaps, sort_heaps
from indexer.stores.matching.kernel import (
    COLUMNS,
    ENGAGEMENT,
    FRESH,
    HEADLINE,
    MATCHING,
    Block,
    Tally,
    block_of,
    match_block,
    room_for,
)
from indexer.stores.matching.ordered import Ranked, by_rank, taken
from indexer.stores.matching.phrases import Phrases, count_phrases, phrases_of
from indexer.stores.matching.plan import HEAVIEST, I4, I8, Keywords, Plan, make_plan
from indexer.stores.matching.spill import Chunk, Spill
from indexer.stores.matching.streams import add_frequencies
from indexer.stores.threads import in_order, processors

MATCHED: Final = ("note_id", "text_terms", "headline_terms", "published_day", "engagement")
_BARE: Final = 2  # columns of notes that are known by their terms alone
_MOST_THREADS: Final = 8  # beyond, what every thread repeats (stamping the notes) outweighs the help


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
        for ids, chunk, held in in_order(pool, encode, chunks(map(_whole, batches)), workers):
            frequency += held
            spill.append(chunk)
            note_ids.append(ids)
        sizes = [len(ids) for ids in note_ids]
        ids, order, rank = _ranked(note_ids)
        plans = [
            make_plan(numbers, keywords, frequency, weight, floor_per_mille=floor_per_mille, best=best)
            for numbers in (np.arange(share, len(keywords), workers) for share in range(workers))
            if len(numbers)
        ]
        tallies = [empty_tally(plan) for plan in plans]
        phrases = phrases_of(keywords, len(vocabulary))
        met = np.zeros(phrases.nodes, np.int64)
        prepare = Preparer(phrases, len(vocabulary), len(rank))
        for block, its in in_order(pool, prepare, by_rank(spill, sizes, rank), workers):
            met += its
            list(pool.map(_match, repeat(block), plans, tallies))
    return _put_together(plans, tallies, keywords, met[phrases.ends], ids, order)


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
    """Encodes a batch of notes."""

    vocabulary: Vocabulary
    fresh_since: date

    def __call__(self, batch: pa.RecordBatch) -> tuple[pa.Array, Chunk, I8]:
        """The notes of a batch, sorted by their ids: the ids, what the kernel reads, in how many each term stands."""
        note_id, text, headline, day, engagement = (batch.column(name) for name in MATCHED)
        fresh = pc.greater_equal(day, pa.scalar(self.fresh_since, pa.date32())).fill_null(False)  # noqa: FBT003 - a value
        chunk = Chunk(
            *self.vocabulary.streams(text),
            *self.vocabulary.streams(headline),
            fresh=fresh.cast(pa.uint8()).to_numpy(),
            engagement=engagement.fill_null(0).to_numpy(),
        )
        held = np.zeros(len(self.vocabulary), np.int64)
        add_frequencies(chunk.text_starts, chunk.text_ids, held, np.zeros(len(held), np.int32))
        order = pc.sort_indices(note_id)
        return note_id.cast(pa.large_string()).take(order), taken(chunk, order.to_numpy().astype(np.int64)), held


@dataclass(frozen=True, slots=True)
class Preparer:
    """Turns notes into bits, and counts the nodes of the tree of phrases that are met in them."""

    phrases: Phrases
    terms: int
    notes: int

    def __call__(self, ranked: Ranked) -> tuple[Block, I4]:
        """The notes as bits, and in how many of them each node is met."""
        chunk = taken(ranked.chunk, ranked.places)
        met = count_phrases(chunk.text_starts, chunk.text_ids, self.phrases)
        return block_of(chunk, self.notes - 1 - ranked.rank, self.terms), met


def _match(block: Block, plan: Plan, tally: Tally) -> None:
    match_block(block, plan, tally, room_for(plan, len(block.preference)))


def empty_tally(plan: Plan) -> Tally:
    """The tally of a plan before any note."""
    return Tally(np.zeros((len(plan.keywords), COLUMNS), np.int64), empty_heaps(plan.rooms, plan.cutoff))


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
    """All note ids, their order by code point, and the rank of each note in it."""
    ids = pa.chunked_array(note_ids, pa.large_string()).combine_chunks()
    note_ids.clear()
    order = pc.sort_indices(ids).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return ids, order, rank


def _put_together(
    plans: list[Plan], tallies: list[Tally], keywords: Keywords, met: I8, ids: pa.Array, order: npt.NDArray[np.uint64]
) -> Matches:
    """The answer; ``met`` is in how many notes the phrase of each keyword of two terms or more is met."""
    counts = np.zeros((COLUMNS, len(keywords)), dtype=np.int64)
    sizes = np.zeros(len(keywords), dtype=np.int64)
    for plan, tally in zip(plans, tallies, strict=True):
        counts[:, plan.keywords] = tally.counts.T
        sizes[plan.keywords] = tally.heaps.sizes
    ends = np.cumsum(sizes)
    key = np.zeros(sizes.sum(), dtype=np.int64)
    while plans:
        plan, tally = plans.pop(), tallies.pop()
        sort_heaps(tally.heaps, key, (ends - sizes)[plan.keywords])
    weight = np.right_shift(key, 32, out=np.empty(len(key), np.int32), casting="unsafe")
    rank = np.subtract(len(order) - 1, np.bitwise_and(key, 0xFFFFFFFF, out=key), out=key)
    return Matches(
        matching=counts[MATCHING],
        phrase=np.where(np.diff(keywords.starts) == 1, counts[MATCHING], met),
        headline=counts[HEADLINE],
        fresh=counts[FRESH],
        engagement=counts[ENGAGEMENT],
        best_query=np.repeat(np.arange(len(keywords), dtype=np.int32), sizes),
        best_note=listed_by_number(rank, ids.take(pa.array(order))),
        best_weight=weight,
    )
