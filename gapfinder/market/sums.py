"""Sums by several numbers at once, collected batch by batch without a row of Python: what grows is what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_TOGETHER: Final = 1_000_000  # rows that wait before they are added up


class Codes:
    """Numbers things as they come, in the order of their values within a batch."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self._number: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.values)

    def number(self, value: int) -> int:
        """The number of a value; it is added when new."""
        found = self._number.get(value)
        if found is None:
            found = self._number[value] = len(self.values)
            self.values.append(value)
        return found

    def known(self, values: Ints) -> Ints:
        """The numbers of some values; -1 where one was not numbered."""
        distinct, place = np.unique(values, return_inverse=True)  # of a batch
        return np.array([self._number.get(value, -1) for value in distinct.tolist()], np.int64)[place]

    def numbers(self, values: Ints) -> Ints:
        """The numbers of some values."""
        distinct, place = np.unique(values, return_inverse=True)  # of a batch
        return np.array([self.number(value) for value in distinct.tolist()], np.int64)[place]


class Sums:
    """Sums of some figures by some keys.

    Args:
        keys: How many numbers a key has.
        figures: How many figures are summed.
    """

    def __init__(self, keys: int, figures: int) -> None:
        self._keys, self._figures = keys, figures
        self._waiting: list[tuple[Ints, Ints]] = []
        self._rows = 0

    def add(self, keys: Sequence[npt.NDArray[np.integer]], figures: Sequence[npt.NDArray[np.integer]]) -> None:
        """Add rows; keys and figures are columns of equal length."""
        self._waiting.append(
            (
                np.stack([np.asarray(key, np.int64) for key in keys]),
                np.stack([np.asarray(one, np.int64) for one in figures]),
            )
        )
        self._rows += self._waiting[-1][0].shape[1]
        if self._rows > _TOGETHER:
            self._add_up()

    def rows(self) -> tuple[Ints, Ints]:
        """Distinct keys, ascending, and their sums: keys x rows, figures x rows."""
        self._add_up()
        return self._waiting[0]

    def _add_up(self) -> None:
        empty = (np.empty((self._keys, 0), np.int64), np.empty((self._figures, 0), np.int64))
        keys, figures = (np.concatenate(parts, axis=1) for parts in zip(empty, *self._waiting, strict=True))
        order = np.lexsort(keys[::-1])
        keys, figures = keys[:, order], figures[:, order]
        new = np.ones(order.size, bool)
        new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        first = np.flatnonzero(new)
        sums = np.add.reduceat(figures, first, axis=1) if first.size else figures
        self._waiting, self._rows = [(keys[:, first], sums)], 0
