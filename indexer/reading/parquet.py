"""Parquet, Arrow to Arrow: a file's own row batches, without a Python object a row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from indexer.errors import DataError
from indexer.quarantine import printable
from indexer.reading.chunks import CHUNK_ROWS, Chunk, Column
from indexer.reading.compression import Advance, Source

_BATCH_ROWS = CHUNK_ROWS // 2


class ParquetReader:
    """Reads one Parquet file; the "line" of a row is its number from 1."""

    def __init__(self, source: Source, advance: Advance | None = None) -> None:
        self.name = source.name
        self._path = source.whole_file()
        self._advance = advance
        self._size = source.size
        try:
            with pq.ParquetFile(self._path) as file:
                self.header = list(file.schema_arrow.names)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self.name, 1, error) from error

    def chunks(self) -> Iterator[Chunk]:
        """The rows in order."""
        row = told = 0
        try:
            with pq.ParquetFile(self._path, pre_buffer=False) as file:
                total = max(file.metadata.num_rows, 1)
                for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                    lines = np.arange(row + 1, row + 1 + batch.num_rows, dtype=np.int64)
                    columns: dict[str, Column] = {
                        name: plain(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)
                    }
                    row += batch.num_rows
                    if self._advance is not None:
                        self._advance(self._size * row // total - told)
                        told = self._size * row // total
                    yield Chunk(columns, lines)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self.name, row + 1, error) from error


def plain(column: pa.Array) -> pa.Array:
    """A column without dictionary encoding, large or view types, so that there is one type for each kind of value."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain(column.dictionary_decode())
    wanted = kind
    text = (pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary, pa.types.is_large_binary)
    if any(check(kind) for check in text):
        wanted = pa.string()
    elif pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        wanted = pa.list_(kind.value_type)
    elif pa.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    elif pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        wanted = pa.float64()
    return column if wanted == kind else column.cast(wanted)


def _damaged(name: str, row: int, error: Exception) -> DataError:
    return DataError(f"{name}:{row}: can't be read as Parquet: {printable(str(error), 160)}")
