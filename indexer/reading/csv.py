"""Separated values: the separator is sniffed, the header found below service rows, every broken row is told apart.

Python's own ``csv`` in strict mode parses; a quote that never ends costs one row, not the rest of the file: after it
the reader goes on with the next line.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from indexer.errors import DataError
from indexer.reading.chunks import CHUNK_BYTES, CHUNK_ROWS, LONGEST_ROW, Chunk, Column, Rejected
from indexer.reading.compression import Advance, Source
from indexer.reading.encoding import open_utf8

HEADER_WITHIN: Final = 40
_SEPARATORS: Final = ("\t", ",", ";", "|")
_MOST_LINES: Final = 2_000  # one quoted cell may span so many lines
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\s*", re.IGNORECASE)

HeaderScore = Callable[[Sequence[str]], float]


class _Endless(Exception):  # noqa: N818 - a signal between two functions of this module
    """A record that spans too many lines."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written: its separator, its column names and the line they stand on (0: there is no header)."""

    separator: str
    header: tuple[str, ...]
    header_line: int
    quoted: bool = True


class _Lines:
    """Lines of a stream that remembers those of the record under way and can give them back."""

    def __init__(self, stream: io.BufferedReader, name: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        self._back: deque[str] = deque()
        self._name = name
        self.number = 0  # lines handed out
        self.record: list[str] = []
        self._size = 0

    def begin(self) -> None:
        self.record = []
        self._size = 0

    def give_back(self) -> None:
        """Hand out all lines of this record but its first again."""
        self._back.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._text.readline(LONGEST_ROW)
        if not line:
            raise StopIteration
        self._size += len(line)
        if len(line) >= LONGEST_ROW:
            raise DataError(f"{self._name}:{self.number + 1}: the line is longer than {LONGEST_ROW:,} characters")
        self.number += 1
        self.record.append(line)
        if len(self.record) > _MOST_LINES or self._size > LONGEST_ROW:
            raise _Endless
        return line


def records(
    stream: io.BufferedReader, name: str, separator: str, *, quoted: bool
) -> Iterator[tuple[int, list[str] | Rejected]]:
    """Each record with the line it begins on; blank lines are left out, unreadable records are :class:`Rejected`."""
    csv.field_size_limit(LONGEST_ROW)
    lines = _Lines(stream, name)
    quoting: int = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE

    def fresh() -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=separator, strict=True, quoting=quoting)  # type: ignore[arg-type]

    reader = fresh()
    while True:
        lines.begin()
        first = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Endless) as error:
            raw = lines.record[0] if lines.record else ""
            lines.give_back()
            reader = fresh()
            yield first, Rejected(first, _reason(error), raw.rstrip("\r\n"))
            continue
        if cells and (len(cells) > 1 or cells[0].strip()):
            yield first, cells


def _reason(error: Exception) -> str:
    if isinstance(error, _Endless) or "unexpected end" in str(error):
        return "a quote that is opened here does not end"
    return f"not a row of separated values: {error}"


def sniff(source: Source, encoding: str, score: HeaderScore) -> Dialect:
    """Separator and header of a file: the row among the first 40 whose names are known best, else the fullest row.

    Args:
        source: The file.
        encoding: Its encoding.
        score: How well a row of cells is known as a header; 0 for not at all.
    """
    best: tuple[float, int, Dialect] | None = None
    for rank, separator in enumerate(_SEPARATORS):
        rows = head(source, encoding, separator)
        if rows and len(rows[0][1]) == 1 and (told := _SEPARATOR_LINE.fullmatch(rows[0][1][0])):
            return sniff_rows(head(source, encoding, told[1])[1:], told[1], score)
        found = sniff_rows(rows, separator, score)
        value = score(found.header) if found.header else 0.0
        width = _steady_width(rows)
        key = (value or (0.5 * width / (width + 1) if width > 1 else 0.0), -rank)
        if best is None or key > best[:2]:
            best = (*key, found)
    assert best is not None
    return best[2]


def head(source: Source, encoding: str, separator: str, *, quoted: bool = True) -> list[tuple[int, list[str]]]:
    """The first 40 readable records with their lines."""
    rows: list[tuple[int, list[str]]] = []
    with open_utf8(source, encoding) as stream:
        for line, cells in records(stream, source.name, separator, quoted=quoted):
            if isinstance(cells, list):
                rows.append((line, cells))
            if len(rows) >= HEADER_WITHIN:
                break
    return rows


def sniff_rows(rows: Sequence[tuple[int, Sequence[str]]], separator: str, score: HeaderScore) -> Dialect:
    """The header among the first rows of a table."""
    best: tuple[float, int, Sequence[str]] | None = None
    for line, cells in rows[:HEADER_WITHIN]:
        value = score(cells)
        if value > 0 and (best is None or value > best[0]):
            best = (value, line, cells)
    if best is None and rows:
        line, cells = max(rows, key=lambda row: (sum(bool(cell.strip()) for cell in row[1]), -row[0]))
        best = (0.0, line, cells)
    if best is None:
        return Dialect(separator, (), 0)
    return Dialect(separator, distinct([cell.strip() for cell in best[2]]), best[1])


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Column names, each once: an empty one becomes ``column 3``, a repeated one ``name (2)``."""
    seen: dict[str, int] = {}
    out = []
    for place, name in enumerate(names, 1):
        chosen = name or f"column {place}"
        seen[chosen] = seen.get(chosen, 0) + 1
        out.append(chosen if seen[chosen] == 1 else f"{chosen} ({seen[chosen]})")
    return tuple(out)


def _steady_width(rows: Sequence[tuple[int, Sequence[str]]]) -> int:
    widths = [len(cells) for _, cells in rows]
    return max(set(widths), key=lambda width: (widths.count(width), width)) if widths else 0


class CsvReader:
    """Reads separated values in a known dialect."""

    def __init__(self, source: Source, encoding: str, dialect: Dialect, advance: Advance | None = None) -> None:
        self.name = source.name
        self.header = list(dialect.header)
        self._source = source
        self._encoding = encoding
        self._dialect = dialect
        self._advance = advance

    def chunks(self) -> Iterator[Chunk]:
        """The rows below the header in order."""
        rows: list[list[str]] = []
        lines: list[int] = []
        broken: list[Rejected] = []
        size = 0
        dialect = self._dialect
        with open_utf8(self._source, self._encoding, self._advance) as stream:
            for line, cells in records(stream, self.name, dialect.separator, quoted=dialect.quoted):
                if line <= dialect.header_line:
                    continue
                if isinstance(cells, Rejected):
                    broken.append(cells)
                else:
                    rows.append(cells)
                    lines.append(line)
                    size += sum(map(len, cells))
                if len(rows) + len(broken) >= CHUNK_ROWS or size * 2 >= CHUNK_BYTES:
                    yield columns_of(self.header, rows, lines, broken)
                    rows, lines, broken, size = [], [], [], 0
        if rows or broken:
            yield columns_of(self.header, rows, lines, broken)


def columns_of(header: Sequence[str], rows: list[list[str]], lines: list[int], broken: list[Rejected]) -> Chunk:
    """Rows of text cells as a chunk; rows that are not as wide as the header are broken."""
    good: list[list[str]] = []
    kept: list[int] = []
    width = len(header)
    for line, cells in zip(lines, rows, strict=True):
        if len(cells) > width:
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
        if len(cells) != width:
            reason = f"{len(cells)} cells, but the header has {width}"
            named = {
                **dict(zip(header, cells, strict=False)),
                **{f"cell {n + 1}": cells[n] for n in range(width, len(cells))},
            }
            broken.append(Rejected(line, reason, named))
            continue
        good.append(cells)
        kept.append(line)
    cells_by_column = zip(*good, strict=True) if good else ([] for _ in header)
    columns: dict[str, Column] = {
        name: pa.array(list(cells), pa.string()) for name, cells in zip(header, cells_by_column, strict=True)
    }
    return Chunk(columns, np.array(kept, np.int64), broken)
