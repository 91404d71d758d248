"""Result lists of searches: ``results[{note_id, position, clicked, ...}]`` and their names in other logs."""

from __future__ import annotations

import math
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from indexer.reading.chunks import Column
from indexer.reading.values import LONGEST_KEYWORD, Converted, Reasons, as_arrow, boolean, figure, keyword
from indexer.records import RESULT_TYPE

_NAMES: Final = {
    "note_id": ("note_id", "note_idx", "noteid", "object_id", "id", "doc_id"),
    "position": ("position", "rank", "ordinal"),
    "clicked": ("clicked", "click"),
    "dwell_seconds": ("dwell_seconds", "page_time", "dwell", "dwell_time"),
    "liked": ("liked", "like"),
    "collected": ("collected", "collect"),
    "commented": ("commented", "comment"),
    "shared": ("shared", "share"),
}
_FLAGS: Final = frozenset(("clicked", "liked", "collected", "commented", "shared"))
_MOST_RESULTS: Final = 10_000


def convert_results(column: Column) -> Converted:
    """A column of result lists; null where results were not recorded, empty where nothing was found."""
    array = as_arrow(column)
    if array is not None:
        if pa.types.is_null(array.type):
            return pa.nulls(len(array), pa.list_(RESULT_TYPE)), {}
        fast = _by_arrow(array)
        if fast is not None:
            return fast, {}
    return _by_value(column if isinstance(column, list) else column.to_pylist())


def _by_arrow(column: pa.Array) -> pa.Array | None:
    """Lists of structs whose values are all as they should be, without a Python object a result."""
    if not pa.types.is_list(column.type) or not pa.types.is_struct(column.type.value_type):
        return None
    flat = column.flatten()
    there = {field.name for field in column.type.value_type}
    fields: dict[str, pa.Array] = {}
    for ours, names in _NAMES.items():
        named = [name for name in names if name in there]
        if len(named) > 1:  # which one counts may differ from result to result
            return None
        if named:
            fields[ours] = _field(ours, pc.struct_field(flat, named[0]))
            if fields[ours] is None:
                return None
    if flat.null_count or "note_id" not in fields or fields["note_id"].null_count:
        return None
    arrays = [fields.get(field.name, pa.nulls(len(flat), field.type)) for field in RESULT_TYPE]
    lengths = pc.fill_null(pc.list_value_length(column), 0)
    if (pc.max(lengths).as_py() or 0) > _MOST_RESULTS:
        return None
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    return pa.ListArray.from_arrays(
        offsets, pa.StructArray.from_arrays(arrays, fields=list(RESULT_TYPE)), mask=column.is_null()
    )


def _field(ours: str, values: pa.Array) -> pa.Array | None:
    kind = values.type
    try:
        if pa.types.is_null(kind):
            return values.cast(RESULT_TYPE.field(ours).type)
        if ours == "note_id":
            text = values.cast(pa.string()) if pa.types.is_integer(kind) else values
            return text if pa.types.is_string(text.type) and _clean_ids(text) else None
        if ours in _FLAGS:
            return values if pa.types.is_boolean(kind) else _flags(values)
        number = values.cast(pa.float64()) if not pa.types.is_string(kind) else None
        if number is None or pc.all(pc.and_(pc.is_finite(number), pc.greater_equal(number, 0.0))).as_py() is False:
            return None
        return number.cast(pa.int64()) if ours == "position" else number
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _flags(values: pa.Array) -> pa.Array | None:
    """0 and 1 as no and yes; None when there is anything else."""
    if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        return None
    number = values.cast(pa.float64())
    plain = pc.all(pc.is_in(pc.fill_null(number, 0.0), pa.array([0.0, 1.0]))).as_py()
    return pc.equal(number, 1.0) if plain is not False else None


def _clean_ids(text: pa.Array) -> bool:
    longest = pc.max(pc.binary_length(text)).as_py() or 0
    shortest = pc.min(pc.binary_length(text)).as_py()
    return (
        longest <= LONGEST_KEYWORD
        and (shortest is None or shortest > 0)
        and bool(pc.all(pc.equal(pc.utf8_trim_whitespace(text), text)).as_py() is not False)
    )


def _by_value(cells: list[Any]) -> Converted:
    out: list[list[dict[str, Any]] | None] = []
    reasons: Reasons = {}
    for index, cell in enumerate(cells):
        try:
            out.append(_results(cell))
        except ValueError as error:
            out.append(None)
            reasons[index] = str(error)
    return pa.array(out, pa.list_(RESULT_TYPE)), reasons


def _results(cell: Any) -> list[dict[str, Any]] | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        try:
            cell = orjson.loads(cell)
        except orjson.JSONDecodeError:
            raise ValueError("results are not a JSON list") from None
    if not isinstance(cell, list):
        raise ValueError("results are not a list")  # noqa: TRY004 - one error for a bad cell
    if len(cell) > _MOST_RESULTS:
        raise ValueError(f"{len(cell):,} results, at most {_MOST_RESULTS:,} are taken")
    return [_result(entry, place) for place, entry in enumerate(cell, 1)]


def _result(entry: Any, place: int) -> dict[str, Any]:
    if isinstance(entry, str | int | float) and not isinstance(entry, bool):
        entry = {"note_id": entry, "position": place}
    if not isinstance(entry, dict):
        raise ValueError(f"result {place} is neither an object nor a note id")  # noqa: TRY004 - one error for a bad cell
    out: dict[str, Any] = {}
    for ours, names in _NAMES.items():
        value = next((entry[name] for name in names if entry.get(name) is not None), None)
        if value is None:
            continue
        try:
            out[ours] = (
                keyword(value) if ours == "note_id" else boolean(value) if ours in _FLAGS else _measure(ours, value)
            )
        except ValueError as error:
            raise ValueError(f"result {place}: {ours}: {error}") from None
    if not out.get("note_id"):
        raise ValueError(f"result {place} has no note_id")
    return out


def _measure(ours: str, value: Any) -> float | int | None:
    found = figure(value)
    if found is None:
        return None
    if ours == "dwell_seconds" and found.value == -1:  # how logs write an unknown time
        return None
    if found.value < 0:
        raise ValueError(f"{value!r} is below 0")
    if ours == "position":
        if not math.isfinite(found.value) or found.value != int(found.value) or found.value >= 2**31:
            raise ValueError(f"{value!r} is not a position")
        return int(found.value)
    return found.value
