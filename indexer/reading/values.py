"""Columns of a file -> columns of a record: Arrow casts where they can do it, value by value where they can't.

Every converter takes a column and answers with an Arrow array of the kind's type and, by row, the reasons of the cells
that could not be taken (those are null in the array).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from indexer.reading.chunks import Column
from indexer.reading.formats.format import Unit
from indexer.reading.numbers import Figure, parse_figure
from indexer.reading.personal import has_contact
from indexer.reading.times import day_of, parse_time
from indexer.records import ARROW_TYPES, Kind

Reasons = dict[int, str]
Converted = tuple[pa.Array, Reasons]

LONGEST_TEXT: Final = 1_000_000  # characters
LONGEST_KEYWORD: Final = 512  # bytes in UTF-8: the longest id Elasticsearch takes
_SHOWN: Final = 40
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}")  # hexadecimal ids may look alike, but are longer
_EXACT: Final = 2**53
_INT64: Final = 2**63
_TRUE: Final = frozenset(("true", "t", "yes", "y", "1", "1.0", "是", "有", "已报备", "商业笔记", "广告", "√"))
_FALSE: Final = frozenset(("false", "f", "no", "n", "0", "0.0", "否", "无", "未报备", "非商业笔记", "×", "x"))
_PARTS: Final = re.compile(r"[,，、;；|\n\t]+")
_HASHTAG_END: Final = re.compile(r"\[话题\]#?$")


def convert(column: Column, kind: Kind, unit: Unit, *, day: date | None = None) -> Converted:
    """A column as the Arrow type of its kind."""
    array = as_arrow(column)
    if array is not None:
        if pa.types.is_null(array.type):
            return pa.nulls(len(array), ARROW_TYPES[kind]), {}
        fast = _by_arrow(array, kind, unit)
        if fast is not None:
            return fast, {}
    return _by_value(column if isinstance(column, list) else column.to_pylist(), kind, unit, day)


def as_arrow(column: Column) -> pa.Array | None:
    """The column as an Arrow array; None where its values have no common type."""
    if isinstance(column, pa.Array):
        return column
    try:
        return pa.array(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return None


def _by_arrow(column: pa.Array, kind: Kind, unit: Unit) -> pa.Array | None:
    """The column converted without a Python object a cell; None when it takes a closer look."""
    if unit is not Unit.PLAIN:
        return None
    caster = _CASTS.get(kind)
    try:
        return None if caster is None else caster(column)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _text_by_arrow(column: pa.Array) -> pa.Array | None:
    if pa.types.is_integer(column.type):
        return column.cast(pa.string())
    if not pa.types.is_string(column.type) or (pc.max(pc.utf8_length(column)).as_py() or 0) > LONGEST_TEXT:
        return None
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)
    return pc.if_else(blank, pa.scalar(None, pa.string()), column)


def _keyword_by_arrow(column: pa.Array) -> pa.Array | None:
    if pa.types.is_integer(column.type):
        return column.cast(pa.string())
    if not pa.types.is_string(column.type):
        return None
    trimmed = pc.utf8_trim_whitespace(column)
    if (pc.max(pc.binary_length(trimmed)).as_py() or 0) > LONGEST_KEYWORD:
        return None
    if pc.any(pc.match_substring_regex(trimmed, r"^(?:\d(?:\.\d+)?[eE]\+?\d{1,3}|=\".*|'.*)$")).as_py():
        return None
    return pc.if_else(pc.equal(pc.binary_length(trimmed), 0), pa.scalar(None, pa.string()), trimmed)


def _integer_by_arrow(column: pa.Array) -> pa.Array | None:
    if not (pa.types.is_integer(column.type) or pa.types.is_string(column.type)):
        return None
    return _not_negative(_without_empty(column).cast(pa.int64()))


def _number_by_arrow(column: pa.Array) -> pa.Array | None:
    numbers = _without_empty(column)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_string(column.type)):
        return None
    floats = numbers.cast(pa.float64())
    return floats if pc.all(pc.is_finite(floats)).as_py() is not False else None


def _not_negative(numbers: pa.Array) -> pa.Array | None:
    low = pc.min(numbers).as_py()
    return numbers if low is None or low >= 0 else None


def _without_empty(column: pa.Array) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column
    return pc.if_else(pc.equal(pc.binary_length(column), 0), pa.scalar(None, pa.string()), column)


def _boolean_by_arrow(column: pa.Array) -> pa.Array | None:
    return column if pa.types.is_boolean(column.type) else None


def _time_by_arrow(column: pa.Array) -> pa.Array | None:
    """ISO text with zones as it is, without zones as Asia/Shanghai; possible years only."""
    stamps = column
    if pa.types.is_string(column.type):
        text = _without_empty(column)
        zoned = pc.match_substring_regex(text, r"(?:Z|[+-]\d{2}:?\d{2})$")
        if pc.any(pc.invert(pc.match_substring_regex(text, r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"))).as_py():
            return None
        if pc.all(zoned).as_py() and text.null_count < len(text):
            stamps = text.cast(pa.timestamp("us", tz="UTC"))
        elif pc.any(zoned).as_py():
            return None
        else:
            stamps = text.cast(pa.timestamp("us"))
    if not pa.types.is_timestamp(stamps.type):
        return None
    stamps = stamps.cast(pa.timestamp("us", tz=stamps.type.tz), safe=False)
    if stamps.type.tz is None:
        stamps = pc.assume_timezone(stamps, "Asia/Shanghai")
    stamps = stamps.cast(pa.timestamp("us", tz="UTC"))
    bounds = pc.min_max(pc.year(stamps)).as_py()
    possible = bounds["min"] is None or (bounds["min"] > 1995 and bounds["max"] < 2099)  # noqa: PLR2004 - edges by value
    return stamps if possible else None


def _is_clean(name: str) -> bool:
    """Whether a name of a list is taken as it stands."""
    try:
        return strings([name]) == [name]
    except ValueError:
        return False


def _strings_by_arrow(column: pa.Array) -> pa.Array | None:
    """Lists of names that are all as they should be: trimmed, without hash signs or contacts."""
    if not pa.types.is_list(column.type) or not pa.types.is_string(column.type.value_type):
        return None
    encoded = column.flatten().dictionary_encode()
    if encoded.null_count or not all(map(_is_clean, encoded.dictionary.to_pylist())):
        return None
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    owner = np.repeat(np.arange(len(column)), lengths)
    _, first = np.unique(owner * max(len(encoded.dictionary), 1) + encoded.indices.to_numpy(), return_index=True)
    if len(first) == len(owner):
        return column
    kept = np.sort(first)  # of a name that a list repeats, the first
    offsets = np.concatenate(([0], np.cumsum(np.bincount(owner[kept], minlength=len(column)))))
    names = column.flatten().take(pa.array(kept))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), names, mask=column.is_null())


_CASTS: Final[dict[Kind, Callable[[pa.Array], pa.Array | None]]] = {
    Kind.TEXT: _text_by_arrow,
    Kind.KEYWORD: _keyword_by_arrow,
    Kind.STRINGS: _strings_by_arrow,
    Kind.INTEGER: _integer_by_arrow,
    Kind.NUMBER: _number_by_arrow,
    Kind.BOOLEAN: _boolean_by_arrow,
    Kind.TIMESTAMP: _time_by_arrow,
}


def _by_value(cells: list[Any], kind: Kind, unit: Unit, day: date | None) -> Converted:
    one = _converter(kind, unit, day)
    out: list[Any] = []
    reasons: Reasons = {}
    for index, cell in enumerate(cells):
        try:
            out.append(None if cell is None or cell == "" else one(cell))
        except ValueError as error:
            reasons[index] = str(error)
            out.append(None)
    return pa.array(out, ARROW_TYPES[kind]), reasons


def _converter(kind: Kind, unit: Unit, day: date | None) -> Callable[[Any], Any]:
    if kind is Kind.TIMESTAMP:
        return lambda cell: parse_time(cell, day=day)
    if kind is Kind.DAY:
        return _day
    if kind is Kind.NUMBER:
        return lambda cell: _number(cell, unit)
    if kind is Kind.KEYWORD and unit is Unit.NOTE_URL:
        return _note_of_url
    return _CONVERTERS[kind]


def text(cell: Any) -> str | None:
    """Free text; a number stands for its digits."""
    if isinstance(cell, bool | list | dict) or not isinstance(cell, str | int | float):
        raise ValueError(f"{_shown(cell)} is not text")  # noqa: TRY004 - one error for a bad cell
    found = cell if isinstance(cell, str) else _digits(cell)
    if len(found) > LONGEST_TEXT:
        raise ValueError(f"a text of {len(found):,} characters is longer than {LONGEST_TEXT:,}")
    return found if found.strip() else None


def keyword(cell: Any) -> str | None:
    """An exact string such as an id."""
    if isinstance(cell, bool | list | dict) or not isinstance(cell, str | int | float):
        raise ValueError(f"{_shown(cell)} is not an id or name")  # noqa: TRY004 - one error for a bad cell
    found = cell.strip() if isinstance(cell, str) else _digits(cell)
    if found.startswith('="') and found.endswith('"'):  # how exports keep Excel from reading digits as a number
        found = found[2:-1].strip()
    found = found.removeprefix("'")
    if _SCIENTIFIC.fullmatch(found):
        raise ValueError(f"{found!r} is an id that a spreadsheet has rounded; export the column as text")
    if len(found.encode()) > LONGEST_KEYWORD:
        raise ValueError(f"{found[:_SHOWN]!r}... is longer than {LONGEST_KEYWORD} bytes")
    return found or None


def _digits(number: float) -> str:
    if isinstance(number, float):
        if not math.isfinite(number):
            raise ValueError(f"{number} is no value")
        if number.is_integer():
            if abs(number) >= _EXACT:
                raise ValueError(f"{number!r} is a number too long to be exact; export the column as text")
            return str(int(number))
    return str(number)


def _note_of_url(cell: Any) -> str | None:
    found = keyword(cell)
    if found is None or "/" not in found:
        return found
    return found.split("?", 1)[0].split("#", 1)[0].rstrip("/").rsplit("/", 1)[-1] or None


def figure(cell: Any) -> Figure | None:
    """The figure in a cell, with its ends."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise ValueError(f"{_shown(cell)} is not a number")  # noqa: TRY004 - one error for a bad cell
    if isinstance(cell, str):
        return parse_figure(cell)
    if not math.isfinite(cell):
        return None
    return Figure(float(cell), float(cell), float(cell))


def _integer(cell: Any) -> int | None:
    if isinstance(cell, int) and not isinstance(cell, bool):
        number: float = cell
    else:
        found = figure(cell)
        if found is None:
            return None
        number = found.value
    if number < 0:
        raise ValueError(f"{_shown(cell)} is below 0")
    if number != int(number):
        raise ValueError(f"{_shown(cell)} is not a whole number")
    if number >= _INT64:
        raise ValueError(f"{_shown(cell)} is too large")
    return int(number)


def _number(cell: Any, unit: Unit) -> float | None:
    found = figure(cell)
    if found is None:
        return None
    value: float | None = found.value
    if unit is Unit.FEN:
        value = round(found.value / 100, 6)
    elif unit is Unit.PERCENT and not (isinstance(cell, str) and "%" in cell):
        value = round(found.value / 100, 12)
    elif unit is Unit.RANGE_LOW:
        value = found.low
    elif unit is Unit.RANGE_HIGH:
        value = found.high
    elif unit is Unit.LEVEL_REVERSED:
        value = 4 - found.value
    return value


def boolean(cell: Any) -> bool | None:
    """Yes or no as people and exports write it."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, float) and math.isnan(cell):
        return None
    word = str(cell).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    if word in {"", "-", "--", "null", "none", "未知"}:
        return None
    raise ValueError(f"{_shown(cell)} is neither yes nor no")


def _day(cell: Any) -> date | None:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell
    instant = parse_time(cell)
    return None if instant is None else day_of(instant)


def strings(cell: Any) -> list[str] | None:
    """A list of names: a JSON list, or text parted by commas or hash signs. Contacts in it are left out."""
    if isinstance(cell, str):
        stripped = cell.strip()
        if stripped.startswith("["):
            try:
                cell = orjson.loads(stripped)
            except orjson.JSONDecodeError:  # a list as Python prints it
                cell = [part.strip().strip("'\"") for part in _split(stripped.strip("[]"))]
        else:
            cell = _split(stripped)
    if not isinstance(cell, list):
        raise ValueError(f"{_shown(cell)} is not a list")  # noqa: TRY004 - one error for a bad cell
    parts: dict[str, None] = {}
    for part in cell:
        value = part.get("name") if isinstance(part, dict) else part
        found = None if value is None else text(value)
        name = "" if found is None else _HASHTAG_END.sub("", found.strip()).strip().strip("#＃").strip()
        if name and not has_contact(name):
            if len(name.encode()) > LONGEST_KEYWORD:
                raise ValueError(f"{name[:_SHOWN]!r}... is longer than {LONGEST_KEYWORD} bytes")
            parts[name] = None
    return list(parts)


def _split(cell: str) -> list[str]:
    parts = _PARTS.split(cell)
    return [tag for part in parts for tag in (part.split("#") if "#" in part else [part])]


def shares(cell: Any) -> str | None:
    """{group: share} as canonical JSON text."""
    if isinstance(cell, str):
        try:
            cell = orjson.loads(cell)
        except orjson.JSONDecodeError:
            raise ValueError(f"{_shown(cell)} is not JSON of groups and shares") from None
    if isinstance(cell, list) and all(isinstance(pair, tuple) for pair in cell):  # Arrow maps come as pairs
        cell = dict(cell)
    if not isinstance(cell, dict):
        raise ValueError(f"{_shown(cell)} is not {{group: share}}")  # noqa: TRY004 - one error for a bad cell
    out = {}
    for group, share in cell.items():
        value = None if share is None else _number(share, Unit.PLAIN)
        if value is None:
            continue
        if not 0 <= value <= 1:
            raise ValueError(f"the share of {_shown(group)} is {value:g}, not from 0 to 1")
        out[str(group)] = value
    return json.dumps(out, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _shown(cell: Any) -> str:
    return repr(cell)[:_SHOWN]


_CONVERTERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: text,
    Kind.KEYWORD: keyword,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: boolean,
    Kind.STRINGS: strings,
    Kind.SHARES: shares,
}
