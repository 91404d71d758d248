"""Supply of all keywords at once: which notes answer each, what they are worth, and what is left unanswered.

For every *need* (a list of terms somebody searched for) the store names its best candidates by integer term weights;
everything after that is one code for all stores. Notes answer independently of each other in this first version, so a
need stays unanswered with probability ``prod(1 - p x worth)`` over its notes. Taking one property of the notes into
account after the other (copies, advertising, age, quality) gives the stages of the decomposition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.advertising import undisclosed_probability
from gapfinder.answers import NOTHING, VALUE_END, TermLists, answer_probability, pair_features
from gapfinder.duplicates import Duplicates
from gapfinder.settings import Settings
from gapfinder.worth import freshness, quality, visibility
from indexer.stores.contract import Matches, Snapshot, TermQueries

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]

_BLOCK: Final = 16_384  # notes judged together
_LEAST: Final = 0.02  # pairs below that probability are no answers and are left out
_FLOOR: Final = 500  # per mille of a need's weight that a candidate must hold
_COLUMNS: Final = (
    "note_id", "title", "content", "brand", "disclosed", "likes", "engagement", "published_day",
    "text_terms", "headline_terms",
)  # fmt: skip


@dataclass(frozen=True)
class Candidates:
    """The notes that may answer any need, sorted by id; columns of equal length.

    Attributes:
        note_id: Their ids.
        group: Number of the near-duplicate group; copies share their original's.
        visibility, freshness, quality: What a note is worth where it answers, 0 to 1 each.
        undisclosed: Probability that it is undisclosed advertising.
    """

    note_id: pa.Array
    group: Ints
    visibility: Floats
    freshness: Floats
    quality: Floats
    undisclosed: Floats

    @property
    def worth(self) -> Floats:
        """What a note adds to supply where it answers: visibility x freshness x quality."""
        return self.visibility * self.freshness * self.quality


@dataclass(frozen=True)
class Answers:
    """Pairs of needs and the notes that may answer them.

    Sorted by need, then what the pair adds to supply and probability (both descending), then note id.

    Attributes:
        notes: The candidate notes.
        start: Pairs ``start[n]`` to ``start[n + 1]`` are those of need ``n``.
        need: Need of each pair.
        note: Its note, as a place among the candidates.
        probability: Probability that the note answers the need.
    """

    notes: Candidates
    start: Ints
    need: Ids
    note: Ids
    probability: Floats


@dataclass(frozen=True)
class Counts:
    """Plain counts of each need, as :class:`indexer.stores.contract.Matches` says."""

    matching: Ints
    phrase: Ints
    headline: Ints
    fresh: Ints
    engagement: Ints


@dataclass(frozen=True)
class Supply:
    """Supply of each need.

    Attributes:
        counts: Plain counts of the store.
        answers: The pairs behind it.
        supply: Sum of worth, copies once.
        words: Probability that nothing answers, by words alone, copies included.
        single: The same with copies counted once.
        seen: With advertising taken into account as well.
        fresh: With age as well.
        whole: With quality as well: the content probability of being unanswered.
        unanswered: Probability that no note answers, given that the need is unmet.
        ads, age, thin: Expected number of notes that answer and yet fail because of advertising, age or thinness, given
            that the need is unmet.

    Given that a need is unmet, no note both answers it and is worth reading; so a note of worth ``w`` answers with
    probability ``p (1 - w) / (1 - p w)`` only (Bayes' rule), and fails for one of the three reasons that make up
    ``1 - w``. That is what tells a need that nothing answers from one whose answers are old, thin or advertising.
    """

    counts: Counts
    answers: Answers
    supply: Floats
    words: Floats
    single: Floats
    seen: Floats
    fresh: Floats
    whole: Floats
    unanswered: Floats
    ads: Floats
    age: Floats
    thin: Floats


def term_weights(snapshot: Snapshot, needs: Sequence[Sequence[str]]) -> dict[str, int]:
    """Integer weight of every term that is asked for: round(1000 x ln(1 + (N - df + 0.5) / (df + 0.5)))."""
    vocabulary = sorted({term for need in needs for term in need})
    notes = snapshot.count("note")
    frequency = snapshot.document_frequency(vocabulary)
    weight = np.rint(1000 * np.log1p((notes - frequency + 0.5) / (frequency + 0.5))).astype(np.int64)
    return dict(zip(vocabulary, weight.tolist(), strict=True))


def measure_supply(
    snapshot: Snapshot,
    needs: Sequence[Sequence[str]],
    duplicates: Duplicates,
    end: date,
    settings: Settings,
) -> Supply:
    """Supply of all needs in a snapshot, judged at the day ``end``."""
    weights = term_weights(snapshot, needs)
    fresh_since = end - timedelta(days=settings.whole("fresh_days"))
    matches = snapshot.match(TermQueries(needs, weights), fresh_since=fresh_since, floor_per_mille=_FLOOR)
    pairs = _Pairs.of(matches)
    counts = Counts(matches.matching, matches.phrase, matches.headline, matches.fresh, matches.engagement)
    del matches  # its candidates are in the pairs now, in a third of the memory
    answers = _judge(snapshot, needs, weights, pairs, duplicates, end, settings)
    return _stages(counts, answers, len(needs))


@dataclass(frozen=True)
class _Pairs:
    """Candidate pairs by note: pairs ``start[n]`` to ``start[n + 1]`` are those of note ``n`` (sorted by id)."""

    note_ids: pa.Array
    start: Ints
    need: Ids

    @classmethod
    def of(cls, matches: Matches) -> Self:
        encoded = matches.best_note.dictionary_encode()
        order = pc.sort_indices(encoded.dictionary).to_numpy()
        rank = np.empty(order.size, np.int32)
        rank[order] = np.arange(order.size, dtype=np.int32)
        note = rank[encoded.indices.to_numpy()] if order.size else np.empty(0, np.int32)
        by_note = np.argsort(note, kind="stable")
        start = np.zeros(order.size + 1, np.int64)
        np.cumsum(np.bincount(note, minlength=order.size), out=start[1:])
        return cls(encoded.dictionary.take(pa.array(order)), start, matches.best_query.astype(np.int32)[by_note])


def _judge(
    snapshot: Snapshot,
    needs: Sequence[Sequence[str]],
    weights: dict[str, int],
    pairs: _Pairs,
    duplicates: Duplicates,
    end: date,
    settings: Settings,
) -> Answers:
    """Judge every candidate pair, reading each note once."""
    vocabulary = pa.array(list(weights), pa.string())
    weight = np.fromiter(weights.values(), np.int64, len(weights))
    keywords = _need_lists(needs, {term: number for number, term in enumerate(weights)})
    count = len(pairs.note_ids)
    usual = _usual_engagement(snapshot)
    columns = {name: np.zeros(count) for name in ("visibility", "freshness", "quality", "undisclosed")}
    probability = np.zeros(pairs.need.size)
    for block in _candidates(snapshot, pairs.note_ids):
        place = pc.index_in(block["note_id"], value_set=pairs.note_ids).to_numpy(zero_copy_only=False).astype(np.int64)
        lengths = pairs.start[place + 1] - pairs.start[place]
        rows = _ranges(pairs.start[place], lengths)
        text, terms = _note_lists(block["text_terms"], vocabulary)
        headline, _ = _note_lists(block["headline_terms"], vocabulary)
        local = np.repeat(np.arange(place.size), lengths)
        features = pair_features(keywords, weight, text, headline, pairs.need[rows].astype(np.int64), local)
        probability[rows] = answer_probability(features)
        undisclosed, _ = undisclosed_probability(block["title"], block["content"], block["brand"], block["disclosed"])
        known = pc.is_valid(block["likes"]).to_numpy(zero_copy_only=False)
        columns["undisclosed"][place] = undisclosed
        columns["visibility"][place] = visibility(block["disclosed"], undisclosed, settings)
        columns["freshness"][place] = freshness(block["published_day"], end, settings)
        columns["quality"][place] = quality(terms, block["engagement"], known, usual)
    notes = Candidates(pairs.note_ids, _group_numbers(pairs.note_ids, duplicates), **columns)
    note = np.repeat(np.arange(count, dtype=np.int32), np.diff(pairs.start))
    kept = np.flatnonzero(probability >= _LEAST)
    need, note, probability = pairs.need[kept], note[kept], probability[kept]
    # Candidates are sorted by id, so ties fall to the lower id.
    order = np.lexsort((note, -probability, -probability * notes.worth[note], need))
    start = np.zeros(len(needs) + 1, np.int64)
    np.cumsum(np.bincount(need, minlength=len(needs)), out=start[1:])
    return Answers(notes, start, need[order], note[order], probability[order])


def _need_lists(needs: Sequence[Sequence[str]], number: dict[str, int]) -> TermLists:
    distinct = [sorted({number[term] for term in need}) for need in needs]
    start = np.zeros(len(distinct) + 1, np.int64)
    np.cumsum([len(need) for need in distinct], out=start[1:])
    return TermLists(start, np.array([term for need in distinct for term in need], np.int32))


def _note_lists(column: pa.Array, vocabulary: pa.Array) -> tuple[TermLists, Ints]:
    """Term ids of every note of a block (``VALUE_END`` after each value), and its number of terms."""
    values = pc.fill_null(column.flatten(), "")
    words = pc.split_pattern(values, " ")
    # An empty value still splits into one empty word; it counts as NOTHING.
    ids = pc.fill_null(pc.index_in(words.flatten(), value_set=vocabulary), NOTHING).to_numpy().astype(np.int32)
    per_value = pc.list_value_length(words).to_numpy().astype(np.int64)
    ends = np.cumsum(per_value)
    ids = np.insert(ids, ends, np.int32(VALUE_END))
    values_of = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    value_start = np.concatenate([[0], np.cumsum(values_of)])
    id_start = np.concatenate([[0], np.cumsum(per_value + 1)])
    start = id_start[value_start]
    return TermLists(start.astype(np.int64), ids), np.diff(start) - values_of


def _ranges(start: Ints, length: Ints) -> Ints:
    """start[0], start[0] + 1, ... for each length, one after the other."""
    total = int(length.sum())
    offset = np.repeat(start - np.concatenate([[0], np.cumsum(length)[:-1]]), length)
    return cast("Ints", np.arange(total, dtype=np.int64) + offset)


def _candidates(snapshot: Snapshot, note_ids: pa.Array) -> Iterator[pa.RecordBatch]:
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


def _stages(counts: Counts, answers: Answers, needs: int) -> Supply:
    """Unanswered probability of each need, stage by stage; sums run in the stored order, so they repeat exactly."""
    notes = answers.notes
    first = _first_of_group(answers)
    words = np.exp(np.bincount(answers.need, np.log1p(-answers.probability), needs))
    need, note, p = answers.need[first], answers.note[first], answers.probability[first]
    v, f, q = notes.visibility[note], notes.freshness[note], notes.quality[note]

    def left(worth: Floats) -> Floats:
        return np.exp(np.bincount(need, np.log1p(-worth), needs))

    def total(value: Floats) -> Floats:
        return np.bincount(need, value, needs).astype(np.float64)

    worth = v * f * q
    failing = p / (1.0 - p * worth)
    return Supply(
        counts=counts,
        answers=answers,
        supply=total(p * worth),
        words=words,
        single=left(p),
        seen=left(p * v),
        fresh=left(p * v * f),
        whole=left(p * worth),
        unanswered=left(failing * (1.0 - worth)),
        ads=total(failing * (1.0 - v)),
        age=total(failing * v * (1.0 - f)),
        thin=total(failing * v * f * (1.0 - q)),
    )


def _first_of_group(answers: Answers) -> Ints:
    """The pairs that stand for each (need, group), in order: its first, which adds most to supply."""
    if answers.need.size == 0:
        return np.empty(0, np.int64)
    group = answers.notes.group[answers.note]
    order = np.lexsort((group, answers.need))  # stable: pairs of a group keep their order
    need, group = answers.need[order], group[order]
    new = np.ones(order.size, bool)
    new[1:] = (need[1:] != need[:-1]) | (group[1:] != group[:-1])
    return cast("Ints", np.sort(order[new]))
