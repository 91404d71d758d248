"""What every store checks before it does anything, so that wrong use is refused in the same words everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from indexer.errors import UsageError
from indexer.records import CONTENT_HASH, RECORDS, Field, Kind, Record
from indexer.stores.contract import RUN_ROWS, TERM_COLUMNS, TermQueries

LONGEST_ID: Final = 512  # bytes of UTF-8; Elasticsearch takes no longer ones, so no store does
GROUPED_KINDS: Final = (Kind.KEYWORD, Kind.DAY, Kind.INTEGER, Kind.BOOLEAN)
EXTENT_KINDS: Final = (Kind.DAY, Kind.TIMESTAMP)

Window = tuple[str, date, date]


def record_of(name: str) -> Record:
    """The record of that name; ``UsageError`` when there is none."""
    record = RECORDS.get(name)
    if record is None:
        raise UsageError(f"there is no record {name!r}", hint="records: " + ", ".join(RECORDS))
    return record


def columns_of(record: Record, columns: Sequence[str] | None) -> list[str]:
    """The columns asked for (all stored ones for None), each known and named once."""
    known = record.schema.names
    if columns is None:
        return list(known)
    for column in columns:
        if column not in known:
            raise UsageError(f"{record.name} has no column {column!r}", hint="columns: " + ", ".join(known))
    if not columns or len(set(columns)) != len(columns):
        raise UsageError(f"name each column of {record.name} once: {', '.join(columns) or 'none were named'}")
    return list(columns)


def schema_of(record: Record, columns: Sequence[str]) -> pa.Schema:
    """The Arrow schema of those columns, in that order."""
    return pa.schema([record.schema.field(column) for column in columns])


def grouping_of(record: Record, by: Sequence[str]) -> list[str]:
    """The columns to group by: exact strings, days, integers and booleans only."""
    names = columns_of(record, by)
    for name in names:
        if name == CONTENT_HASH or record.field(name).kind not in GROUPED_KINDS:
            raise UsageError(f"{record.name}.{name} can't be grouped by", hint="it is not an exact value")
    return names


def extent_field(record: Record, column: str) -> Field:
    """The day or timestamp column of that name."""
    (name,) = columns_of(record, [column])
    if name == CONTENT_HASH or record.field(name).kind not in EXTENT_KINDS:
        raise UsageError(f"{record.name}.{column} is neither a day nor a time")
    return record.field(name)


def window_of(record: Record, window: Window | None) -> Window | None:
    """The window, its column checked to be a day; an empty or reversed window is allowed and holds nothing."""
    if window is None:
        return None
    if window[0] not in record.names or record.field(window[0]).kind is not Kind.DAY:
        raise UsageError(f"{record.name}.{window[0]} is not a day, so it has no window")
    return window


def check_schema(rows: pa.Table | pa.RecordBatch, schema: pa.Schema, what: str) -> pa.Table:
    """The rows as a table, when names, order, types and values are exactly those of ``schema``.

    Engines cast in silence (2.7 becomes 2 in an integer column), so nothing but the exact types goes through.
    """
    table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
    if table.schema.names != schema.names:
        different = sorted(set(table.schema.names) ^ set(schema.names)) or ["their order"]
        raise UsageError(f"rows of {what} have the wrong columns: {', '.join(different)}")
    for found, wanted in zip(table.schema, schema, strict=True):
        if not found.type.equals(wanted.type):
            raise UsageError(f"{what}.{wanted.name} is {found.type}, but must be {wanted.type}")
        if not wanted.nullable and table.column(wanted.name).null_count:
            raise UsageError(f"{what}.{wanted.name} must not be empty")
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        raise UsageError(f"rows of {what} are not valid: {error}") from error
    return table.cast(schema) if table.schema != schema else table


def check_rows(record: Record, rows: pa.Table | pa.RecordBatch) -> tuple[pa.Table, tuple[tuple[str, str], ...]]:
    """Rows of a record that a store can take, and the others as ``(id, reason)``.

    Raises:
        UsageError: The schema is not exactly the record's.
    """
    table = check_schema(rows, record.schema, record.name)
    ids = table.column(record.id_field)
    lengths = pc.fill_null(pc.binary_length(ids), 0)
    good = pc.and_(pc.greater(lengths, 0), pc.less_equal(lengths, LONGEST_ID))
    if pc.all(good, min_count=0).as_py():
        return table, ()
    refused = ids.filter(pc.invert(good)).to_pylist()
    reason = f"the id is longer than {LONGEST_ID} bytes"
    rejected = tuple((value or "", reason if value else "the id is empty") for value in refused)
    return table.filter(good), rejected


def run_tables(rows: pa.Table | Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Rows of a run piece by piece, each in the ``RUN_ROWS`` schema; ``UsageError`` otherwise."""
    pieces = [rows] if isinstance(rows, pa.Table) else (pa.Table.from_batches([batch]) for batch in rows)
    for piece in pieces:
        yield check_schema(piece, RUN_ROWS, "run rows")


def storable(texts: Iterable[str]) -> list[str]:
    """The distinct texts that a store can hold, in order; one with a lone surrogate is in no store."""
    return [text for text in dict.fromkeys(texts) if not any("\ud800" <= c <= "\udfff" for c in text)]


def term_column(column: str) -> str:
    """The column of notes to look for terms in; ``UsageError`` when it is none."""
    if column not in TERM_COLUMNS:
        raise UsageError(f"note.{column} can't be searched for terms", hint="columns: " + ", ".join(TERM_COLUMNS))
    return column


def check_queries(queries: TermQueries) -> None:
    """``UsageError`` when a keyword has no terms, or a term is empty or no valid text."""
    for number, terms in enumerate(queries.terms):
        if not terms or not all(terms):
            raise UsageError(f"keyword {number} has no terms")
    texts = (term for terms in queries.terms for term in terms)
    try:
        "".join(texts).encode()
    except UnicodeEncodeError as error:
        raise UsageError("a keyword holds half a character (a lone surrogate)") from error
