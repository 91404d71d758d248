"""A near-duplicate sketch of each note: MinHash over the character 3-shingles of its text.

The shingles of a whole batch are hashed at once, as code points in numpy; only the permutations are taken by ``rensa``.
After Broder, "On the resemblance and containment of documents" (1997).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import rensa

from indexer.normalize import SEPARATOR, normalize_joined

PERMUTATIONS: Final = 64
SEED: Final = 20_240_105
SHINGLE: Final = 3
HEX_DIGITS: Final = 8 * PERMUTATIONS
_NO_WORD: Final = re.compile(rf"[^\w{SEPARATOR}]|_")


def sketches(texts: Sequence[str]) -> list[str]:
    """The sketch of each text: 64 values of 8 hexadecimal digits each; empty for a text without a word character."""
    if not texts:
        return []
    joined = _NO_WORD.sub("", normalize_joined(texts))
    points = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    breaks = np.flatnonzero(points == ord(SEPARATOR))
    starts = np.concatenate(([0], breaks + 1))
    ends = np.concatenate((breaks, [len(points)]))
    lengths = ends - starts
    hashes, offsets = _shingle_hashes(points, starts, lengths)
    matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, PERMUTATIONS, SEED)
    text = np.array(matrix.to_rows(), np.uint32).astype(">u4").tobytes().hex()
    return [
        text[row * HEX_DIGITS : (row + 1) * HEX_DIGITS] if length else "" for row, length in enumerate(lengths.tolist())
    ]


def _shingle_hashes(
    points: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Hashes of all shingles, text after text, and where each text's begin; a short text is one shingle."""
    counts = np.where(lengths > 0, np.maximum(lengths - SHINGLE + 1, 1), 0)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    first = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
    rest = np.repeat(starts + lengths, counts) - first  # characters from the shingle's first to the text's end
    padded = np.concatenate([points, np.zeros(SHINGLE, np.uint32)]).astype(np.uint64)
    # Code points have 21 bits, so three of them fill 63: the packed value is the shingle itself, then it is mixed.
    packed = padded[first] << np.uint64(42)
    packed |= np.where(rest > 1, padded[first + 1], 0).astype(np.uint64) << np.uint64(21)
    packed |= np.where(rest > 2, padded[first + 2], 0).astype(np.uint64)  # noqa: PLR2004 - the third character
    return _mixed(packed), offsets.astype(np.uint64)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
