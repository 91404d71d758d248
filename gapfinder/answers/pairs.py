"""Features of (need, note) pairs, for many at once, in a compiled kernel.

All lie between 0 and 1 and grow with likeness, so that a model of them can't turn them round. They are levels, not
distances to other notes: those work only where every query has one answer. Title, tags and opening are compared value
by value and the best one counts; the whole text counts by its words.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import types

from gapfinder.answers.subjects import VALUE_END, Ids, Ints, Needs, Notes
from indexer.stores.matching.compiled import compiled, inlined

Features = npt.NDArray[np.float32]

i4, i8, f4 = types.int32, types.int64, types.float32

FEATURES: Final = (
    "coverage",  # share of the need's idf weight that the note holds in any field
    "headline",  # share that its title and tags hold
    "tightness",  # distinct terms found over the shortest stretch of one field value with all of them (1: adjacent)
    "soft",  # coverage where a missing term is stood in for by its likest neighbour in the note
    "grams",  # share of the idf weight of the need's character 2-grams that title, opening and tags hold
    "overlap",  # the same in one value, times the share of that value's grams that the need has (geometric mean)
    "sequence",  # longest common subsequence with one value, over the length of the need
    "run",  # longest common substring likewise
)
COVERAGE, HEADLINE, TIGHTNESS, SOFT, GRAMS, OVERLAP, SEQUENCE, RUN = range(len(FEATURES))

_STAND_IN: Final = 0.5  # of a neighbour's similarity counts
_MOST_STOOD_IN: Final = 0.8  # what a neighbour can count at the most
_MOST_VALUES: Final = 62  # of a note; a bit each
_SHIFT: Final = 21
_MIX: Final = 0x9E3779B97F4A7C15 - (1 << 64)  # golden ratio, as a signed number


def pair_features(needs: Needs, notes: Notes, pair_need: Ints, pair_note: Ints) -> tuple[Features, Ints]:
    """Features of pairs, as rows of :data:`FEATURES`, and which of the need's terms the note holds, as bits.

    Args:
        needs: The needs.
        notes: A block of notes.
        pair_need: Need of each pair.
        pair_note: Note of each pair, ascending: the pairs of a note stand together.
    """
    out = np.zeros((pair_need.size, len(FEATURES)), np.float32)
    pattern = np.zeros(pair_need.size, np.int64)
    terms = needs.weight.size
    longest = int(np.diff(needs.terms.start).max(initial=0))
    widest = int(np.diff(notes.characters.start).max(initial=0))
    held, seen = np.full(terms, -1, np.int32), np.zeros(longest + 1, np.int64)
    head, slot = np.full(terms, -1, np.int32), np.zeros(terms, np.int64)
    size = _table_size(notes)
    keys, masks = np.full(size, -1, np.int64), np.zeros(size, np.int64)
    rows = np.zeros((2, widest + 1), np.int32)
    # fmt: off - one line a table
    _features(
        needs.terms.start,
        needs.terms.ids,
        needs.weight,
        needs.near.start,
        needs.near.ids,
        needs.likeness,
        needs.grams.start,
        needs.grams.ids,
        needs.gram,
        needs.gram_weight,
        needs.characters.start,
        needs.characters.ids,
        notes.text.start,
        notes.text.ids,
        notes.headline.start,
        notes.headline.ids,
        notes.value,
        notes.characters.start,
        notes.characters.ids,
        pair_need,
        pair_note,
        held,
        head,
        slot,
        seen,
        keys,
        masks,
        rows,
        out,
        pattern,
    )
    # fmt: on
    return out, pattern


def _table_size(notes: Notes) -> int:
    """Places of a hash table that the grams of any of these notes fill at most by half: a power of two."""
    grams = np.diff(notes.characters.start[notes.value]).max(initial=1)
    return 1 << max(4, int(2 * grams).bit_length())


@inlined
def _place(keys: Ints, key: Any) -> Any:
    """Where a key stands in a hash table, or the free place where it would stand."""
    place = ((key * _MIX) >> 20) & (keys.size - 1)
    while keys[place] != -1 and keys[place] != key:
        place = (place + 1) & (keys.size - 1)
    return place


@inlined
def _stamp(ids: Ids, begin: int, end: int, note: int, held: Ids) -> None:
    """Mark the terms of a stretch as held by a note."""
    for p in range(begin, end):
        if ids[p] >= 0:
            held[ids[p]] = note


@inlined
def _fill(value: Ints, start: Ints, characters: Ids, note: int, keys: Ints, masks: Ints) -> None:
    """Put the grams of a note into the table, with a bit for each value that holds it."""
    keys[:] = -1
    first = value[note]
    for v in range(first, value[note + 1]):
        bit = 1 << min(v - first, _MOST_VALUES)
        begin, end = start[v], start[v + 1]
        for p in range(begin, max(end - 1, begin + 1)):
            if p >= end:
                break
            key = characters[p] << _SHIFT | characters[p + 1] if p + 1 < end else np.int64(characters[p])
            place = _place(keys, key)
            if keys[place] != key:
                keys[place] = key
                masks[place] = 0
            masks[place] |= bit


@inlined
def _shortest(slot: Ints, ids: Ids, begin: int, end: int, seen: Ints, size: int, wanted: int) -> int:
    """Length of the shortest window of one value with ``wanted`` distinct terms; 0 when no value holds them."""
    best = 0
    left, have = begin, 0
    seen[: size + 1] = 0
    for right in range(begin, end):
        t = ids[right]
        if t == VALUE_END:
            left, have = right + 1, 0
            seen[: size + 1] = 0
            continue
        if t >= 0 and slot[t] > 0:
            if seen[slot[t]] == 0:
                have += 1
            seen[slot[t]] += 1
        while have == wanted:
            length = right - left + 1
            if best == 0 or length < best:
                best = length
            u = ids[left]
            if u >= 0 and slot[u] > 0:
                seen[slot[u]] -= 1
                if seen[slot[u]] == 0:
                    have -= 1
            left += 1
    return best


@inlined
def _common(need: Ids, value: Ids, rows: npt.NDArray[np.int32]) -> tuple[int, int]:
    """Lengths of the longest common subsequence and substring, by dynamic programming."""
    width, run = value.size, 0
    sequence, runs = rows[0], rows[1]
    sequence[: width + 1] = 0
    runs[: width + 1] = 0
    for i in range(need.size):
        diagonal, run_diagonal = 0, 0
        c = need[i]
        for j in range(width):
            above, run_above = sequence[j + 1], runs[j + 1]
            if c == value[j]:
                sequence[j + 1] = diagonal + 1
                runs[j + 1] = run_diagonal + 1
                run = max(run, run_diagonal + 1)
            else:
                sequence[j + 1] = max(sequence[j], above)
                runs[j + 1] = 0
            diagonal, run_diagonal = above, run_above
    return sequence[width], run


@inlined
def _words(
    terms: Ids, weight: Ints, nstart: Ints, nids: Ids, likeness: Ids, note: int, held: Ids, head: Ids, row: Features
) -> tuple[int, int]:
    """Coverage by words; gives the number of terms found and which, as bits."""
    total, covered, headline, found, pattern, soft = 0, 0, 0, 0, 0, 0.0
    for j in range(terms.size):
        t = terms[j]
        total += weight[t]
        if held[t] == note:
            found += 1
            pattern |= 1 << min(j, _MOST_VALUES)
            covered += weight[t]
            soft += weight[t]
        else:
            for m in range(nstart[t], nstart[t + 1]):
                if held[nids[m]] == note:
                    soft += weight[t] * min(_MOST_STOOD_IN, _STAND_IN * likeness[m] / 1000.0)
                    break
        if head[t] == note:
            headline += weight[t]
    if total > 0:
        row[COVERAGE] = covered / total
        row[HEADLINE] = headline / total
        row[SOFT] = soft / total
    return found, pattern


@inlined
def _tightness(terms: Ids, text: Ids, slot: Ints, seen: Ints, found: int) -> float:
    """Terms found over the shortest window that holds them all; 1 for one term."""
    if found < 2:  # noqa: PLR2004 - one term is never far from itself
        return float(found)
    for j in range(terms.size):
        slot[terms[j]] = j + 1
    window = _shortest(slot, text, 0, text.size, seen, terms.size, found)
    for j in range(terms.size):
        slot[terms[j]] = 0
    return found / window if window > 0 else 0.0


@inlined
def _grams(grams: Ids, gram: Ints, gram_weight: Ints, keys: Ints, masks: Ints, row: Features) -> int:
    """Coverage by grams; gives the values that hold any, as bits."""
    total, covered, holding = 0, 0, 0
    for j in range(grams.size):
        total += gram_weight[grams[j]]
        place = _place(keys, gram[grams[j]])
        if keys[place] != -1:
            covered += gram_weight[grams[j]]
            holding |= masks[place]
    if total > 0:
        row[GRAMS] = covered / total
    return holding


@inlined
def _overlap(
    grams: Ids, gram: Ints, gram_weight: Ints, keys: Ints, masks: Ints, bit: int, characters: int, row: Features
) -> None:
    """Overlap with one value, kept if it is the best so far."""
    total, mass, count = 0, 0, 0
    for j in range(grams.size):
        total += gram_weight[grams[j]]
        place = _place(keys, gram[grams[j]])
        if keys[place] != -1 and masks[place] & bit:
            mass += gram_weight[grams[j]]
            count += 1
    share = min(1.0, count / max(1, characters - 1))
    if total > 0:
        row[OVERLAP] = max(row[OVERLAP], np.float32(np.sqrt(mass / total * share)))


@inlined
def _compare(need: Ids, value: Ids, rows: npt.NDArray[np.int32], row: Features) -> None:
    """Sequence and run with one value, kept if they are the best so far."""
    sequence, run = _common(need, value, rows)
    row[SEQUENCE] = max(row[SEQUENCE], np.float32(sequence / need.size))
    row[RUN] = max(row[RUN], np.float32(run / need.size))


_LIST = (i8[::1], i4[::1])


@compiled(
    *(*_LIST, i8[::1]),
    *(*_LIST, i4[::1]),
    *(*_LIST, i8[::1], i8[::1]),
    *_LIST,
    *(*_LIST, *_LIST, i8[::1], *_LIST),
    *(i8[::1], i8[::1]),
    *(i4[::1], i4[::1], i8[::1], i8[::1]),
    *(i8[::1], i8[::1], types.int32[:, ::1], types.float32[:, ::1], i8[::1]),
)
def _features(
    kstart: Ints,
    kids: Ids,
    weight: Ints,
    nstart: Ints,
    nids: Ids,
    likeness: Ids,
    gstart: Ints,
    gids: Ids,
    gram: Ints,
    gram_weight: Ints,
    cstart: Ints,
    cids: Ids,
    tstart: Ints,
    tids: Ids,
    hstart: Ints,
    hids: Ids,
    vstart: Ints,
    xstart: Ints,
    xids: Ids,
    pair_need: Ints,
    pair_note: Ints,
    held: Ids,
    head: Ids,
    slot: Ints,
    seen: Ints,
    keys: Ints,
    masks: Ints,
    rows: npt.NDArray[np.int32],
    out: Features,
    pattern: Ints,
) -> None:
    """Fill the rows; ``held[t]`` (``head[t]``) is the last note seen to hold term t (in its headline)."""
    note = -1
    for i in range(pair_need.size):
        k = pair_need[i]
        if pair_note[i] != note:
            note = pair_note[i]
            _stamp(tids, tstart[note], tstart[note + 1], note, held)
            _stamp(hids, hstart[note], hstart[note + 1], note, head)
            _fill(vstart, xstart, xids, note, keys, masks)
        terms = kids[kstart[k] : kstart[k + 1]]
        found, pattern[i] = _words(terms, weight, nstart, nids, likeness, note, held, head, out[i])
        text = tids[tstart[note] : tstart[note + 1]]
        out[i, TIGHTNESS] = _tightness(terms, text, slot, seen, found)
        grams = gids[gstart[k] : gstart[k + 1]]
        holding = _grams(grams, gram, gram_weight, keys, masks, out[i])
        need = cids[cstart[k] : cstart[k + 1]]
        first = vstart[note]
        for v in range(first, vstart[note + 1]):
            value = xids[xstart[v] : xstart[v + 1]]
            if value.size and need.size:
                _compare(need, value, rows, out[i])
                bit = 1 << min(v - first, _MOST_VALUES)
                if holding & bit:
                    _overlap(grams, gram, gram_weight, keys, masks, bit, value.size, out[i])
