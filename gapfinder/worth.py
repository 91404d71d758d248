"""What an answering note is worth: visibility x freshness x quality, each 0 to 1."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.settings import Settings

NEUTRAL_FRESHNESS: Final = 0.8  # of a note without a date
_STEEPNESS: Final = 4.0  # notes keep their worth for about a year and lose it quickly after the half-life
_SHORT: Final = 60  # terms at which a text is worth half of a long one
_LEAST_ENGAGEMENT: Final = 0.25  # worth kept by a note that nobody engaged with


def visibility(
    disclosed: pa.Array, undisclosed: npt.NDArray[np.float64], settings: Settings
) -> npt.NDArray[np.float64]:
    """1 for organic notes, ``disclosed_weight`` for filed advertising, 0 from ``undisclosed_threshold`` on."""
    filed = pc.fill_null(disclosed, fill_value=False).to_numpy(zero_copy_only=False)
    weight = np.where(filed, settings["disclosed_weight"], 1.0)
    return np.where(undisclosed >= settings["undisclosed_threshold"], 0.0, weight)


def freshness(published: pa.Array, end: date, settings: Settings) -> npt.NDArray[np.float64]:
    """1 for a note of today, one half at ``half_life_days``: 1 / (1 + (age / half life)^4); neutral when undated."""
    days = pc.cast(published, pa.int32())
    age = np.maximum((end - date(1970, 1, 1)).days - pc.fill_null(days, 0).to_numpy(zero_copy_only=False), 0)
    fresh: npt.NDArray[np.float64] = 1.0 / (1.0 + (age / settings["half_life_days"]) ** _STEEPNESS)
    return np.where(days.is_null().to_numpy(zero_copy_only=False), NEUTRAL_FRESHNESS, fresh)


def quality(notes: pa.RecordBatch, terms: npt.NDArray[np.int64], usual: float) -> npt.NDArray[np.float64]:
    """How much a note has to say and how readers took it; what was not brought along is neutral.

    Args:
        notes: The notes, with ``content``, ``likes`` and ``engagement`` (likes, collects, comments, shares, follows).
        terms: Number of terms in each note's text.
        usual: The store's median engagement of notes with figures.
    """
    length = terms / (terms + _SHORT)
    length = np.minimum(1.0, length / (1.0 - 1.0 / 3.0))  # 120 terms and more are worth 1
    # A list of titles says nothing about the texts behind them.
    bare = pc.equal(pc.fill_null(pc.utf8_length(notes["content"]), 0), 0).to_numpy(zero_copy_only=False)
    length = np.where(bare, 1.0, length)
    known = pc.is_valid(notes["likes"]).to_numpy(zero_copy_only=False)
    counts = pc.fill_null(notes["engagement"], 0).to_numpy(zero_copy_only=False).astype(np.float64)
    response = _LEAST_ENGAGEMENT + (1 - _LEAST_ENGAGEMENT) * np.minimum(
        1.0, np.log1p(counts) / np.log1p(max(usual, 1.0))
    )
    worth: npt.NDArray[np.float64] = length * np.where(known, response, 1.0)
    return worth
