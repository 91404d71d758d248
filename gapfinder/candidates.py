"""Which notes may answer which needs, and what is known of each such pair before a model judges it.

The store names the best notes of every need twice: by the weight of the words they hold anywhere, and by the weight of
the character 2-grams of their title, opening and tags. The second finds what was cut into other words. Weights are
whole numbers of the project's own making, so every store names the same notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.advertising import undisclosed_probability
from gapfinder.answers.levels import MEANING, Sizes
from gapfinder.answers.pairs import FEATURES, Features, pair_features
from gapfinder.answers.subjects import Needs, Notes
from gapfinder.duplicates import Duplicates
from gapfinder.meaning.finding import Meaning, MeaningPairs, need_text
from gapfinder.neighbours import Neighbours
from gapfinder.settings import Settings
from gapfinder.weights import Weights
from gapfinder.worth import freshness, quality, visibility
from indexer.grams import query_grams
from indexer.stores.contract import Matches, Snapshot, TermQueries
from indexer.stores.threads import in_order, processors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Terms = Sequence[Sequence[str]]

WORD_FLOOR: Final = 350  # per mille of a need's weight that a candidate must hold, by words
GRAM_FLOOR: Final = 300  # by character 2-grams
MOST_BY_WORDS: Final = 50  # candidates of a need
MOST_BY_GRAMS: Final = 30
_MOST_THREADS: Final = 4  # each holds a block of notes
_PER_MILLE: Final = 1000
_BLOCK: Final = 16_384  # notes judged together
_COLUMNS: Final = (
    "note_id", "author_id", "title", "content", "brand", "disclosed", "likes", "engagement", "published_day",
    "text_terms", "headline_terms", "gram_terms",
)  # fmt: skip


@dataclass(frozen=True)
class Candidates:
    """The notes that may answer any need, sorted by id; columns of equal length.

    Attributes:
        note_id: Their ids.
        group: Number of the near-duplicate group; copies share their original's.
        author: Number of the author; a note whose author is not known has one of its own.
        visibility, freshness, quality: What a note is worth where it answers, 0 to 1 each.
        undisclosed: Probability that it is undisclosed advertising.
    """

    note_id: pa.Array
    group: Ints
    author: Ints
    visibility: Floats
    freshness: Floats
    quality: Floats
    undisclosed: Floats

    @property
    def worth(self) -> Floats:
        """What a note adds to supply where it answers: visibility x freshness x quality."""
        return self.visibility * self.freshness * self.quality


@dataclass(frozen=True)
class Judged:
    """Candidate pairs with their features, by note, then need.

    Attributes:
        notes: The candidate notes.
        need, note: Need of each pair, and its note as a place among the candidates.
        names: Names of the features.
        features: Pairs x features.
        pattern: Which terms of the need the note of each pair holds, as bits.
        sizes: Sizes of the needs.
        matches: Plain counts of the store for each need.
        full: Whether a need has as many candidates by words as a store names, so that there may be more.
    """

    notes: Candidates
    need: Ints
    note: Ints
    names: tuple[str, ...]
    features: Features
    pattern: Ints
    sizes: Sizes
    matches: Matches
    full: npt.NDArray[np.bool_]


def find_candidates(
    snapshot: Snapshot,
    needs: Terms,
    neighbours: Neighbours,
    duplicates: Duplicates,
    end: date,
    settings: Settings,
    meaning: Meaning | None = None,
    known: Weights | None = None,
) -> Judged:
    """Candidates of all needs in a snapshot, with features, judged at the day ``end``.

    Where an embedder gives vectors, the notes nearest in meaning are candidates too, and the cosine is a feature.
    Terms weigh what is ``known`` of them, others what the snapshot says.
    """
    grams = [query_grams(need) for need in needs]
    weights = Weights.of(snapshot, needs, known)
    fresh_since = end - timedelta(days=settings.whole("fresh_days"))
    matches = snapshot.match(
        TermQueries(needs, weights.words), fresh_since=fresh_since, floor_per_mille=WORD_FLOOR, best=MOST_BY_WORDS
    )
    close = snapshot.best_by_grams(TermQueries(grams, weights.grams), floor_per_mille=GRAM_FLOOR, best=MOST_BY_GRAMS)
    near = MeaningPairs.none() if meaning is None else meaning.find([need_text(need) for need in needs])
    pairs = _Pairs.of(
        [(matches.best_query, matches.best_note), (close.query, close.note), (near.need, near.note_id)], len(needs)
    )
    full = np.bincount(matches.best_query, minlength=len(needs)) >= MOST_BY_WORDS
    arrays = Needs.of(needs, weights.words, weights.grams, neighbours)
    notes, features, pattern = _read(snapshot, arrays, pairs, duplicates, end, settings)
    note = np.repeat(np.arange(len(pairs.note_ids)), np.diff(pairs.start))
    meant = meaning is not None and meaning.used
    if meant:
        cosine = near.cosines(pairs.need, near.places(pairs.note_ids)[note]).astype(np.float32) / _PER_MILLE
        features = np.column_stack([features, cosine])
    return Judged(
        notes=notes,
        need=pairs.need,
        note=note,
        names=(*FEATURES, MEANING) if meant else FEATURES,
        features=features,
        pattern=pattern,
        sizes=Sizes.of(needs),
        matches=matches,
        full=full,
    )


@dataclass(frozen=True)
class _Pairs:
    """Distinct pairs by note (sorted by id), then need; ``start[n]`` to ``start[n + 1]`` are those of note ``n``."""

    note_ids: pa.Array
    start: Ints
    need: Ints

    @classmethod
    def of(cls, found: Sequence[tuple[Ints, pa.Array]], needs: int) -> Self:
        encoded = pa.chunked_array([note for _, note in found], pa.string()).combine_chunks().dictionary_encode()
        order = pc.sort_indices(encoded.dictionary).to_numpy()
        rank = np.empty(order.size, np.int64)
        rank[order] = np.arange(order.size, dtype=np.int64)
        need = np.concatenate([query for query, _ in found]).astype(np.int64)
        key = rank[encoded.indices.to_numpy()] * needs + need if order.size else need
        key.sort()
        key = key[np.diff(key, prepend=-1) > 0]
        note = key // max(needs, 1)
        start = np.zeros(order.size + 1, np.int64)
        np.cumsum(np.bincount(note, minlength=order.size), out=start[1:])
        return cls(encoded.dictionary.take(pa.array(order)), start, key - note * needs)


def _read(
    snapshot: Snapshot, needs: Needs, pairs: _Pairs, duplicates: Duplicates, end: date, settings: Settings
) -> tuple[Candidates, Features, Ints]:
    """Read every candidate note once: what it is worth, and the features and patterns of its pairs."""
    count = len(pairs.note_ids)
    usual = _usual_engagement(snapshot)
    columns = {name: np.zeros(count) for name in ("visibility", "freshness", "quality", "undisclosed")}
    features = np.zeros((pairs.need.size, len(FEATURES)), np.float32)
    pattern = np.zeros(pairs.need.size, np.int64)

    def judge(block: pa.RecordBatch) -> tuple[Ints, pa.Array]:
        """Fill in the notes of a block and their pairs: rows of their own, so the order of blocks does not matter.

        Gives the places of the notes and their authors.
        """
        place = pc.index_in(block["note_id"], value_set=pairs.note_ids).to_numpy(zero_copy_only=False).astype(np.int64)
        lengths = pairs.start[place + 1] - pairs.start[place]
        rows = _ranges(pairs.start[place], lengths)
        notes = Notes.of(block, needs.vocabulary)
        local = np.repeat(np.arange(place.size), lengths)
        features[rows], pattern[rows] = pair_features(needs, notes, pairs.need[rows], local)
        undisclosed, _ = undisclosed_probability(block["title"], block["content"], block["brand"], block["disclosed"])
        columns["undisclosed"][place] = undisclosed
        columns["visibility"][place] = visibility(block["disclosed"], undisclosed, settings)
        columns["freshness"][place] = freshness(block["published_day"], end, settings)
        columns["quality"][place] = quality(block, notes.length, usual)
        return place, block["author_id"]

    workers = min(_MOST_THREADS, processors())
    with ThreadPoolExecutor(workers) as pool:
        written = list(in_order(pool, judge, _blocks(snapshot, pairs.note_ids), workers))
    group, author = _group_numbers(pairs.note_ids, duplicates), _author_numbers(count, written)
    return Candidates(pairs.note_ids, group, author, **columns), features, pattern


def _ranges(start: Ints, length: Ints) -> Ints:
    """start[0], start[0] + 1, ... for each length, one after the other."""
    total = int(length.sum())
    offset = np.repeat(start - np.concatenate([[0], np.cumsum(length)[:-1]]), length)
    return cast("Ints", np.arange(total, dtype=np.int64) + offset)


def _blocks(snapshot: Snapshot, note_ids: pa.Array) -> Iterator[pa.RecordBatch]:
    """The candidate notes in blocks, each note once: by id when few of all notes are needed, else in one pass."""
    if len(note_ids) * 4 < snapshot.count("note"):
        for first in range(0, len(note_ids), _BLOCK):
            table = snapshot.by_id("note", note_ids.slice(first, _BLOCK).to_pylist(), _COLUMNS)
            yield from table.combine_chunks().to_batches()
        return
    for batch in snapshot.scan("note", _COLUMNS):
        wanted = batch.filter(pc.is_in(batch["note_id"], value_set=note_ids))
        if wanted.num_rows:
            yield wanted


def _usual_engagement(snapshot: Snapshot) -> float:
    """Median engagement of the notes that came with figures, exact from a histogram of whole numbers."""
    values = [
        batch.filter(pc.is_valid(batch["likes"]))["engagement"].to_numpy(zero_copy_only=False)
        for batch in snapshot.scan("note", ("likes", "engagement"))
    ]
    known = np.concatenate(values) if values else np.empty(0)
    return float(np.median(known)) if known.size else 1.0


def _group_numbers(note_ids: pa.Array, duplicates: Duplicates) -> Ints:
    """A number per note that copies share with their original."""
    codes = duplicates.original(note_ids).dictionary_encode().indices
    return cast("Ints", codes.to_numpy().astype(np.int64))


def _author_numbers(notes: int, written: Sequence[tuple[Ints, pa.Array]]) -> Ints:
    """A number per author from the authors of notes at their places; notes without one get further numbers.

    They are numbered in the order of the notes, so the order in which a store gives notes does not matter.
    """
    place = np.concatenate([np.empty(0, np.int64), *(places for places, _ in written)])
    names = pa.chunked_array([authors for _, authors in written], pa.string()).combine_chunks()
    codes = names.take(pa.array(np.argsort(place))).dictionary_encode().indices
    number = pc.fill_null(codes, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(number < 0, notes + np.arange(number.size), number)
