"""Notes as streams of term ids: known terms in order, with a negative id (``BREAK``) wherever adjacency ends."""

from __future__ import annotations

from typing import Final

from numba import types

from indexer.stores.matching.compiled import compiled
from indexer.stores.matching.plan import I4, I8

BREAK: Final = -1

_I4 = types.int32[::1]
_I8 = types.int64[::1]
_READ_I4 = types.Array(types.int32, 1, "C", readonly=True)


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
