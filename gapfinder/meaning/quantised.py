"""Vectors as small whole numbers, so that their products are exact.

Each number of a vector is kept as an int8, with a factor of the vector's own. The factor keeps the length of the vector
of whole numbers below 4096; by the inequality of Cauchy and Schwarz every partial sum of a product of two such vectors
then stays below 2^24, where float32 still counts exactly. A cosine so has the same bits whatever the order of adding:
block sizes, threads and linear algebra libraries change nothing. The rounding costs about 0.0003 in a cosine.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Small = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]

_LARGEST: Final = 127.0
_LONGEST: Final = 4000.0  # and 0.5 sqrt(8192) = 45 for the rounding: below 4096


def quantised(matrix: npt.NDArray[np.floating]) -> Small:
    """Rows of at most 8192 numbers as int8; each row keeps its direction, not its length. Rows of zeros stay."""
    wide = matrix.astype(np.float64)
    largest = np.abs(wide).max(axis=1, initial=0.0)
    length = np.sqrt((wide * wide).sum(axis=1))
    some = largest > 0
    factor = np.zeros(largest.size)
    factor[some] = np.minimum(_LARGEST / largest[some], _LONGEST / length[some])
    return np.rint(wide * factor[:, None]).astype(np.int8)


def inverse_lengths(rows: Small) -> Floats:
    """One over the length of each row; 0 for a row of zeros, whose cosine with anything is 0."""
    square = np.einsum("ij,ij->i", rows, rows, dtype=np.int64)
    return np.where(square > 0, 1.0 / np.sqrt(np.maximum(square, 1)), 0.0).astype(np.float32)


def per_mille(product: Floats, one: Floats, other: Floats) -> Floats:
    """Cosines per mille, as whole numbers, from exact products and inverse lengths (which must broadcast); in place."""
    product *= one
    product *= other
    product *= np.float32(1000)
    return np.rint(product, out=product)
