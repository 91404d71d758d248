"""What is known of the notes that may answer needs, and of each pair (:mod:`gapfinder.pairing`).

Notes are read in blocks. The features of all pairs would be most of an analysis' memory, so they are kept only where
they are learned from; else a model judges the pairs of a block, and its probabilities are all that stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.advertising import signal_bits, undisclosed_probability
from gapfinder.answers.levels import Sizes, raise_to
from gapfinder.answers.model import AnswerModel
from gapfinder.answers.pairs import FEATURES, Features, pair_features
from gapfinder.answers.subjects import Notes
from gapfinder.duplicates import Duplicates
from gapfinder.meaning.finding import Meaning
from gapfinder.neighbours import Neighbours
from gapfinder.note_blocks import note_blocks
from gapfinder.pairing import Asked, Counts, Pairs, find_pairs
from gapfinder.settings import Settings
from gapfinder.weights import Weights
from gapfinder.worth import freshness, quality, visibility
from indexer.stores.contract import Snapshot
from indexer.stores.matching.plan import gather
from indexer.stores.threads import in_order, processors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Terms = Sequence[Sequence[str]]

_MOST_THREADS: Final = 4  # each holds a block of notes
_PER_MILLE: Final = 1000
_TOGETHER: Final = 4_096  # notes judged together
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
        signals: What speaks for that (:func:`gapfinder.advertising.signal_bits`).
    """

    note_id: pa.Array
    group: Ints
    author: Ints
    visibility: Floats
    freshness: Floats
    quality: Floats
    undisclosed: Floats
    signals: npt.NDArray[np.uint8]

    @property
    def worth(self) -> Floats:
        """What a note adds to supply where it answers: visibility x freshness x quality."""
        return self.visibility * self.freshness * self.quality

    def worth_of(self, note: npt.NDArray[np.integer]) -> Floats:
        """The worth of some notes, given as places."""
        worth: Floats = self.visibility[note] * self.freshness[note] * self.quality[note]
        return worth


@dataclass(frozen=True)
class Judged:
    """Candidate pairs with their features, by need, then note: what is learned from.

    Attributes:
        notes: The candidate notes.
        need, note: Need of each pair, and its note as a place among the candidates.
        names: Names of the features.
        features: Pairs x features.
        pattern: Which terms of the need the note of each pair holds, as bits.
        sizes: Sizes of the needs.
        counts: Plain counts of the store for each need.
        full: Whether a need has as many candidates by words as a store names, so that there may be more.
    """

    notes: Candidates
    need: Ints
    note: Ints
    names: tuple[str, ...]
    features: Features
    pattern: Ints
    sizes: Sizes
    counts: Counts
    full: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Weighed:
    """Candidate pairs as a model judges each by itself, by need, then note: 13 to 20 bytes a pair, without features.

    Attributes:
        notes: The candidate notes.
        start: Pairs ``start[n]`` to ``start[n + 1]`` are those of need ``n``.
        note: Note of each pair, as a place among the candidates.
        names: Names of the features.
        probability: Of each pair that the note answers the need.
        pattern: Which terms of the need the note of each pair holds, as bits.
        best: Largest value of each feature among the pairs of each need; needs x features.
        model: What judged them.
        sizes, counts, full: As in :class:`Judged`.
    """

    notes: Candidates
    start: Ints
    note: Ids
    names: tuple[str, ...]
    probability: Floats
    pattern: npt.NDArray[np.signedinteger]
    best: Features
    model: AnswerModel
    sizes: Sizes
    counts: Counts
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
    """Candidates of all needs in a snapshot, with features, judged at the day ``end``; see :func:`find_pairs`."""
    asked, pairs = find_pairs(snapshot, needs, neighbours, end, settings, meaning, known)
    features = np.zeros((pairs.need.size, len(asked.names)), np.float32)
    pattern = np.zeros(pairs.need.size, np.int64)

    def keep(place: Ints, _: Ints, block: Features, held: Ints) -> None:
        features[place], pattern[place] = block, held

    notes, note = _read(snapshot, asked, pairs, keep, Judging(duplicates, end, settings))
    need = np.repeat(np.arange(len(needs)), np.diff(pairs.need_start))
    return Judged(
        notes, need, note.astype(np.int64), asked.names, features, pattern, asked.sizes, asked.counts, asked.full
    )


def weigh_candidates(
    snapshot: Snapshot,
    asked: Asked,
    pairs: Pairs,
    judging: Judging,
    models: tuple[AnswerModel, AnswerModel],
) -> Weighed:
    """The candidates that :func:`find_pairs` found, each judged by a model as soon as its note is read.

    Args:
        snapshot: Where the notes are.
        asked: The needs.
        pairs: Their candidates.
        judging: How notes are judged.
        models: The model to judge by, and the one that does where the first can't read the features there are: it
            knows of meaning, and there turned out to be none.
    """
    model = models[0] if models[0].fits(asked.names) else models[1]
    best = np.zeros((len(asked.sizes), len(asked.names)), np.float32)
    probability, pattern = np.zeros(pairs.need.size), np.zeros(pairs.need.size, _pattern_type(asked.sizes.terms))
    turn = Lock()

    def keep(place: Ints, need: Ints, block: Features, held: Ints) -> None:
        probability[place] = model.answers(block, need, asked.sizes.terms)
        pattern[place] = held
        with turn:  # needs have pairs in several blocks; which is larger does not depend on the order
            raise_to(best, need, block)

    notes, note = _read(snapshot, asked, pairs, keep, judging)
    return Weighed(
        notes,
        pairs.need_start,
        note,
        asked.names,
        probability,
        pattern,
        best,
        model,
        asked.sizes,
        asked.counts,
        asked.full,
    )


@dataclass(frozen=True)
class Judging:
    """How notes are judged: which are copies, at which day, by which settings."""

    duplicates: Duplicates
    end: date
    settings: Settings


def _read(
    snapshot: Snapshot, asked: Asked, pairs: Pairs, keep: Callable[[Ints, Ints, Features, Ints], None], how: Judging
) -> tuple[Candidates, Ids]:
    """Read every candidate note once: what it is worth, and the note of each pair, by need, then note.

    Each block hands its pairs to ``keep``: their places in that order, needs, features and patterns. Blocks have
    pairs of their own, so their order does not matter; ``keep`` is called by several threads.
    """
    count = len(pairs.note_ids)
    usual = _usual_engagement(snapshot)
    columns = {name: np.zeros(count) for name in ("visibility", "freshness", "quality", "undisclosed")}
    signals, note_of = np.zeros(count, np.uint8), np.zeros(pairs.need.size, np.int32)

    def judge(placed: tuple[Ints, pa.RecordBatch]) -> tuple[Ints, pa.Array]:
        """Fill in the notes of a block and their pairs; gives the places of the notes and their authors."""
        place, block = placed
        start, rows = gather(pairs.note_start, place)
        notes = Notes.of(block, asked.needs.vocabulary)
        need, local = pairs.need[rows].astype(np.int64), np.repeat(np.arange(place.size), np.diff(start))
        features, held = pair_features(asked.needs, notes, need, local)
        if len(asked.names) > len(FEATURES):
            cosine = asked.near.cosines(need, asked.near.places(block["note_id"])[local]).astype(np.float32)
            features = np.column_stack([features, cosine / _PER_MILLE])
        at = pairs.place[rows].astype(np.int64)
        note_of[at] = place[local]
        keep(at, need, features, held)
        undisclosed, told = undisclosed_probability(
            block["title"], block["content"], block["brand"], block["disclosed"]
        )
        columns["undisclosed"][place], signals[place] = undisclosed, signal_bits(told)
        columns["visibility"][place] = visibility(block["disclosed"], undisclosed, how.settings)
        columns["freshness"][place] = freshness(block["published_day"], how.end, how.settings)
        columns["quality"][place] = quality(block, notes.length, usual)
        return place, block["author_id"]

    workers = min(_MOST_THREADS, processors())
    with ThreadPoolExecutor(workers) as pool:
        written = list(in_order(pool, judge, _blocks(snapshot, pairs.note_ids), workers))
    group, author = _group_numbers(pairs.note_ids, how.duplicates), _author_numbers(count, written)
    return Candidates(pairs.note_ids, group, author, **columns, signals=signals), note_of


def _pattern_type(terms: Ints) -> npt.DTypeLike:
    """The smallest type that holds a bit for each of so many terms of a need, the most there are of them."""
    longest = int(terms.max(initial=0))
    return next((kind for kind in (np.int8, np.int16, np.int32) if longest < np.iinfo(kind).bits), np.int64)


def _blocks(snapshot: Snapshot, note_ids: pa.Array) -> Iterator[tuple[Ints, pa.RecordBatch]]:
    """The candidate notes in blocks with their places, each note once."""
    for place, batch in note_blocks(snapshot, note_ids, _COLUMNS):
        for first in range(0, batch.num_rows, _TOGETHER):
            yield place[first : first + _TOGETHER], batch.slice(first, _TOGETHER)


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
