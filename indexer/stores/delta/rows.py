"""The rows of one version of a table, read in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.fs as pafs
from deltalake import DeltaTable

from indexer.stores.checks import Window
from indexer.stores.delta.faults import engine_faults
from indexer.stores.delta.place import as_written, scheme_of


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that do not change.

    Attributes:
        uri: Where they lie, for messages.
        source: The Arrow dataset over their files; a column that a file does not have reads as null.
    """

    uri: str
    source: ds.Dataset

    @classmethod
    def of_table(cls, table: DeltaTable, schema: pa.Schema, *, only: tuple[str, str] | None = None) -> Self:
        """The rows of a table at its version, in the given schema; ``only`` names one partition."""
        uri = as_written(table.table_uri)
        # deltalake's own file system calls back into Python for each read, so local files are read by Arrow's
        files = None if scheme_of(uri) else pafs.SubTreeFileSystem(uri, pafs.LocalFileSystem())
        pruning = [(only[0], "=", only[1])] if only else None
        with engine_faults(uri, "reading"):
            return cls(uri, table.to_pyarrow_dataset(schema=schema, filesystem=files, file_pruning_predicate=pruning))

    @classmethod
    def of_file(cls, path: Path, schema: pa.Schema) -> Self:
        """The rows of one Parquet file."""
        with engine_faults(str(path), "reading"):
            return cls(str(path), ds.dataset(path, schema=schema, format="parquet"))

    def __len__(self) -> int:
        with engine_faults(self.uri, "counting"):
            return int(self.source.count_rows())

    def files(self) -> Iterator[Rows]:
        """The rows of each file by themselves."""
        for fragment in self.source.get_fragments():
            with engine_faults(self.uri, "reading"):
                whole = ds.FileSystemDataset([fragment], self.source.schema, fragment.format, fragment.filesystem)
            yield Rows(f"{self.uri}/{fragment.path}", whole)

    def batches(
        self, columns: Sequence[str], window: Window | None = None, chosen: ds.Expression | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The columns of all rows (in the window, of those chosen), one row group in memory at a time.

        Arrow's scanner reads up to 1 GB ahead of a slow taker, so the row groups are asked for one by one.
        """
        if window is not None:
            inside = (ds.field(window[0]) >= pa.scalar(window[1])) & (ds.field(window[0]) < pa.scalar(window[2]))
            chosen = inside if chosen is None else chosen & inside
        schema = pa.schema([self.source.schema.field(column) for column in columns])
        groups = self._groups(chosen)
        while True:
            # Files are only touched here: a missing or damaged one shows while reading, not while opening.
            with engine_faults(self.uri, "reading"):
                group = next(groups, None)
                if group is None:
                    return
                rows = group.to_table(schema=self.source.schema, columns=schema.names, filter=chosen)
            for batch in rows.combine_chunks().to_batches():
                yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)

    def reader(self, columns: Sequence[str], window: Window | None = None) -> pa.RecordBatchReader:
        """The same as one Arrow stream, for DuckDB."""
        schema = pa.schema([self.source.schema.field(column) for column in columns])
        return pa.RecordBatchReader.from_batches(schema, self.batches(columns, window))

    def extent(self, column: str) -> tuple[Any, Any] | None:
        """Smallest and largest value of a day or time, from the files' own statistics where they have some."""
        ends: list[Any] = []
        with engine_faults(self.uri, "reading"):
            for group in self._groups(None):
                told = [known.statistics.get(column) for known in group.row_groups if known.statistics is not None]
                if told and all(told):
                    ends += [known[end] for known in told if known is not None for end in ("min", "max")]
                    continue
                values = group.to_table(schema=self.source.schema, columns=[column])[column]
                ends += [end for end in pc.min_max(values).as_py().values() if end is not None]
        return (min(ends), max(ends)) if ends else None

    def take(self, id_field: str, ids: Sequence[str], columns: Sequence[str]) -> pa.Table:
        """The rows of those ids in no order; only the row groups that hold one are read in full."""
        schema = pa.schema([self.source.schema.field(column) for column in columns])
        wanted = ds.field(id_field).isin(pa.array(ids, pa.string()))
        with engine_faults(self.uri, "reading"):
            found = [
                group.to_table(schema=self.source.schema, columns=schema.names, filter=wanted)
                for group in self._groups(wanted)
                if group.count_rows(filter=wanted)
            ]
        return pa.concat_tables(found).cast(schema) if found else schema.empty_table()

    def _groups(self, chosen: ds.Expression | None) -> Iterator[ds.ParquetFileFragment]:
        for fragment in self.source.get_fragments(filter=chosen):
            yield from fragment.split_by_row_group(filter=chosen, schema=self.source.schema)
