"""What every reader yields: some rows of a file as columns, with the line of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

CHUNK_ROWS: Final = 20_000
CHUNK_BYTES: Final = 8 << 20
LONGEST_ROW: Final = 32 << 20  # bytes of one line, one record or one JSON element

Column: TypeAlias = Any  # pa.Array where the values have one type, else list[Any]; pyarrow ships no types


class Rejected(NamedTuple):
    """A row that was not taken; ``row`` is as raw as it could be had."""

    line: int
    reason: str
    row: Any


@dataclass(slots=True)
class Chunk:
    """Rows as columns by their own names.

    Attributes:
        columns: Equal-length columns: Arrow arrays where the values have one type, lists of Python values otherwise.
        lines: Line (sheet row, record number) of each row, from 1.
        broken: Rows that could not be read at all.
        passed: Rows passed over knowingly (title rows between rows of data).
    """

    columns: dict[str, Column]
    lines: npt.NDArray[np.int64]
    broken: list[Rejected] = field(default_factory=list)
    passed: int = 0

    def __len__(self) -> int:
        return len(self.lines)

    def parse(self) -> Chunk:
        """Itself: the columns are there already."""
        return self

    def row(self, index: int) -> dict[str, Any]:
        """One row as Python values, without its empty cells."""
        cells = {name: _value(column[index]) for name, column in self.columns.items()}
        return {name: cell for name, cell in cells.items() if cell is not None and cell != ""}

    def taken(self, keep: Sequence[int] | npt.NDArray[np.int64]) -> Chunk:
        """The rows of those indices."""
        indices = np.asarray(keep, np.int64)
        columns: dict[str, Column] = {
            name: column.take(pa.array(indices)) if isinstance(column, pa.Array) else [column[i] for i in indices]
            for name, column in self.columns.items()
        }
        return Chunk(columns, self.lines[indices], self.broken, self.passed + len(self) - len(indices))


class RawChunk(Protocol):
    """Rows on their way to a worker: as they were read, parsed where there is time for it."""

    def parse(self) -> Chunk:
        """The rows as columns."""


class Reader(Protocol):
    """One table of a file.

    Attributes:
        name: File, with the sheet when there are several.
        header: The names of the columns (of JSON: those of the first rows).
    """

    name: str
    header: list[str]

    def chunks(self) -> Iterator[RawChunk]:
        """The rows in order."""


def _value(cell: Any) -> Any:
    return cell.as_py() if isinstance(cell, pa.Scalar) else cell
