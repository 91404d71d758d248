"""Notes as bits: for each term a row with one bit a note, so that one instruction looks at many notes.

The notes of a block stand in the order in which they are preferred, the most preferred first: where only the preference
decides, the notes that can still win are the first so many bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt
from numba import types
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from indexer.stores.matching.compiled import compiled, inlined
from indexer.stores.matching.plan import I4

U8 = npt.NDArray[np.uint64]

MOST: Final = 64 * 64  # notes of a block, so that one word says which words of a row are not 0
_TOGETHER: Final = 8  # words that the widest instructions take at once

_I4 = types.int32[::1]


class Rows(NamedTuple):
    """Which notes of a block hold which terms.

    Attributes:
        row: The row of each term, -1 where no note holds it.
        some: For each row a bit for each of its words, set where the word is not 0. Most terms are rare: where two have
            no word in common, their rows need not be looked at.
        bits: Rows x words of 64 notes; note n is bit ``n % 64`` of word ``n // 64``.
    """

    row: I4
    some: U8
    bits: U8


ROWS = types.NamedTuple([_I4, types.uint64[::1], types.uint64[:, ::1]], Rows)  # type: ignore[no-untyped-call]


def words_for(notes: int) -> int:
    """How many words have a bit for each of these notes; as many as wide instructions take."""
    return -(-notes // (64 * _TOGETHER)) * _TOGETHER


def rows_of(starts: I4, ids: I4, terms: int) -> Rows:
    """The rows of some notes.

    Args:
        starts: Start of each note's stream in ``ids``, and the end.
        ids: Streams of term ids.
        terms: How many terms there are.
    """
    row = np.full(terms, -1, np.int32)
    bits = np.empty((min(terms, len(ids)), words_for(len(starts) - 1)), np.uint64)
    some = np.zeros(len(bits), np.uint64)
    used = _set_bits(starts, ids, Rows(row, some, bits))
    return Rows(row, some[:used], bits[:used])


def flags(flagged: npt.NDArray[np.uint8]) -> U8:
    """One bit for each note, set where the note's byte is not 0."""
    bits = np.zeros(words_for(len(flagged)) * 8, np.uint8)
    packed = np.packbits(flagged, bitorder="little")
    bits[: len(packed)] = packed
    return bits.view("<u8").astype(np.uint64, copy=False)


@compiled(_I4, _I4, ROWS)
def _set_bits(starts: I4, ids: I4, rows: Rows) -> int:
    """Give each term that comes up a row, and set the bits of the notes that hold it; gives the number of rows."""
    used = 0
    for note in range(len(starts) - 1):
        word = note >> 6
        bit = np.uint64(1) << np.uint64(note & 63)
        for at in range(starts[note], starts[note + 1]):
            term = ids[at]
            if term < 0:
                continue
            row = rows.row[term]
            if row < 0:
                rows.row[term] = row = used
                used += 1
                for other in range(rows.bits.shape[1]):
                    rows.bits[row, other] = 0
            rows.bits[row, word] |= bit
            rows.some[row] |= np.uint64(1) << np.uint64(word)
    return used


def _ones(typing: Any, word: Any) -> tuple[Signature, Any]:  # noqa: ARG001 - what numba hands over
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001 - likewise
        return builder.ctpop(values[0])

    return types.uint64(types.uint64), generate


def _lowest(typing: Any, word: Any) -> tuple[Signature, Any]:  # noqa: ARG001 - what numba hands over
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ARG001 - likewise
        return builder.cttz(values[0], context.get_constant(types.boolean, 1))

    return types.uint64(types.uint64), generate


# Number of bits that are set in a word, and place of the lowest bit of a word that has one: one instruction each.
ones = cast("Callable[[np.uint64], np.uint64]", intrinsic(_ones))
lowest = cast("Callable[[np.uint64], np.uint64]", intrinsic(_lowest))


@inlined
def signed(number: Any) -> int:
    """A number as a signed one of 64 bits, which is what compiled code counts in."""
    return np.int64(number)  # type: ignore[return-value]
