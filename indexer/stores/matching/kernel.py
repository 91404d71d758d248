"""The compiled inner loops. Notes are streams of term ids; a negative id (``BREAK``) ends a run of adjacent terms.

A note is *stamped*: ``stamp[t] == serial`` says that the note at hand holds term t. Each distinct term of the note then
opens the keywords filed under it (see :mod:`indexer.stores.matching.plan`), whose other terms are looked up in the
stamps. Where the best notes are kept, a note is one number, its *key*: ``weight << 32 | preference``.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types

from indexer.stores.matching.compiled import compiled, inlined
from indexer.stores.matching.plan import I4, I8, Plan
from indexer.stores.matching.spill import Chunk

BREAK: Final = -1
MATCHING, PHRASE, HEADLINE, FRESH, ENGAGEMENT = range(5)  # columns of Tally.counts


class Tally(NamedTuple):
    """What is added up for the keywords of a plan.

    Attributes:
        counts: Keywords x (matching, phrase, headline, fresh, engagement).
        cutoff: A note is among the best only if its key exceeds it.
        heap_sizes: Number of best notes so far.
        heap: Their keys, a heap for each keyword that starts at ``Plan.heap_starts``.
    """

    counts: npt.NDArray[np.int64]
    cutoff: I8
    heap_sizes: I4
    heap: I8


class Scratch(NamedTuple):
    """Room to work in.

    Attributes:
        stamp: For each term, the serial of the last stream that held it; 0 at first.
        last: For each stamped term, its last place in the stream.
        earlier: For each place of the stream, the place before it with the same term, or -1.
        held: The distinct terms of the stream.
    """

    stamp: I4
    last: I4
    earlier: I4
    held: I4


class Note(NamedTuple):
    """The note at hand.

    Attributes:
        serial: A number of its own, 1 or more.
        fresh, engagement, preference: What is counted, added and ordered by.
        stream: Its term ids.
        stamp, last, earlier: As in :class:`Scratch`.
    """

    serial: int
    fresh: int
    engagement: int
    preference: int
    stream: I4
    stamp: I4
    last: I4
    earlier: I4


_I4 = types.int32[::1]
_I8 = types.int64[::1]
_READ_I4 = types.Array(types.int32, 1, "C", readonly=True)
_CHUNK = types.NamedTuple([_I4, _I4, _I4, _I4, types.uint8[::1], _I8], Chunk)  # type: ignore[no-untyped-call]
_TALLY = types.NamedTuple([types.int64[:, ::1], _I8, _I4, _I8], Tally)  # type: ignore[no-untyped-call]
_PLAN_TYPES = [_I8, _I8, _I8, _I4, _I4, _I8, _I8, _I4, _I8, _I8, _I8, _I4, _I4, _I8, _I8]
_PLAN = types.NamedTuple(_PLAN_TYPES, Plan)  # type: ignore[no-untyped-call]
_SCRATCH = types.NamedUniTuple(_I4, 4, Scratch)  # type: ignore[no-untyped-call]


@compiled(_READ_I4, _READ_I4, _READ_I4, types.int32, _I4, _I4)
def compact_notes(value_starts: I4, token_starts: I4, tokens: I4, empty: int, starts: I4, ids: I4) -> None:
    """Streams of the notes of a batch: known ids in order, one ``BREAK`` wherever adjacency ends.

    Args:
        value_starts: First value of each note, and the end.
        token_starts: First token of each value, and the end.
        tokens: Id of each token, negative where it is unknown (which ends a run as a value's end does).
        empty: Id of the empty token, which is no token at all.
        starts: Gets the start of each note's stream, and the end.
        ids: Gets the streams; there is room for twice the tokens.
    """
    end = 0
    for note in range(len(value_starts) - 1):
        starts[note] = first = end
        for value in range(value_starts[note], value_starts[note + 1]):
            broken = True
            for place in range(token_starts[value], token_starts[value + 1]):
                token = tokens[place]
                if token == empty:
                    continue
                if token < 0:
                    broken = True
                    continue
                if broken and end > first:
                    ids[end] = BREAK
                    end += 1
                broken = False
                ids[end] = token
                end += 1
    starts[-1] = end


@compiled(_I4, _I4, _I8, _I4)
def add_frequencies(starts: I4, ids: I4, frequency: I8, stamp: I4) -> None:
    """Add, for each term, the number of these notes that hold it (``stamp``: a zero for each term)."""
    for note in range(len(starts) - 1):
        for place in range(starts[note], starts[note + 1]):
            term = ids[place]
            if term >= 0 and stamp[term] != note + 1:
                stamp[term] = note + 1
                frequency[term] += 1


@inlined
def _stamp_stream(note: Note, held: I4) -> int:
    """Stamp the terms of a stream and chain the places of each; puts the distinct ones in ``held`` and counts them."""
    count = 0
    for place in range(len(note.stream)):
        term = note.stream[place]
        if term < 0:
            continue
        if note.stamp[term] == note.serial:
            note.earlier[place] = note.last[term]
        else:
            note.stamp[term] = note.serial
            note.earlier[place] = -1
            held[count] = term
            count += 1
        note.last[term] = place
    return count


@inlined
def _look_up(note: Note, plan: Plan, keyword: int, place: int, bound: int, cutoff: int) -> tuple[bool, int]:
    """Whether the note holds all terms of a keyword from ``place`` on, and its key.

    Args:
        note: The note.
        plan: The plan the keyword is in.
        keyword: The keyword.
        place: First of the terms that are looked up.
        bound: Weight of the note if it holds them all.
        cutoff: As soon as the key can't exceed it, the search ends, and 0 stands for the key.
    """
    whole = True
    for other in range(place, plan.term_starts[keyword + 1]):
        if note.stamp[plan.terms[other]] != note.serial:
            whole = False
            bound -= plan.weights[other]
            if (bound << 32 | note.preference) <= cutoff:
                return False, 0
    return whole, bound << 32 | note.preference


@inlined
def _holds_phrase(note: Note, plan: Plan, keyword: int, term: int) -> bool:
    """Whether the keyword's sequence stands in the stream, tried only where its first term (``term``) stands."""
    first = plan.sequence_starts[keyword]
    length = plan.sequence_starts[keyword + 1] - first
    if length == 1:
        return True
    place = note.last[term]
    while place >= 0:
        start = place - plan.anchor[keyword]
        if start >= 0 and start + length <= len(note.stream):
            step = 0
            while step < length and note.stream[start + step] == plan.sequence[first + step]:
                step += 1
            if step == length:
                return True
        place = note.earlier[place]
    return False


@inlined
def _sink(heap: I8, size: int, key: int) -> None:
    """Put a key in the place of the smallest of a heap of that size."""
    place = np.int64(0)
    child = np.int64(1)
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[place] = heap[child]
        place = child
        child = 2 * place + 1
    heap[place] = key


@inlined
def _rise(heap: I8, size: int, key: int) -> None:
    """Add a key to a heap of that size."""
    place = size
    while place > 0 and heap[(place - 1) // 2] > key:
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    heap[place] = key


@inlined
def _keep(keyword: int, key: int, plan: Plan, tally: Tally) -> None:
    """Keep a note among the best of a keyword; once there are enough, the cutoff is the worst of them."""
    heap = tally.heap[plan.heap_starts[keyword] : plan.heap_starts[keyword + 1]]
    size = int(tally.heap_sizes[keyword])
    if size < len(heap):
        _rise(heap, size, key)
        size += 1
        tally.heap_sizes[keyword] = size
    else:
        _sink(heap, size, key)
    if size == len(heap):
        tally.cutoff[keyword] = heap[0]


@compiled(_I8, _I4, _I8, _I8, _I8)
def sort_heaps(heap_starts: I8, heap_sizes: I4, heap: I8, keys: I8, key_starts: I8) -> None:
    """Take the keys out of the heaps, the greatest first; those of heap k go to ``keys`` from ``key_starts[k]`` on."""
    for number in range(len(heap_sizes)):
        size = int(heap_sizes[number])
        keyed = heap[heap_starts[number] : heap_starts[number] + size]
        while size > 0:
            size -= 1
            keys[key_starts[number] + size] = keyed[0]
            _sink(keyed, size, keyed[size])


@inlined
def _open_first(note: Note, term: int, plan: Plan, tally: Tally) -> None:
    """Tally the keywords whose first term is ``term``."""
    for keyword in range(plan.filed[term], plan.filed[term + 1]):
        cutoff = tally.cutoff[keyword]
        place = plan.term_starts[keyword] + 1
        whole, key = _look_up(note, plan, keyword, place, plan.total[keyword], cutoff)
        if key > cutoff:
            _keep(keyword, key, plan, tally)
        if whole:
            counts = tally.counts[keyword]
            counts[MATCHING] += 1
            counts[PHRASE] += _holds_phrase(note, plan, keyword, term)
            counts[FRESH] += note.fresh
            counts[ENGAGEMENT] += note.engagement


@inlined
def _open_also(note: Note, term: int, plan: Plan, tally: Tally) -> None:
    """Keep the note for the keywords of which ``term`` is the first essential term it holds, but not their first."""
    for posting in range(plan.also_starts[term], plan.also_starts[term + 1]):
        keyword, bound = plan.also_keyword[posting], plan.also_bound[posting]
        cutoff = tally.cutoff[keyword]
        if (bound << 32 | note.preference) <= cutoff:
            continue
        place = plan.term_starts[keyword]
        opened = place + plan.also_place[posting]
        while place < opened and note.stamp[plan.terms[place]] != note.serial:
            place += 1
        if place == opened:  # otherwise an earlier term opened it
            _, key = _look_up(note, plan, keyword, opened + 1, bound, cutoff)
            if key > cutoff:
                _keep(keyword, key, plan, tally)


@inlined
def _open_headline(note: Note, term: int, plan: Plan, tally: Tally) -> None:
    """Count the keywords whose first term is ``term`` and that stand in the headline."""
    for keyword in range(plan.filed[term], plan.filed[term + 1]):
        place, end = plan.term_starts[keyword] + 1, plan.term_starts[keyword + 1]
        while place < end and note.stamp[plan.terms[place]] == note.serial:
            place += 1
        tally.counts[keyword, HEADLINE] += place == end


@compiled(_CHUNK, _I8, _PLAN, _TALLY, _SCRATCH)
def match_chunk(chunk: Chunk, preference: I8, plan: Plan, tally: Tally, scratch: Scratch) -> None:
    """Add one chunk of notes to the tally of the keywords of a plan.

    Args:
        chunk: The notes; streams as :func:`compact_notes` makes them.
        preference: Order among notes of equal weight, greater is better, 0 or more and less than 2^32.
        plan: The keywords.
        tally: Is added to.
        scratch: Room for all terms and for the longest stream.
    """
    stamp, last, earlier, held = scratch
    for at in range(len(chunk.fresh)):
        values = chunk.fresh[at], chunk.engagement[at], preference[at]
        stream = chunk.text_ids[chunk.text_starts[at] : chunk.text_starts[at + 1]]
        note = Note(2 * at + 1, *values, stream, stamp, last, earlier)
        for term in held[: _stamp_stream(note, held)]:
            _open_first(note, term, plan, tally)
            _open_also(note, term, plan, tally)
        stream = chunk.headline_ids[chunk.headline_starts[at] : chunk.headline_starts[at + 1]]
        note = Note(2 * at + 2, *values, stream, stamp, last, earlier)
        for term in held[: _stamp_stream(note, held)]:
            _open_headline(note, term, plan, tally)
