"""Spilled notes read back nearly in the order of their ranks.

Where notes weigh the same, the one with the lower rank is listed. So when notes come in that order, the best ones are
found first, and those that follow hardly ever change a list. Nothing but speed depends on it.

Each chunk is sorted when it is spilled; the ranks are then cut into parts, and of each part every chunk has one run (an
external distribution sort, as in Knuth, TAOCP 5.4). Parts that are too large to be held are read in pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numba import types

from indexer.stores.matching.bits import MOST
from indexer.stores.matching.compiled import compiled
from indexer.stores.matching.plan import I4, I8, bounds
from indexer.stores.matching.spill import Chunk, Spill

_PIECE: Final = 4 * MOST  # notes that are sorted at once
_PARTS: Final = 64  # at most; every part is a read of every chunk

_I4, _I8 = types.int32[::1], types.int64[::1]


class Ranked(NamedTuple):
    """Some notes of a chunk by their places in it, and the rank of each; both in the order of the ranks."""

    chunk: Chunk
    places: I8
    rank: I8


def by_rank(spill: Spill, sizes: Sequence[int], rank: I8) -> Iterator[Ranked]:
    """Spilled notes, at most ``MOST`` at once.

    Args:
        spill: Chunks with their notes in the order of their ranks.
        sizes: Number of notes of each chunk.
        rank: Rank of each note, in the order in which they were spilled.
    """
    starts = bounds(np.array(sizes, np.int64))
    parts = max(1, min(_PARTS, -(-len(rank) // _PIECE)))
    edges = np.linspace(0, len(rank), parts + 1).astype(np.int64)
    ranks = [rank[begin:end] for begin, end in pairwise(starts.tolist())]
    cuts = np.array([np.searchsorted(its, edges) for its in ranks]).reshape(-1, parts + 1)
    for part in range(parts):
        pieces: list[tuple[Chunk, I8]] = []
        held = 0
        for number, (first, end) in enumerate(cuts[:, part : part + 2].tolist()):
            if first == end:
                continue
            pieces.append((spill.read(number, first, end), ranks[number][first:end]))
            held += end - first
            if held >= _PIECE:
                yield from _sorted(pieces)
                pieces, held = [], 0
        if pieces:
            yield from _sorted(pieces)


def _sorted(pieces: Sequence[tuple[Chunk, I8]]) -> Iterator[Ranked]:
    """The notes of several chunks in the order of their ranks."""
    chunk = _joined([piece for piece, _ in pieces])
    rank = np.concatenate([its for _, its in pieces])
    order = np.argsort(rank)
    for begin in range(0, len(order), MOST):
        places = order[begin : begin + MOST]
        yield Ranked(chunk, places, rank[places])


def _joined(chunks: Sequence[Chunk]) -> Chunk:
    """Chunks one after the other."""
    text_starts, text_ids, headline_starts, headline_ids, fresh, engagement = zip(*chunks, strict=True)
    return Chunk(
        _joined_starts(text_starts),
        np.concatenate(text_ids),
        _joined_starts(headline_starts),
        np.concatenate(headline_ids),
        np.concatenate(fresh),
        np.concatenate(engagement),
    )


def _joined_starts(starts: Sequence[I4]) -> I4:
    return bounds(np.concatenate([np.diff(one) for one in starts])).astype(np.int32)


def taken(chunk: Chunk, places: I8) -> Chunk:
    """The notes of a chunk at these places, in this order."""
    return Chunk(
        *_streams_taken(chunk.text_starts, chunk.text_ids, places),
        *_streams_taken(chunk.headline_starts, chunk.headline_ids, places),
        chunk.fresh[places],
        chunk.engagement[places],
    )


def _streams_taken(starts: I4, ids: I4, places: I8) -> tuple[I4, I4]:
    moved = bounds(np.diff(starts)[places]).astype(np.int32)
    streams = np.empty(moved[-1], np.int32)
    _copy(starts, ids, places, moved, streams)
    return moved, streams


@compiled(_I4, _I4, _I8, _I4, _I4)
def _copy(starts: I4, ids: I4, places: I8, moved: I4, streams: I4) -> None:
    """Copy the streams of some notes to where they go."""
    for number in range(len(places)):
        begin, place = starts[places[number]], moved[number]
        for step in range(starts[places[number] + 1] - begin):
            streams[place + step] = ids[begin + step]
