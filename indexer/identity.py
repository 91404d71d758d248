"""Who and what a record is: hashed ids of people, ids made for records without one, the hash of the content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer.reading.personal import hashed
from indexer.records import RESULT_TYPE, Kind, Privacy, Record

HEX_DIGITS: Final = 32
_APART: Final = "\x1f"


def hash_people(table: pa.Table, record: Record, salt: str) -> pa.Table:
    """The table with each personal id replaced by HMAC-SHA256(salt, id), first 32 hexadecimal digits.

    Ids are hashed once, when a raw file is read; what a store holds is hashed already and never comes here.
    """
    for field in record.raw_fields:
        if field.privacy is Privacy.HASH and field.name in table.column_names:
            place = table.column_names.index(field.name)
            table = table.set_column(place, field.name, _hash_column(_whole(table[field.name]), salt))
    return table


def _hash_column(column: pa.Array, salt: str) -> pa.Array:
    encoded = column.dictionary_encode()
    values = [hashed(salt, value) for value in encoded.dictionary.to_pylist()]
    return pa.array(values, pa.string()).take(encoded.indices)


def search_ids(table: pa.Table, salt: str) -> pa.Array:
    """Ids of searches without one, from user, session, raw query and time: the id of the first of identical rows."""
    return _made(salt, "search", *(_strings(table[name]) for name in ("user_id", "session_id", "query", "searched_at")))


def note_ids(table: pa.Table, salt: str) -> pa.Array:
    """Ids of notes without one, from author, time and text."""
    return _made(salt, "note", *(_strings(table[name]) for name in ("author_id", "published_at", "title", "content")))


def volume_ids(table: pa.Table) -> pa.Array:
    """Ids of keyword volumes, from keyword, unit, period and source."""
    names = ("keyword", "unit", "period_start", "period_end", "source")
    return _made("", "volume", *(_strings(table[name]) for name in names))


def ad_ids(table: pa.Table, split: Sequence[str] | None = None) -> pa.Array:
    """Ids of ad figures, from keyword, date and note, and from what else parts the rows of an export."""
    columns = [_strings(table[name]) for name in ("keyword", "date", "note_id")]
    return _made("", "ad", *columns, *([split] if split is not None else []))


def _made(salt: str, kind: str, *columns: Iterable[str]) -> pa.Array:
    rows = zip(*columns, strict=True)
    return pa.array([hashed(salt or kind, _APART.join((kind, *row))) for row in rows], pa.string())


def _strings(column: pa.ChunkedArray) -> list[str]:
    """Values as text that is the same whatever file they came from; null is not the empty text."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.int64())
    if pa.types.is_date(kind):
        column = column.cast(pa.int32())
    text: list[str] = pc.fill_null(pc.binary_join_element_wise("=", column.cast(pa.string()), ""), "").to_pylist()
    return text


class Occurrences:
    """Numbers identical rows of one file, so that each keeps an id of its own.

    Kept are 12 bytes for each distinct row, as sorted runs of doubling size, never the rows.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]] = []

    def number(self, ids: pa.Array) -> npt.NDArray[np.int64]:
        """How many identical rows came before each of these."""
        keys = np.array([int(value[:16], 16) for value in ids.to_pylist()], np.uint64)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = (
            np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
            if len(keys)
            else np.empty(0, np.int64)
        )
        counts = np.diff(np.append(starts, len(keys)))
        distinct = ordered[starts]
        before = np.zeros(len(distinct), np.int64)
        for known, seen in self._runs:
            place = np.minimum(np.searchsorted(known, distinct), len(known) - 1)
            before += np.where(known[place] == distinct, seen[place], 0)
        numbers = np.empty(len(keys), np.int64)
        numbers[order] = np.arange(len(keys)) - np.repeat(starts, counts) + np.repeat(before, counts)
        if len(distinct):
            self._keep(distinct, counts.astype(np.uint32))
        return numbers

    def _keep(self, keys: npt.NDArray[np.uint64], counts: npt.NDArray[np.uint32]) -> None:
        while self._runs and len(self._runs[-1][0]) <= 2 * len(keys):
            other, seen = self._runs.pop()
            both = np.concatenate([keys, other])
            order = np.argsort(both, kind="stable")
            both, sums = both[order], np.concatenate([counts, seen])[order]
            starts = np.flatnonzero(np.concatenate(([True], both[1:] != both[:-1])))
            keys, counts = both[starts], np.add.reduceat(sums, starts).astype(np.uint32)
        self._runs.append((keys, counts))


def numbered_ids(ids: pa.Array, numbers: npt.NDArray[np.int64], salt: str) -> pa.Array:
    """Ids of identical rows: the first keeps the plain id, later ones get their number into it."""
    if not numbers.any():
        return ids
    values = ids.to_pylist()
    for index in np.flatnonzero(numbers).tolist():
        values[index] = hashed(salt, f"{values[index]}{_APART}{numbers[index]}")
    return pa.array(values, pa.string())


def content_hashes(table: pa.Table, record: Record) -> pa.Array:
    """Hash of each row over its raw fields but the id, the same whatever file format the values came from.

    Every value is written with its length before it, so that no two different rows are written alike.
    """
    fields = [field for field in record.raw_fields if field.name != record.id_field]
    parts = [_canonical(_whole(table[field.name]), field.kind) for field in fields]
    rows = pc.binary_join_element_wise(*parts, "")
    return pa.array(
        [hashlib.sha256(row).hexdigest()[:HEX_DIGITS] for row in rows.cast(pa.binary()).to_pylist()], pa.string()
    )


def _canonical(column: pa.Array, kind: Kind) -> pa.Array:
    if kind is Kind.RESULTS:
        flat = column.flatten()
        fields = [_scalar(pc.struct_field(flat, field.name)) for field in RESULT_TYPE]
        return _joined(column, pc.binary_join_element_wise(*fields, "") if len(flat) else pa.array([], pa.string()))
    if kind in (Kind.STRINGS, Kind.TERMS):
        return _joined(column, _scalar(column.flatten()))
    return _scalar(column)


def _joined(column: pa.Array, flat: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(column), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    lists = pa.ListArray.from_arrays(offsets, flat)
    body = pc.binary_join(lists, "")
    head = pc.if_else(column.is_null(), "-", pc.binary_join_element_wise("[", lengths.cast(pa.string()), "]", ""))
    return pc.binary_join_element_wise(head, body, "")


def _scalar(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_floating(kind):
        column = pc.add(column, 0.0).view(pa.int64())  # the bits: no rounding in a printed form; -0.0 is 0.0
    elif pa.types.is_timestamp(kind):
        column = column.cast(pa.int64())
    elif pa.types.is_date(kind):
        column = column.cast(pa.int32())
    text = column.cast(pa.string())
    length = pc.binary_length(text).cast(pa.string())
    return pc.fill_null(pc.binary_join_element_wise(length, ":", text, ""), "-")


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return found.chunk(0) if isinstance(found, pa.ChunkedArray) else found
