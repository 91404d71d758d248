"""What characters say of (need, note) pairs: title, tags and opening are compared value by value, and the best counts.

A note is filed once for all its needs: its 2-grams with the values that hold them, its characters with their places. So
a pair costs what the two have in common, not the length of the note.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from gapfinder.answers.subjects import LONGEST_NEED, Ids, Ints, Needs, Notes
from indexer.stores.matching.compiled import compiled, inlined

Features = npt.NDArray[np.float32]

BY_CHARACTERS: Final = (
    "grams",  # share of the idf weight of the need's character 2-grams that title, opening and tags hold
    "overlap",  # the same in one value, times the share of that value's grams that the need has (geometric mean)
    "sequence",  # longest common subsequence with one value, over the length of the need
    "run",  # longest common substring likewise
)
GRAMS, OVERLAP, SEQUENCE, RUN = range(len(BY_CHARACTERS))

_MOST_VALUES: Final = 62  # of a note; a bit each
_SHIFT: Final = 21
_MIX: Final = 0x9E3779B97F4A7C15 - (1 << 64)  # golden ratio, as a signed number
_SMALLEST: Final = 16  # places of a table


class _Filed(NamedTuple):
    """The note at hand, and room for what a need has in common with it. Tables hash; a free place of one holds -1.

    Attributes:
        grams, values: Table of the note's grams, and the values that hold each as bits.
        letters, last: Table of its characters, and the last place of each among the characters of the note.
        wanted: For each character in the table, where the need at hand has it, as bits; 0 between needs.
        slot: For each place of the note, where its character stands in the table.
        earlier: For each place, the place before it with the same character, or -1.
        value: For each place, the number of its value.
        places: Places of a need's characters in order.
        common: For each gram of a need, the values that hold it as bits.
        asked: Where the characters of a need stand in the table, or -1.
        runs: ``runs[n]``: where in the need common substrings of ``n`` characters end at the place at hand, as bits.
    """

    grams: Ints
    values: Ints
    letters: Ids
    last: Ids
    wanted: Ints
    slot: Ids
    earlier: Ids
    value: Ids
    places: Ids
    common: Ints
    asked: Ids
    runs: Ints

    @classmethod
    def empty(cls, longest_note: int, most_grams: int) -> _Filed:
        """Nothing filed yet, with room for notes of so many characters and needs of so many grams."""
        table = _size(longest_note)
        return cls(
            grams=np.zeros(table, np.int64),
            values=np.zeros(table, np.int64),
            letters=np.zeros(table, np.int32),
            last=np.zeros(table, np.int32),
            wanted=np.zeros(table, np.int64),
            slot=np.zeros(longest_note, np.int32),
            earlier=np.zeros(longest_note, np.int32),
            value=np.zeros(longest_note, np.int32),
            places=np.zeros(longest_note, np.int32),
            common=np.zeros(most_grams, np.int64),
            asked=np.zeros(LONGEST_NEED, np.int32),
            runs=np.zeros(LONGEST_NEED + 2, np.int64),
        )


def character_features(needs: Needs, notes: Notes, pair_need: Ints, pair_note: Ints, out: Features) -> None:
    """Fill in the features of pairs by characters.

    Args:
        needs: The needs.
        notes: A block of notes.
        pair_need: Need of each pair.
        pair_note: Note of each pair; it is fastest when the pairs of a note stand together.
        out: Pairs x :data:`BY_CHARACTERS`, all 0; gets the features.
    """
    filed = _Filed.empty(
        int(np.diff(notes.characters.start[notes.value]).max(initial=0)),
        int(np.diff(needs.grams.start).max(initial=0)),
    )
    # fmt: off - one line a table
    _character_features(
        needs.grams.start,
        needs.grams.ids,
        needs.gram,
        needs.gram_weight,
        needs.characters.start,
        needs.characters.ids,
        notes.value,
        notes.characters.start,
        notes.characters.ids,
        pair_need,
        pair_note,
        filed,
        out,
    )
    # fmt: on


@inlined
def _size(characters: int) -> int:
    """Places of a hash table that so many characters (or their grams) fill at most by half: a power of two."""
    size = _SMALLEST
    while size < 2 * characters:
        size <<= 1
    return size


@inlined
def _place(table: Any, key: Any, top: int) -> Any:
    """Where a key stands in the first ``top + 1`` places of a table, or the free place where it would stand."""
    place = ((np.int64(key) * _MIX) >> 20) & top
    while table[place] != -1 and table[place] != key:
        place = (place + 1) & top
    return place


@inlined
def _file_grams(begin: int, end: int, start: Ints, characters: Ids, top: int, filed: Any) -> None:
    """Put the grams of a note into the table, with a bit for each value that holds it."""
    filed.grams[: top + 1] = -1
    for v in range(begin, end):
        bit = 1 << min(v - begin, _MOST_VALUES)
        first, last = start[v], start[v + 1]
        for p in range(first, max(last - 1, first + 1)):
            if p >= last:
                break
            key = characters[p] << _SHIFT | characters[p + 1] if p + 1 < last else np.int64(characters[p])
            place = _place(filed.grams, key, top)
            if filed.grams[place] != key:
                filed.grams[place] = key
                filed.values[place] = 0
            filed.values[place] |= bit


@inlined
def _file_letters(begin: int, end: int, start: Ints, characters: Ids, top: int, filed: Any) -> None:
    """Put the characters of a note into the table, with their places."""
    filed.letters[: top + 1] = -1
    base = start[begin]
    for v in range(begin, end):
        for p in range(start[v], start[v + 1]):
            slot, place = _place(filed.letters, characters[p], top), p - base
            if filed.letters[slot] == -1:
                filed.letters[slot] = characters[p]
                filed.last[slot] = -1
                filed.wanted[slot] = 0
            filed.slot[place] = slot
            filed.earlier[place] = filed.last[slot]
            filed.last[slot] = place
            filed.value[place] = v - begin


@inlined
def _cover(grams: Ids, gram: Ints, weight: Ints, top: int, filed: Any, row: Features) -> tuple[int, int]:
    """Coverage by grams; gives the weight of all grams, and the values that hold any, as bits."""
    total, covered, holding = 0, 0, 0
    for j in range(grams.size):
        key = gram[grams[j]]
        total += weight[grams[j]]
        place = _place(filed.grams, key, top)
        filed.common[j] = 0
        if filed.grams[place] == key:
            covered += weight[grams[j]]
            filed.common[j] = filed.values[place]
            holding |= filed.values[place]
    if total > 0:
        row[GRAMS] = covered / total
    return total, holding


@inlined
def _overlap(grams: Ids, weight: Ints, total: int, bit: int, characters: int, filed: Any) -> float:
    """Overlap with one value, squared."""
    mass, count = 0, 0
    for j in range(grams.size):
        if filed.common[j] & bit:
            mass += weight[grams[j]]
            count += 1
    return mass / total * min(1.0, count / max(1, characters - 1)) if total > 0 else 0.0


@inlined
def _put_in(slot: int, filled: int, filed: Any) -> int:
    """Put the places of one more character in order among those of the others; gives how many there are then."""
    count = 0
    place = filed.last[slot]
    while place >= 0:
        count += 1
        place = filed.earlier[place]
    free, before = filled + count - 1, filled - 1
    place = filed.last[slot]
    while place >= 0:  # from the last one backwards, so that nothing is overwritten that is still to be moved
        if before >= 0 and filed.places[before] > place:
            filed.places[free] = filed.places[before]
            before -= 1
        else:
            filed.places[free] = place
            place = filed.earlier[place]
        free -= 1
    return filled + count


@inlined
def _agreeing(need: Ids, top: int, filed: Any) -> int:
    """Find the places whose characters the need has, in order, and mark where it has them; gives how many they are."""
    filled = 0
    for i in range(need.size):
        slot = _place(filed.letters, need[i], top)
        filed.asked[i] = -1
        if filed.letters[slot] == need[i]:
            if filed.wanted[slot] == 0:
                filled = _put_in(slot, filled, filed)
            filed.asked[i] = slot
            filed.wanted[slot] |= 1 << i
    return filled


@inlined
def _forget(need: Ids, filed: Any) -> None:
    """Take the marks of a need away again."""
    for i in range(need.size):
        if filed.asked[i] >= 0:
            filed.wanted[filed.asked[i]] = 0


@inlined
def _closed(open_bits: Any, size: int) -> int:
    """How many of the lowest bits are 0."""
    count = 0
    for i in range(size):
        count += 1 - (open_bits >> i & 1)
    return count


@inlined
def _lengthen(reach: int, here: Any, filed: Any) -> int:
    """Lengthen the common substrings that end one place before by the characters here; gives the longest of now."""
    for length in range(reach, 0, -1):
        filed.runs[length + 1] = filed.runs[length] << 1 & here
    filed.runs[1] = here
    reach += 1
    while filed.runs[reach] == 0:
        reach -= 1
    return reach


@inlined
def _common(size: int, filled: int, filed: Any) -> tuple[int, int]:
    """Lengths of the longest common subsequence and substring of a need of at most 64 characters and any one value.

    The subsequence is found by bit-vectors (Hyyro 2004, *Bit-parallel LCS-length computation revisited*): a row of the
    table of dynamic programming is one number. Only places whose characters the need has change it.
    """
    open_bits: Any = np.int64(-1)
    sequence, longest, reach = 0, 0, 0
    before, value = -1, -1
    for k in range(filled):
        place = filed.places[k]
        if filed.value[place] != value:
            sequence = max(sequence, _closed(open_bits, size))
            open_bits, value, reach = np.int64(-1), filed.value[place], 0
        elif place != before + 1:
            reach = 0
        here = filed.wanted[filed.slot[place]]
        agreed = open_bits & here
        open_bits = (open_bits + agreed) | (open_bits - agreed)
        reach = _lengthen(reach, here, filed)
        longest = max(longest, reach)
        before = place
    return max(sequence, _closed(open_bits, size)), longest


_I4, _I8 = types.int32[::1], types.int64[::1]
_TYPES = [_I8, _I8, _I4, _I4, _I8, _I4, _I4, _I4, _I4, _I8, _I4, _I8]
_FILED = types.NamedTuple(_TYPES, _Filed)  # type: ignore[no-untyped-call]


@compiled(
    *(_I8, _I4, _I8, _I8),
    *(_I8, _I4),
    *(_I8, _I8, _I4),
    *(_I8, _I8),
    *(_FILED, types.float32[:, :]),
)
def _character_features(
    gstart: Ints,
    gids: Ids,
    gram: Ints,
    weight: Ints,
    cstart: Ints,
    cids: Ids,
    vstart: Ints,
    xstart: Ints,
    xids: Ids,
    pair_need: Ints,
    pair_note: Ints,
    filed: Any,
    out: Features,
) -> None:
    """Fill the rows, filing each note when its pairs begin."""
    note, top = -1, 0
    for i in range(pair_need.size):
        if pair_note[i] != note:
            note = pair_note[i]
            begin, end = vstart[note], vstart[note + 1]
            top = _size(xstart[end] - xstart[begin]) - 1
            _file_grams(begin, end, xstart, xids, top, filed)
            _file_letters(begin, end, xstart, xids, top, filed)
        k = pair_need[i]
        grams = gids[gstart[k] : gstart[k + 1]]
        need = cids[cstart[k] : cstart[k + 1]]
        total, holding = _cover(grams, gram, weight, top, filed, out[i])
        if need.size == 0:
            continue
        best = 0.0
        for v in range(begin, end):
            bit = 1 << min(v - begin, _MOST_VALUES)
            characters = xstart[v + 1] - xstart[v]
            if holding & bit and characters:
                best = max(best, _overlap(grams, weight, total, bit, characters, filed))
        out[i, OVERLAP] = np.sqrt(best)
        sequence, run = _common(need.size, _agreeing(need, top, filed), filed)
        _forget(need, filed)
        out[i, SEQUENCE] = sequence / need.size
        out[i, RUN] = run / need.size
