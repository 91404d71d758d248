"""A near-duplicate sketch of each note: MinHash over the character 3-shingles of its text.

The shingles of a whole batch are hashed at once, as code points in numpy; only the permutations are taken by ``rensa``.
Texts come segmented, which leaves out what is no word already.
After Broder, "On the resemblance and containment of documents" (1997).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import rensa

from indexer.normalize import SEPARATOR

PERMUTATIONS: Final = 64
SEED: Final = 20_240_105
SHINGLE: Final = 3
HEX_DIGITS: Final = 8 * PERMUTATIONS
_NO_WORD: Final = re.compile(rf"[^\w{SEPARATOR}]|_")
_BREAK: Final = ord(SEPARATOR)

U8 = npt.NDArray[np.uint64]


def sketches(texts: Sequence[str]) -> list[str]:
    """The sketch of each segmented text (terms in their normal form, parted by spaces).

    Returns:
        64 values of 8 hexadecimal digits each; empty for a text without a word character.
    """
    if not texts:
        return []
    joined = _NO_WORD.sub("", SEPARATOR.join(texts).replace(" ", ""))
    points = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    breaks = np.flatnonzero(points == _BREAK)
    starts = np.concatenate(([0], breaks + 1))
    lengths = np.concatenate((breaks, [len(points)])) - starts
    hashes, offsets = _shingle_hashes(points, starts, lengths)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, PERMUTATIONS, SEED)
    text = np.array(matrix.to_rows(), np.uint32).astype(">u4").tobytes().hex()
    return [
        text[row * HEX_DIGITS : (row + 1) * HEX_DIGITS] if length else "" for row, length in enumerate(lengths.tolist())
    ]


def _shingle_hashes(
    points: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> tuple[U8, U8]:
    """Hashes of all shingles, text after text, and where each text's begin; a short text is one shingle."""
    counts = np.where(lengths > 0, np.maximum(lengths - SHINGLE + 1, 1), 0)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    padded = np.concatenate([points, np.full(SHINGLE, _BREAK, np.uint32)])
    first, second, third = (padded[step : step + len(points)] for step in range(SHINGLE))
    begins = (first != _BREAK) & (second != _BREAK) & (third != _BREAK)
    short = (lengths > 0) & (lengths < SHINGLE)
    begins[starts[short]] = True
    # Code points have 21 bits, so three of them fill 63: the packed value is the shingle itself, then it is mixed.
    packed = first[begins].astype(np.uint64) << np.uint64(42)
    packed |= second[begins].astype(np.uint64) << np.uint64(21)
    packed |= third[begins].astype(np.uint64)
    for place, length in zip(offsets[:-1][short].tolist(), lengths[short].tolist(), strict=True):
        packed[place] &= ~np.uint64((1 << 21 * (SHINGLE - length)) - 1)  # what lies beyond the text is 0
    return _mixed(packed), offsets.astype(np.uint64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
