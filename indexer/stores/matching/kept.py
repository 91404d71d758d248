"""Counts of keywords that are kept and brought up to date, instead of counting all notes again.

Counts are sums over notes, so those of new notes are added and those of notes that went are taken away. The best notes
of a keyword are merged with new ones; where a list was cut short and lost a note, nobody knows who follows, and the
keyword has to be counted again. The results equal a full count byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import types

from indexer.stores.contract import Matches, TermQueries
from indexer.stores.listed import LISTED, listed_by_number, numbered_together, numbers_of
from indexer.stores.matching.compiled import compiled
from indexer.stores.matching.encode import VALUES, number_terms
from indexer.stores.matching.match import weights_of
from indexer.stores.matching.plan import I4, I8, bounds

COUNTS: Final = ("matching", "phrase", "headline", "fresh", "engagement")
TABLE: Final = pa.schema(
    [
        pa.field("key", pa.string()),
        *(pa.field(name, pa.int64()) for name in COUNTS),
        pa.field("best_note", pa.list_(LISTED)),
        pa.field("best_weight", pa.list_(pa.int32())),
    ]
)
_I4, _I8 = types.int32[::1], types.int64[::1]
_READ: Final = types.Array(types.int32, 1, "C", readonly=True)
_BETWEEN: Final = "\x1f"  # a control character, which no term holds


def keys_of(queries: TermQueries) -> pa.Array:
    """What the counts of each keyword depend on besides the notes: its terms in order, and their weights."""
    vocabulary, keywords = number_terms(queries.terms)
    weight = pa.array(weights_of(vocabulary, keywords, queries)[keywords.terms]).cast(pa.string())
    weights = pa.ListArray.from_arrays(pa.array(keywords.starts, pa.int32()), weight)
    terms = pa.array(queries.terms, VALUES)
    return pc.binary_join_element_wise(pc.binary_join(terms, _BETWEEN), pc.binary_join(weights, " "), "\n")


def to_table(keys: pa.Array, matches: Matches) -> pa.Table:
    """Counts as a table to be kept (schema ``TABLE``)."""
    starts = pa.array(_starts(matches), pa.int32())
    notes = pa.ListArray.from_arrays(starts, matches.best_note)
    weights = pa.ListArray.from_arrays(starts, pa.array(matches.best_weight, pa.int32()))
    return pa.table([keys, *(pa.array(getattr(matches, name)) for name in COUNTS), notes, weights], schema=TABLE)


def from_table(table: pa.Table) -> tuple[pa.Array, Matches]:
    """The keys and counts of a kept table."""
    whole = table.combine_chunks()
    notes, weights = (whole[name].combine_chunks() for name in ("best_note", "best_weight"))
    counts = {name: whole[name].to_numpy() for name in COUNTS}
    lengths = pc.list_value_length(notes).to_numpy()
    matches = Matches(
        **counts,
        best_query=np.repeat(np.arange(len(whole), dtype=np.int32), lengths),
        best_note=notes.flatten(),
        best_weight=weights.flatten().to_numpy(),
    )
    return whole["key"].combine_chunks(), matches


def taken(matches: Matches, keywords: I8) -> Matches:
    """The counts of these keywords, in this order."""
    whole = np.arange(len(keywords))
    lists = _put(len(keywords), [(keywords, whole, matches, numbers_of(matches.best_note))])
    counts = {name: getattr(matches, name)[keywords] for name in COUNTS}
    return _listing(counts, lists, matches.best_note.dictionary)


def without(matches: Matches, gone: Matches, notes: pa.Array, best: int) -> tuple[Matches, I8]:
    """Counts after notes went.

    Args:
        matches: The counts before.
        gone: The counts of the notes that went (its best notes are not looked at).
        notes: Their ids.
        best: How many notes a list holds at the most.

    Returns:
        The counts, and the keywords whose list may miss a note now.
    """
    less = {name: getattr(matches, name) - getattr(gone, name) for name in COUNTS}
    went = pc.is_in(matches.best_note.dictionary, value_set=notes).to_numpy(zero_copy_only=False)
    lost = went[numbers_of(matches.best_note)]
    full = np.diff(_starts(matches)) == best
    open_ended = np.unique(matches.best_query[lost & full[matches.best_query]])
    left = np.flatnonzero(~lost)
    starts = np.searchsorted(matches.best_query[left], np.arange(len(matches.matching) + 1, dtype=np.int32))
    lists = _Lists(starts, numbers_of(matches.best_note)[left], matches.best_weight[left])
    return _listing(less, lists, matches.best_note.dictionary), open_ended


def plus(matches: Matches, more: Matches, best: int) -> Matches:
    """Counts after notes came: ``more`` are the counts of the new notes."""
    sums = {name: getattr(matches, name) + getattr(more, name) for name in COUNTS}
    (known, new), ids = numbered_together([matches.best_note, more.best_note])
    before, came = _starts(matches), _starts(more)
    starts = bounds(np.minimum(np.diff(before) + np.diff(came), best))
    note, weight = np.empty((2, starts[-1]), np.int32)
    _merge(before, known, matches.best_weight, came, new, more.best_weight, starts, note, weight)
    return _listing(sums, _Lists(starts, note, weight), ids)


@compiled(_I8, _I4, _I4, _I8, _I4, _I4, _I8, _I4, _I4)
def _merge(
    one_starts: I8,
    one_note: I4,
    one_weight: I4,
    other_starts: I8,
    other_note: I4,
    other_weight: I4,
    starts: I8,
    note: I4,
    weight: I4,
) -> None:
    """Merge two lists of each keyword, heaviest first, then by note; ``starts`` says how much there is room for."""
    for k in range(len(starts) - 1):
        i, j = one_starts[k], other_starts[k]
        for place in range(starts[k], starts[k + 1]):
            first = j == other_starts[k + 1]
            if not first and i < one_starts[k + 1]:
                lighter = one_weight[i] < other_weight[j]
                same = one_weight[i] == other_weight[j]
                first = not lighter and (not same or one_note[i] < other_note[j])
            if first:
                note[place], weight[place] = one_note[i], one_weight[i]
                i += 1
            else:
                note[place], weight[place] = other_note[j], other_weight[j]
                j += 1


def put_together(parts: Sequence[tuple[I8, Matches]], keywords: int) -> Matches:
    """Counts of all keywords from parts, each with the numbers of its keywords."""
    counts = {name: np.zeros(keywords, np.int64) for name in COUNTS}
    for numbers, part in parts:
        for name in COUNTS:
            counts[name][numbers] = getattr(part, name)
    notes, ids = numbered_together([part.best_note for _, part in parts])
    lists = _put(
        keywords,
        [(np.arange(len(numbers)), numbers, part, note) for (numbers, part), note in zip(parts, notes, strict=True)],
    )
    return _listing(counts, lists, ids)


@dataclass(frozen=True, slots=True)
class _Lists:
    """The best notes of keywords: ``starts``, and numbers of notes and weights."""

    starts: I8
    note: I4
    weight: I4


def _put(keywords: int, parts: Sequence[tuple[I8, I8, Matches, I4]]) -> _Lists:
    """The lists of keywords from parts.

    Args:
        keywords: Number of keywords.
        parts: Which keywords of a part are taken, where they go, the part, and the numbers of its notes.
    """
    lengths = np.zeros(keywords, np.int64)
    for taken_from, put_to, part, _ in parts:
        lengths[put_to] = np.diff(_starts(part))[taken_from]
    starts = bounds(lengths)
    note, weight = np.empty((2, starts[-1]), np.int32)
    for taken_from, put_to, part, numbers in parts:
        _copy(taken_from, put_to, _starts(part), numbers, part.best_weight, starts, note, weight)
    return _Lists(starts, note, weight)


@compiled(_I8, _I8, _I8, _READ, _READ, _I8, _I4, _I4)
def _copy(
    taken_from: I8, put_to: I8, from_starts: I8, from_note: I4, from_weight: I4, starts: I8, note: I4, weight: I4
) -> None:
    """Copy the lists of some keywords to where they go."""
    for k in range(len(taken_from)):
        begin, place = from_starts[taken_from[k]], starts[put_to[k]]
        for i in range(from_starts[taken_from[k] + 1] - begin):
            note[place + i] = from_note[begin + i]
            weight[place + i] = from_weight[begin + i]


def _listing(counts: Mapping[str, I8], lists: _Lists, ids: pa.Array) -> Matches:
    """Counts with lists of notes; ``ids`` are those of all notes, sorted."""
    return Matches(
        **counts,
        best_query=np.repeat(np.arange(len(lists.starts) - 1, dtype=np.int32), np.diff(lists.starts)),
        best_note=listed_by_number(lists.note, ids),
        best_weight=lists.weight,
    )


def _starts(matches: Matches) -> I8:
    """Where the best notes of each keyword begin, and the end."""
    return np.searchsorted(matches.best_query, np.arange(len(matches.matching) + 1, dtype=np.int32))
