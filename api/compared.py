"""Two runs compared, kept small as the runs are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from api.packed import Packed
from api.shown import Positions
from gapfinder.changes import CHANGE_LABELS, Change
from gapfinder.comparing import Comparison

_KINDS: Final = {change: number for number, change in enumerate(CHANGE_LABELS)}


class Compared:
    """A comparison of which only the rows that are asked for are unpacked. Safe for several threads.

    Args:
        comparison: What is kept.

    Attributes:
        before, after: The runs.
        caveats: What differs between them beside the data.
        counts: Number of keywords of each change.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.before, self.after = comparison.before, comparison.after
        self.caveats, self.counts = comparison.caveats, comparison.counts
        self._changes: Packed[Change] = Packed()
        for change in comparison.changes:
            self._changes.append(change)
        self._kinds = np.array([_KINDS[change["change"]] for change in comparison.changes], np.uint8)

    def chosen(self, kinds: Collection[str]) -> Positions:
        """The places of the rows with these changes, in their order; no kind means all."""
        if not kinds:
            return np.arange(len(self._changes), dtype=np.int32)
        return np.flatnonzero(np.isin(self._kinds, [_KINDS[kind] for kind in kinds])).astype(np.int32)

    def at(self, place: int) -> Change:
        """The row of that place."""
        return self._changes[place]

    def whole(self) -> Comparison:
        """The comparison as it was, for what goes through all of it."""
        return Comparison(self.before, self.after, list(self._changes), self.caveats)
