"""Rounding of whole columns to decimals, to the very numbers that Python's own ``round`` gives.

``numpy.round`` multiplies first, so that a value just beside the middle of two decimals may go the wrong way, and the
last digit of a stored figure would depend on how it was rounded. Here only values that close to a middle are given to
``round`` one by one; all others are decided by the multiplication, whose error can't move them over the middle.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_ERROR: Final = 2.0**-51  # of the product, relative; twice what it can be


def rounded(values: Floats, decimals: int) -> Floats:
    """Each value as ``round(value, decimals)`` has it (half to even), NaN and infinite ones as they are.

    Args:
        values: Any shape.
        decimals: 0 to 15.
    """
    scale = 10.0**decimals
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = values * scale
        nearest = np.rint(scaled)
        sure = np.abs(np.abs(scaled - nearest) - 0.5) > np.abs(scaled) * _ERROR
    found: Floats = nearest / scale
    doubtful = ~sure
    if doubtful.any():
        found[doubtful] = [round(value, decimals) for value in values[doubtful].tolist()]
    return found


def decimals_of(values: Floats, decimals: int) -> list[float]:
    """The same as a list, for a column of JSON values."""
    column: list[float] = rounded(values, decimals).tolist()
    return column
