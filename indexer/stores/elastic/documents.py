"""Rows of Arrow tables as documents, and back, without loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from indexer.errors import PartialAnswerError
from indexer.records import ARROW_TYPES, CONTENT_HASH, RECORDS, Kind
from indexer.stores.elastic.names import BY_MONTH, UNDATED, WHOLE

# How a kind travels in JSON where that differs from how Arrow holds it.
_WIRE: Final[dict[Kind, pa.DataType]] = {Kind.TIMESTAMP: pa.int64(), Kind.DAY: pa.string()}


def to_documents(record: str, rows: pa.Table) -> list[dict[str, Any]]:
    """Rows of a record's schema as JSON objects with every field, absent ones as null."""
    arrays = []
    for name in rows.column_names:
        column = rows.column(name)
        wire = None if name == CONTENT_HASH else _WIRE.get(RECORDS[record].field(name).kind)
        arrays.append(column if wire is None else column.cast(wire))
    documents: list[dict[str, Any]] = pa.table(arrays, names=rows.column_names).to_pylist()
    return documents


def from_documents(record: str, columns: Sequence[str], documents: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Documents as rows with the given columns; a field that a document lacks is null.

    Raises:
        PartialAnswerError: A document does not hold what the record declares.
    """
    schema = RECORDS[record].schema
    arrays = []
    for name in columns:
        kind = Kind.TEXT if name == CONTENT_HASH else RECORDS[record].field(name).kind
        values = [document.get(name) for document in documents]
        try:
            arrays.append(pa.array(values, _WIRE.get(kind, ARROW_TYPES[kind])).cast(ARROW_TYPES[kind]))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            raise PartialAnswerError(
                f"the store holds a {record} whose {name} is not {kind}: {error}",
                hint="something else has written to the store's indices; import into a new store",
            ) from error
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([schema.field(name) for name in columns]))


def parts_of_rows(record: str, rows: pa.Table) -> list[str]:
    """The part each row belongs to: its month for searches, the whole for all other records."""
    if record not in BY_MONTH:
        return [WHOLE] * rows.num_rows
    months = pc.fill_null(pc.strftime(rows.column("day"), format="%Y%m"), UNDATED)
    return [month if len(month) == len("202601") else UNDATED for month in months.to_pylist()]


def keep_last(rows: pa.Table, id_field: str) -> pa.Table:
    """The rows with each id once, the last of them, in order."""
    numbered = pa.table({"id": rows.column(id_field), "row": pa.array(range(rows.num_rows), pa.int64())})
    last = numbered.group_by("id").aggregate([("row", "max")])
    if last.num_rows == rows.num_rows:
        return rows
    return rows.take(last.column("row_max").combine_chunks().sort())
