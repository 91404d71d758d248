"""A chunk of a file -> raw fields of a record, with every row that can't be taken told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from indexer import identity
from indexer.reading.chunks import Chunk, Column, RawChunk, Rejected
from indexer.reading.formats.format import Target, cells
from indexer.reading.formats.levels import with_paths
from indexer.reading.personal import CONTACT, MASK, MAYBE_CONTACT, has_contact
from indexer.reading.recognise import Plan
from indexer.reading.results import convert_results
from indexer.reading.times import SHANGHAI, day_of, horizon
from indexer.reading.values import Reasons, convert, figure
from indexer.records import ARROW_TYPES, RECORDS, UNITS, Kind, Record

_NAMES: Final = ("brand", "city", "channel", "category", "note_type", "source")  # exact strings that may hold a contact
_SHARES: Final = ("finish_rate",)
_PAST: Final = ("searched_at", "published_at", "ordered_at", "date")  # when something happened
_NOT_NEGATIVE: Final = [
    "read_seconds",
    "volume",
    "volume_low",
    "volume_high",
    "competition",
    "bid_low",
    "bid_high",
    "cost",
    "revenue",
    "price",
    "average_position",
    "median_reads",
    "median_engagement",
]
# No figure of a note, keyword or order is larger; their sums stay exact, and their squares finite.
_MOST: Final[dict[Kind, float]] = {Kind.INTEGER: 10**13, Kind.NUMBER: 1e15}


@dataclass(slots=True)
class RawRows:
    """Rows of a record: its raw fields (people hashed, every row with an id unless the id is derived).

    Attributes:
        table: The rows.
        lines: Their lines in the file.
        rejected: Rows that were not taken.
        unknown: Columns that were not understood.
        passed: Rows that are none (titles, events without a result).
        made_ids: Which rows had no id of their own.
    """

    table: pa.Table
    lines: npt.NDArray[np.int64]
    rejected: list[Rejected]
    unknown: list[str]
    passed: int
    made_ids: npt.NDArray[np.bool_]

    @property
    def read(self) -> int:
        """Rows that were read and claim to be records."""
        return len(self.lines) + len(self.rejected)


def raw_rows(raw: RawChunk, plan: Plan, salt: str, searched_at: date | None, *, now: datetime | None = None) -> RawRows:
    """Parse, map, convert and check a chunk; what happened a day after ``now`` (None: this moment) is not taken."""
    chunk = raw.parse()
    brought = list(chunk.columns)
    form = plan.format
    if form is not None and form.prepare is not None and len(chunk):
        chunk = form.prepare(chunk)
    if plan.joins_levels:
        chunk = with_paths(chunk, plan.mapping)
    record = RECORDS[plan.record]
    columns, reasons = _mapped(chunk, plan, record, searched_at)
    _fill(columns, plan, record, searched_at, len(chunk))
    for field in record.raw_fields:
        if field.kind is Kind.TEXT:
            columns[field.name] = _masked(columns[field.name])
    table = pa.table([columns[field.name] for field in record.raw_fields], [field.name for field in record.raw_fields])
    for index, reason in _faults(table, record, horizon(now), events=form is not None and form.merge):
        reasons.setdefault(index, reason)
    rejected = list(chunk.broken)
    for index in sorted(reasons):
        row = {name: cell for name, cell in chunk.row(index).items() if name in brought}
        rejected.append(Rejected(int(chunk.lines[index]), reasons[index], row))
    keep = np.delete(np.arange(len(chunk)), sorted(reasons))
    split = _split_keys(chunk, plan)
    taken = identity.hash_people(table.take(pa.array(keep)) if reasons else table, record, salt)
    taken, made = _with_ids(taken, record, salt, None if split is None else [split[index] for index in keep])
    unknown = [name for name in brought if plan.targets(name) is None]
    return RawRows(taken, chunk.lines[keep], rejected, unknown, chunk.passed, made)


def _mapped(chunk: Chunk, plan: Plan, record: Record, day: date | None) -> tuple[dict[str, pa.Array], Reasons]:
    columns: dict[str, pa.Array] = {}
    reasons: Reasons = {}
    for name, column in chunk.columns.items():
        for target in plan.targets(name) or ():
            made, bad = _converted(column, target, record, day)
            for field, array in made.items():
                first = columns.get(field)
                columns[field] = array if first is None else pc.if_else(first.is_valid(), first, array)
            for index, reason in bad.items():
                reasons.setdefault(index, f"{name}: {reason}")
    form = plan.format
    if form is not None and form.empties:
        blank = pa.array(sorted(form.empties))
        for described in record.raw_fields:
            if described.kind is Kind.TEXT and described.name in columns:
                text = columns[described.name]
                columns[described.name] = pc.if_else(
                    pc.is_in(pc.utf8_trim_whitespace(text), blank), pa.scalar(None, pa.string()), text
                )
    return columns, reasons


def _converted(column: Column, target: Target, record: Record, day: date | None) -> tuple[dict[str, pa.Array], Reasons]:
    kind = record.field(target.field).kind
    if kind is Kind.RESULTS:
        made, bad = convert_results(column)
        return {target.field: made}, bad
    if record.name == "volume" and target.field == "volume":
        return _figures(column)
    made, bad = convert(column, kind, target.unit, day=day)
    return {target.field: made}, bad


def _figures(column: Column) -> tuple[dict[str, pa.Array], Reasons]:
    """A figure and, where it is a range or censored, its ends."""
    values: list[float | None] = []
    lows: list[float | None] = []
    highs: list[float | None] = []
    reasons: Reasons = {}
    for index, cell in enumerate(column if isinstance(column, list) else column.to_pylist()):
        found = None
        try:
            found = None if cell is None or cell == "" else figure(cell)
        except ValueError as error:
            reasons[index] = str(error)
        values.append(None if found is None else found.value)
        lows.append(None if found is None or found.exact else found.low)
        highs.append(None if found is None or found.exact else found.high)
    kind = pa.float64()
    return {
        "volume": pa.array(values, kind),
        "volume_low": pa.array(lows, kind),
        "volume_high": pa.array(highs, kind),
    }, reasons


def _fill(columns: dict[str, pa.Array], plan: Plan, record: Record, day: date | None, rows: int) -> None:
    """Constants, ``--searched-at``, and null for fields that the file does not have."""
    constants: dict[str, Any] = dict(plan.format.constants) if plan.format is not None else {}
    if day is not None and record.name == "search":
        constants["searched_at"] = datetime.combine(day, time(), SHANGHAI)
    for field in record.raw_fields:
        kind = ARROW_TYPES[field.kind]
        found = columns.get(field.name)
        if found is None:
            found = pa.nulls(rows, kind)
        if field.name in constants:
            found = pc.fill_null(found, pa.scalar(constants[field.name], kind))
        columns[field.name] = found
    for name in _NAMES:
        if name in columns and columns[name].type == pa.string():
            columns[name] = _without_contacts(columns[name])


def _masked(column: pa.Array) -> pa.Array:
    """Free text with phone, identity numbers and e-mail addresses masked; most rows are passed over by Arrow."""
    if column.type != pa.string():
        return column
    suspected = pc.indices_nonzero(pc.fill_null(pc.match_substring_regex(column, MAYBE_CONTACT), fill_value=False))
    if not len(suspected):
        return column
    flags = np.zeros(len(column), bool)
    flags[suspected.to_numpy()] = True
    texts = pa.array([CONTACT.sub(MASK, text) for text in column.take(suspected).to_pylist()], pa.string())
    return pc.replace_with_mask(column, pa.array(flags), texts)


def _without_contacts(column: pa.Array) -> pa.Array:
    encoded = column.dictionary_encode()
    values = [None if has_contact(value) else value for value in encoded.dictionary.to_pylist()]
    return column if None not in values else pa.array(values, pa.string()).take(encoded.indices)


def _faults(table: pa.Table, record: Record, future: datetime, *, events: bool) -> list[tuple[int, str]]:
    """Rows that lack what is required or hold what can't be."""
    faults: list[tuple[int, str]] = []

    def fault(wrong: pa.ChunkedArray | pa.Array, reason: str) -> None:
        mask = pc.fill_null(wrong, False).to_numpy(zero_copy_only=False)  # noqa: FBT003 - a value, not a flag
        faults.extend((index, reason) for index in np.flatnonzero(mask).tolist())

    for field in record.raw_fields:
        if field.required and not (events and field.name == "query"):
            fault(table[field.name].is_null(), f"{field.name} is missing")
    if record.one_of:
        missing = table[record.one_of[0]].is_null()
        for name in record.one_of[1:]:
            missing = pc.and_(missing, table[name].is_null())
        fault(missing, f"{' and '.join(record.one_of)} are missing")
    for name in set(_PAST) & set(table.column_names):
        kind = table[name].type
        first = pa.scalar(day_of(future) if pa.types.is_date(kind) else future, kind)
        late = pc.greater(table[name], first) if pa.types.is_date(kind) else pc.greater_equal(table[name], first)
        fault(late, f"{name} lies in the future")
    for wrong, reason in _out_of_range(table, record):
        fault(wrong, reason)
    if "unit" in table.column_names:
        fault(pc.invert(pc.is_in(table["unit"], pa.array(UNITS))), f"unit is none of {', '.join(UNITS)}")
    for low, high in (("volume_low", "volume_high"), ("bid_low", "bid_high"), ("period_start", "period_end")):
        if low in table.column_names:
            fault(pc.greater(table[low], table[high]), f"{low} is above {high}")
    return faults


def _out_of_range(table: pa.Table, record: Record) -> Iterator[tuple[pa.ChunkedArray | pa.Array, str]]:
    """Where a figure can't be one, and why."""
    there = set(table.column_names)
    for name in set(_NOT_NEGATIVE) & there:
        yield pc.less(table[name], 0.0), f"{name} is below 0"
    for field in record.raw_fields:
        if field.kind in _MOST and field.name in there:
            most = pa.scalar(_MOST[field.kind], table[field.name].type)
            yield pc.greater(table[field.name], most), f"{field.name} is too large"
    for name in set(_SHARES) & there:
        yield pc.or_(pc.less(table[name], 0.0), pc.greater(table[name], 1.0)), f"{name} is not from 0 to 1"


def _split_keys(chunk: Chunk, plan: Plan) -> list[str] | None:
    form = plan.format
    if form is None or not form.split_by:
        return None
    parts = [cells(chunk, name) for name in form.split_by]
    return ["\x1f".join("" if cell is None else str(cell).strip() for cell in row) for row in zip(*parts, strict=True)]


def _with_ids(
    table: pa.Table, record: Record, salt: str, split: list[str] | None
) -> tuple[pa.Table, npt.NDArray[np.bool_]]:
    made = np.zeros(len(table), bool)
    if record.name == "ad" and split is not None and any(key.strip("\x1f") for key in split):
        return table.append_column("ad_id", identity.ad_ids(table, split)), made
    maker = {"search": identity.search_ids, "note": identity.note_ids}.get(record.name)
    if maker is None or not len(table):
        return table, made
    ids = table[record.id_field]
    if not ids.null_count:
        return table, made
    made = ids.is_null().to_numpy()
    place = table.column_names.index(record.id_field)
    return table.set_column(place, record.id_field, pc.coalesce(ids, maker(table, salt))), made
