"""Words numbered as they come, and texts as lists of these numbers.

A vocabulary grows with the store, batch by batch, and what is known of a word (its roles, the name it begins) is looked
up once a word and not once a token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.stores.matching.plan import bounds

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]

VALUE_END: Final = -1  # between two values of a text; no phrase spans it


@dataclass(frozen=True)
class Texts:
    """Texts as one array: text ``t`` is ``words[start[t]:start[t + 1]]``, ``VALUE_END`` after each of its values."""

    start: Ints
    words: Ids

    def __len__(self) -> int:
        return self.start.size - 1


class Words:
    """A vocabulary that grows: each distinct word has a number, in the order in which it was first seen."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._number: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, names: Sequence[str]) -> Self:
        """A vocabulary that begins with these words."""
        words = cls()
        for name in names:
            words.number(name)
        return words

    def number(self, name: str) -> int:
        """The number of a word; it is added when new."""
        found = self._number.get(name)
        if found is None:
            found = self._number[name] = len(self.names)
            self.names.append(name)
        return found

    def known(self, name: str) -> int | None:
        """The number of a word that was seen; None: it was not."""
        return self._number.get(name)

    def texts(self, column: pa.Array) -> Texts:
        """Texts given as lists of values, each value its words parted by one space (``text_terms`` of a record)."""
        values = pc.fill_null(column.flatten(), "")
        owner = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
        return self._joined(values, owner)

    def lines(self, column: pa.Array) -> Texts:
        """Texts of one value each, its words parted by one space (``query_terms``)."""
        return self._joined(pc.fill_null(column, ""), np.ones(len(column), np.int64))

    def lists(self, lists: Sequence[Sequence[str]]) -> Texts:
        """Texts of one value each, given as lists of words."""
        flat = pa.array([word for one in lists for word in one], pa.string())
        return self._numbered(flat, np.array([len(one) for one in lists], np.int64), np.ones(len(lists), np.int64))

    def _joined(self, values: pa.Array, owner: Ints) -> Texts:
        words = pc.split_pattern(values, " ")
        return self._numbered(words.flatten(), pc.list_value_length(words).to_numpy().astype(np.int64), owner)

    def _numbered(self, words: pa.Array, of_value: Ints, owner: Ints) -> Texts:
        """Number words.

        Args:
            words: All words.
            of_value: How many of them each value has.
            owner: How many values each text has.
        """
        encoded = words.dictionary_encode()
        number = np.array([self.number(name) for name in encoded.dictionary.to_pylist()], np.int32)
        ids = number[encoded.indices.to_numpy()] if len(words) else np.empty(0, np.int32)
        ids = np.insert(ids, np.cumsum(of_value), np.int32(VALUE_END))
        return Texts(bounds(of_value + 1)[bounds(owner)].astype(np.int64), ids)
