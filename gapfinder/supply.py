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
from typing import Final, cast

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

_BLOCK: Final = 16_384  # notes judged together
_LEAST: Final = 0.02  # pairs below that probability are no answers and are left out
_FLOOR: Final = 500  # per mille of a need's weight that a candidate must hold
_COLUMNS: Final = (
    "note_id", "title", "content", "brand", "disclosed", "likes", "engagement", "published_day",
    "text_terms", "headline_terms",
)  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """Pairs of needs and the notes that may answer them.

    Sorted by need, then worth and probability (both descending), then note id.
    Columns of equal length: ``need`` (index), ``note`` (index into ``note_ids``), ``group`` (number of the note's
    near-duplicate group), ``answers`` (probability), ``visibility``, ``freshness``, ``quality``, ``undisclosed``.
    """

    note_ids: pa.Array
    need: Ints
    note: Ints
    group: Ints
    answers: Floats
    visibility: Floats
    freshness: Floats
    quality: Floats
    undisclosed: Floats

    @property
    def worth(self) -> Floats:
        """What each pair adds to supply: answers x visibility x freshness x quality."""
        return self.answers * self.visibility * self.freshness * self.quality


@dataclass(frozen=True)
class Supply:
    """Supply of each need.

    Attributes:
        matches: Plain counts of the store.
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

    matches: Matches
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
    answers = _judge(snapshot, needs, weights, matches, duplicates, end, settings)
    return _stages(matches, answers, len(needs))


def _judge(
    snapshot: Snapshot,
    needs: Sequence[Sequence[str]],
    weights: dict[str, int],
    matches: Matches,
    duplicates: Duplicates,
    end: date,
    settings: Settings,
) -> Answers:
    """Judge every candidate pair, reading each note once."""
    vocabulary = pa.array(list(weights), pa.string())
    weight = np.fromiter(weights.values(), np.int64, len(weights))
    keywords = _need_lists(needs, {term: number for number, term in enumerate(weights)})
    encoded = matches.best_note.dictionary_encode() if len(matches.best_note) else None
    if encoded is None:
        return _no_answers()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    note_ids = encoded.dictionary.take(pa.array(order))
    rank = np.empty(order.size, np.int64)
    rank[order] = np.arange(order.size)
    pair_note = rank[encoded.indices.to_numpy()]
    by_note = np.argsort(pair_note, kind="stable")
    start = np.searchsorted(pair_note[by_note], np.arange(len(note_ids) + 1))
    usual = _usual_engagement(snapshot)
    parts = []
    for block in _candidates(snapshot, note_ids):
        position = pc.index_in(block["note_id"], value_set=note_ids).to_numpy(zero_copy_only=False).astype(np.int64)
        lengths = start[position + 1] - start[position]
        local = np.repeat(np.arange(position.size), lengths)
        pairs = by_note[_ranges(start[position], lengths)]
        need = matches.best_query[pairs]
        text, terms = _note_lists(block["text_terms"], vocabulary)
        headline, _ = _note_lists(block["headline_terms"], vocabulary)
        features = pair_features(keywords, weight, text, headline, need, local)
        probability = answer_probability(features)
        kept = probability >= _LEAST
        undisclosed, _ = undisclosed_probability(block["title"], block["content"], block["brand"], block["disclosed"])
        known = pc.is_valid(block["likes"]).to_numpy(zero_copy_only=False)
        columns = (
            visibility(block["disclosed"], undisclosed, settings),
            freshness(block["published_day"], end, settings),
            quality(terms, block["engagement"], known, usual),
            undisclosed,
        )
        parts.append(
            (need[kept], position[local[kept]], probability[kept], *(column[local[kept]] for column in columns))
        )
    need, note, probability, visible, fresh, good, undisclosed = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    group = _group_numbers(note_ids, duplicates)
    worth = probability * visible * fresh * good
    # note_ids are sorted, so ties of worth fall to the lower id.
    order = np.lexsort((note, -probability, -worth, need))
    return Answers(
        note_ids, need[order], note[order], group[note[order]], probability[order], visible[order], fresh[order],
        good[order], undisclosed[order],
    )  # fmt: skip


def _no_answers() -> Answers:
    ints, floats = np.empty(0, np.int64), np.empty(0)
    return Answers(pa.array([], pa.string()), ints, ints, ints, floats, floats, floats, floats, floats)


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


def _stages(matches: Matches, answers: Answers, needs: int) -> Supply:
    """Unanswered probability of each need, stage by stage; sums run in the stored order, so they repeat exactly."""
    first = _first_of_group(answers)
    need = answers.need

    def left(worth: Floats, rows: npt.NDArray[np.bool_] | None = None) -> Floats:
        if rows is None:
            return np.exp(np.bincount(need, np.log1p(-worth), needs))
        return np.exp(np.bincount(need[rows], np.log1p(-worth[rows]), needs))

    def total(value: Floats) -> Floats:
        return np.bincount(need[first], value[first], needs).astype(np.float64)

    p, v, f, q = answers.answers, answers.visibility, answers.freshness, answers.quality
    failing = p / (1.0 - p * v * f * q)
    return Supply(
        matches=matches,
        answers=answers,
        supply=total(p * v * f * q),
        words=left(p),
        single=left(p, first),
        seen=left(p * v, first),
        fresh=left(p * v * f, first),
        whole=left(p * v * f * q, first),
        unanswered=left(failing * (1.0 - v * f * q), first),
        ads=total(failing * (1.0 - v)),
        age=total(failing * v * (1.0 - f)),
        thin=total(failing * v * f * (1.0 - q)),
    )


def _first_of_group(answers: Answers) -> npt.NDArray[np.bool_]:
    """The pair that stands for each (need, group): its first, which has the highest worth."""
    order = np.lexsort((np.arange(answers.need.size), answers.group, answers.need))
    need, group = answers.need[order], answers.group[order]
    new = np.ones(order.size, bool)
    new[1:] = (need[1:] != need[:-1]) | (group[1:] != group[:-1])
    first = np.zeros(order.size, bool)
    first[order[new]] = True
    return first
