"""What words say of (need, note) pairs: how much of the need the note holds, where, and how close together.

A note is filed once for all its needs: each term that any need asks for knows its places. So a pair costs the places of
its own terms, not the length of the note.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from gapfinder.answers.subjects import VALUE_END, Ids, Ints, Needs, Notes
from indexer.stores.matching.compiled import compiled, inlined

Features = npt.NDArray[np.float32]

BY_WORDS: Final = (
    "coverage",  # share of the need's idf weight that the note holds in any field
    "headline",  # share that its title and tags hold
    "tightness",  # distinct terms found over the shortest stretch of one field value with all of them (1: adjacent)
    "soft",  # coverage where a missing term is stood in for by its likest neighbour in the note
)
COVERAGE, HEADLINE, TIGHTNESS, SOFT = range(len(BY_WORDS))

_STAND_IN: Final = 0.5  # of a neighbour's similarity counts
_MOST_STOOD_IN: Final = 0.8  # what a neighbour can count at the most
_MOST_BITS: Final = 62  # terms told apart by a bit each


class _Filed(NamedTuple):
    """The note at hand, and room for the places of a need's terms.

    Attributes:
        held, head: For each term the serial of the last note that held it, anywhere and in its headline; 0 at first.
        last: For each term that is held, its last place in the text.
        earlier: For each place of the text, the place before it with the same term, or -1.
        value: For each place, the number of the field value it stands in.
        places, which: Places of the terms of a need in order, and which term stands there.
        seen: How often each term of a need stands in the stretch at hand.
    """

    held: Ids
    head: Ids
    last: Ids
    earlier: Ids
    value: Ids
    places: Ids
    which: Ids
    seen: Ids

    @classmethod
    def empty(cls, terms: int, longest_text: int, longest_need: int) -> _Filed:
        """Nothing filed yet, with room for notes and needs of these lengths."""
        room = (*[terms] * 3, *[longest_text] * 4, longest_need)
        return cls(*(np.zeros(size, np.int32) for size in room))


def word_features(needs: Needs, notes: Notes, pair_need: Ints, pair_note: Ints, out: Features, pattern: Ints) -> None:
    """Fill in the features of pairs by words, and which of the need's terms the note holds, as bits.

    Args:
        needs: The needs.
        notes: A block of notes.
        pair_need: Need of each pair.
        pair_note: Note of each pair; it is fastest when the pairs of a note stand together.
        out: Pairs x :data:`BY_WORDS`; gets the features.
        pattern: Gets the bits; terms from the 63rd on share one.
    """
    filed = _Filed.empty(
        needs.weight.size,
        int(np.diff(notes.text.start).max(initial=0)),
        int(np.diff(needs.terms.start).max(initial=0)),
    )
    # fmt: off - one line a table
    _word_features(
        needs.terms.start,
        needs.terms.ids,
        needs.weight,
        needs.near.start,
        needs.near.ids,
        needs.likeness,
        notes.text.start,
        notes.text.ids,
        notes.headline.start,
        notes.headline.ids,
        pair_need,
        pair_note,
        filed,
        out,
        pattern,
    )
    # fmt: on


@inlined
def _file_text(ids: Ids, serial: int, filed: Any) -> None:
    """File the terms of a note's text with their places."""
    value = 0
    for place in range(ids.size):
        t = ids[place]
        if t == VALUE_END:
            value += 1
        elif t >= 0:
            filed.earlier[place] = filed.last[t] if filed.held[t] == serial else -1
            filed.last[t] = place
            filed.held[t] = serial
            filed.value[place] = value


@inlined
def _file_headline(ids: Ids, serial: int, filed: Any) -> None:
    """File the terms of a note's title and tags."""
    for t in ids:
        if t >= 0:
            filed.head[t] = serial


@inlined
def _cover(
    terms: Ids, weight: Ints, nstart: Ints, nids: Ids, likeness: Ids, serial: int, filed: Any, row: Features
) -> tuple[int, int]:
    """Coverage by words; gives the number of terms found and which, as bits."""
    total, covered, headline, found, pattern, soft = 0, 0, 0, 0, 0, 0.0
    for j in range(terms.size):
        t = terms[j]
        total += weight[t]
        if filed.held[t] == serial:
            found += 1
            pattern |= 1 << min(j, _MOST_BITS)
            covered += weight[t]
            soft += weight[t]
        else:
            for m in range(nstart[t], nstart[t + 1]):
                if filed.held[nids[m]] == serial:
                    soft += weight[t] * min(_MOST_STOOD_IN, _STAND_IN * likeness[m] / 1000.0)
                    break
        if filed.head[t] == serial:
            headline += weight[t]
    if total > 0:
        row[COVERAGE] = covered / total
        row[HEADLINE] = headline / total
        row[SOFT] = soft / total
    return found, pattern


@inlined
def _put_in(term: int, which: int, filled: int, filed: Any) -> int:
    """Put the places of one more term in order among those of the others; gives how many there are then."""
    count = 0
    place = filed.last[term]
    while place >= 0:
        count += 1
        place = filed.earlier[place]
    free, before = filled + count - 1, filled - 1
    place = filed.last[term]
    while place >= 0:  # from the last one backwards, so that nothing is overwritten that is still to be moved
        if before >= 0 and filed.places[before] > place:
            filed.places[free] = filed.places[before]
            filed.which[free] = filed.which[before]
            before -= 1
        else:
            filed.places[free] = place
            filed.which[free] = which
            place = filed.earlier[place]
        free -= 1
    return filled + count


@inlined
def _shortest(size: int, filled: int, wanted: int, filed: Any) -> int:
    """Length of the shortest stretch of one value with ``wanted`` distinct terms; 0 when no value holds them."""
    best = 0
    left, have = 0, 0
    filed.seen[:size] = 0
    for right in range(filled):
        if filed.value[filed.places[right]] != filed.value[filed.places[left]]:
            left, have = right, 0
            filed.seen[:size] = 0
        term = filed.which[right]
        have += filed.seen[term] == 0
        filed.seen[term] += 1
        while have == wanted:
            length = filed.places[right] - filed.places[left] + 1
            if best == 0 or length < best:
                best = length
            term = filed.which[left]
            filed.seen[term] -= 1
            have -= filed.seen[term] == 0
            left += 1
    return best


@inlined
def _tightness(terms: Ids, found: int, serial: int, filed: Any) -> float:
    """Terms found over the shortest stretch that holds them all; 1 for one term."""
    if found < 2:  # noqa: PLR2004 - one term is never far from itself
        return float(found)
    filled = 0
    for j in range(terms.size):
        if filed.held[terms[j]] == serial:
            filled = _put_in(terms[j], j, filled, filed)
    stretch = _shortest(terms.size, filled, found, filed)
    return found / stretch if stretch > 0 else 0.0


_I4, _I8 = types.int32[::1], types.int64[::1]
_FILED = types.NamedUniTuple(_I4, 8, _Filed)  # type: ignore[no-untyped-call]


@compiled(
    *(_I8, _I4, _I8),
    *(_I8, _I4, _I4),
    *(_I8, _I4, _I8, _I4),
    *(_I8, _I8),
    *(_FILED, types.float32[:, :], _I8),
)
def _word_features(
    kstart: Ints,
    kids: Ids,
    weight: Ints,
    nstart: Ints,
    nids: Ids,
    likeness: Ids,
    tstart: Ints,
    tids: Ids,
    hstart: Ints,
    hids: Ids,
    pair_need: Ints,
    pair_note: Ints,
    filed: Any,
    out: Features,
    pattern: Ints,
) -> None:
    """Fill the rows, filing each note when its pairs begin."""
    note, serial = -1, 0
    for i in range(pair_need.size):
        if pair_note[i] != note:
            note = pair_note[i]
            serial += 1
            _file_text(tids[tstart[note] : tstart[note + 1]], serial, filed)
            _file_headline(hids[hstart[note] : hstart[note + 1]], serial, filed)
        k = pair_need[i]
        terms = kids[kstart[k] : kstart[k + 1]]
        found, pattern[i] = _cover(terms, weight, nstart, nids, likeness, serial, filed, out[i])
        out[i, TIGHTNESS] = _tightness(terms, found, serial, filed)
