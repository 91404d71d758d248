"""Lines of the SogouQ log: TAB between fields, no header, no quoting; rank and order may be parted by a space."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.reading.chunks import CHUNK_ROWS, Chunk, Rejected
from indexer.reading.compression import Advance, Source
from indexer.reading.csv import columns_of, records
from indexer.reading.encoding import open_utf8
from indexer.reading.formats.logs import SOGOU_COLUMNS, sogou_cells


class SogouReader:
    """Reads one SogouQ file."""

    def __init__(self, source: Source, encoding: str, advance: Advance | None = None) -> None:
        self.name = source.name
        self.header = list(SOGOU_COLUMNS)
        self._source = source
        self._encoding = encoding
        self._advance = advance

    def chunks(self) -> Iterator[Chunk]:
        """The click lines in order."""
        rows: list[list[str]] = []
        lines: list[int] = []
        broken: list[Rejected] = []
        with open_utf8(self._source, self._encoding, self._advance) as stream:
            for line, cells in records(stream, self.name, "\t", quoted=False):
                if isinstance(cells, Rejected):
                    broken.append(cells)
                else:
                    rows.append(sogou_cells(cells))
                    lines.append(line)
                if len(rows) + len(broken) >= CHUNK_ROWS:
                    yield columns_of(self.header, rows, lines, broken)
                    rows, lines, broken = [], [], []
        if rows or broken:
            yield columns_of(self.header, rows, lines, broken)
