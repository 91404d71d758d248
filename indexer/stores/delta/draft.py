"""One record while it is being written: new rows are appended, changed rows wait aside and go in at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from indexer.errors import UsageError
from indexer.records import CONTENT_HASH, Record
from indexer.stores.checks import check_rows, storable
from indexer.stores.contract import WriteResult
from indexer.stores.delta import tables
from indexer.stores.delta.engine import Engine
from indexer.stores.delta.faults import engine_faults
from indexer.stores.delta.known import KnownIds
from indexer.stores.delta.rows import Rows

_PIECE_ROWS: Final = 131_072
_PIECE_BYTES: Final = 64 * 1024 * 1024


class Draft:
    """The next version of one record's table.

    Args:
        record: What is written.
        uri: Where its table lies; made when there is none.
        engine: Keeps the known ids, joins, and lends its scratch directory.
    """

    def __init__(self, record: Record, uri: str, engine: Engine) -> None:
        self.record = record
        self.changed = False
        self._engine = engine
        if tables.is_table(uri):
            self._table = tables.open_table(uri)
        else:
            self._table = tables.create_table(uri, record.schema, tables.table_settings(record))
        self._pending: list[pa.Table] = []
        self._turn = 0
        self._known = KnownIds(engine, record.name)
        rows = self._rows()
        self._known.load(rows.reader([record.id_field, CONTENT_HASH]), len(rows))

    def __len__(self) -> int:
        return len(self._known)

    def write(self, rows: pa.Table | pa.RecordBatch) -> WriteResult:
        """See :meth:`indexer.stores.contract.Writer.write`."""
        table, rejected = check_rows(self.record, rows)
        ids, hashes = table.column(self.record.id_field), table.column(CONTENT_HASH)
        positions, is_new = self._known.judge(ids, hashes)
        if len(positions):
            self.changed = True
            self._take_new(table.take(positions[is_new]))
            self._take_changed(table.take(positions[~is_new]))
        return WriteResult(len(positions), table.num_rows - len(positions), rejected)

    def _take_new(self, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        self._known.add(rows.column(self.record.id_field), rows.column(CONTENT_HASH))
        self._pending.append(rows)
        if _is_full(self._pending):
            self._flush()

    def _take_changed(self, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        self._turn += 1
        with engine_faults(str(self._engine.scratch), "writing"):
            pq.write_table(rows, self._aside(self._turn), compression="zstd", row_group_size=tables.ROW_GROUP)
        self._known.change(rows.column(self.record.id_field), rows.column(CONTENT_HASH), self._turn)

    def _aside(self, turn: int) -> Path:
        return self._engine.scratch / f"{self.record.name}-{turn}.parquet"

    def existing(self, ids: Sequence[str]) -> pa.Table:
        """See :meth:`indexer.stores.contract.Writer.existing`; ordered by id."""
        schema, id_field = self.record.schema, self.record.id_field
        found = []
        for turn, held in self._known.among(storable(ids)).items():
            self._flush()
            rows = Rows.of_file(self._aside(turn), schema) if turn else self._rows()
            found.append(rows.take(id_field, held, schema.names))
        return pa.concat_tables(found).sort_by(id_field) if found else schema.empty_table()

    def replace(self, batches: Iterable[pa.RecordBatch]) -> int:
        """See :meth:`indexer.stores.contract.Writer.replace`."""
        self._known.forget()
        self._pending.clear()
        self._turn = 0
        tables.empty(self._table)
        self.changed = True
        for batch in batches:
            rejected = self.write(batch).rejected
            if rejected:
                raise UsageError(f"{self.record.name} {rejected[0][0][:80]!r} can't be stored: {rejected[0][1]}")
        return len(self)

    def settle(self) -> int:
        """Bring the table up to everything that was written; returns its version.

        Raises:
            StoreError: The table does not hold as many rows as were written to it.
        """
        self._flush()
        if self._turn:
            self._rewrite()
        tables.check_count(self._table, len(self))
        return int(self._table.version())

    def _rows(self) -> Rows:
        return Rows.of_table(self._table, self.record.schema)

    def _flush(self) -> None:
        if self._pending:
            tables.append(self._table, pa.concat_tables(self._pending))
            self._pending.clear()

    def _rewrite(self) -> None:
        """Write the table anew from the rows that stayed and the last form of those that changed."""
        sources = [self._rows(), *(Rows.of_file(self._aside(turn), self.record.schema) for turn in self._turns())]
        tables.empty(self._table)
        for turn, source in enumerate(sources):
            for piece in _pieces(source.batches(self.record.schema.names)):
                current = self._known.current(piece.column(self.record.id_field), turn)
                if len(current):
                    tables.append(self._table, piece.take(current) if len(current) < piece.num_rows else piece)
        self._turn = 0

    def _turns(self) -> range:
        return range(1, self._turn + 1)


def _is_full(rows: Sequence[pa.Table]) -> bool:
    return sum(r.num_rows for r in rows) >= _PIECE_ROWS or int(sum(r.nbytes for r in rows)) >= _PIECE_BYTES


def _pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches put together to tables of a good size for one file."""
    waiting: list[pa.Table] = []
    for batch in batches:
        waiting.append(pa.Table.from_batches([batch]))
        if _is_full(waiting):
            yield pa.concat_tables(waiting)
            waiting.clear()
    if waiting:
        yield pa.concat_tables(waiting)
