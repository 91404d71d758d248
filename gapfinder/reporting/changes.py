"""Changes between two runs as files that other tools read: CSV, XLSX, Parquet and JSON by a path's extension."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from gapfinder.changes import CHANGE_FLAG_LABELS, CHANGE_LABELS, CHANGE_METRICS, Change, columns
from gapfinder.comparing import Comparison
from gapfinder.reporting.export import write_as
from gapfinder.reporting.flat import Cell, without_formula
from gapfinder.reporting.workbook import Sheet, write_sheets

_SEPARATOR: Final = " | "
_TYPES: Final = {"int | None": pa.int64(), "float | None": pa.float64(), "list[str]": pa.list_(pa.string())}
SCHEMA: Final = pa.schema(
    [
        pa.field(name, _TYPES.get(str(kind.__forward_arg__), pa.string()))
        for name, kind in Change.__annotations__.items()
    ]
)


@dataclass(frozen=True, slots=True)
class _Chosen:
    compared: Comparison
    changes: Sequence[Change]


def export_changes(compared: Comparison, changes: Sequence[Change], path: Path) -> None:
    """Write these changes of a comparison in the format that the path's extension names.

    ``.csv`` is UTF-8 with a byte order mark and CRLF; ``.xlsx`` holds one sheet a table; ``.parquet`` and ``.json``
    keep lists as lists.

    Raises:
        UsageError: The extension is unknown, or the file can't be written.
    """
    write_as(_Chosen(compared, changes), Path(path), _FORMATS)


def _flat(change: Change) -> list[Cell]:
    values = cast("Mapping[str, Any]", change)
    return [
        _SEPARATOR.join(value) if isinstance(value, list) else value
        for value in (values[name] for name in Change.__annotations__)
    ]


def _csv(chosen: _Chosen, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        rows.writerow([name for name, _ in columns()])
        for change in chosen.changes:
            rows.writerow([without_formula(cell) if isinstance(cell, str) else cell for cell in _flat(change)])


def _json(chosen: _Chosen, path: Path) -> None:
    path.write_bytes(orjson.dumps(list(chosen.changes), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _parquet(chosen: _Chosen, path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(list(chosen.changes), schema=SCHEMA), path, compression="zstd")


def _workbook(chosen: _Chosen, path: Path) -> None:
    compared = chosen.compared
    legend = [
        *((name, label) for name, label in CHANGE_LABELS.items()),
        *((name, label) for name, label in CHANGE_FLAG_LABELS.items()),
        *((metric.name, metric.method) for metric in CHANGE_METRICS.values()),
    ]
    about: list[Sequence[Cell]] = [
        ("before", compared.before.run),
        ("after", compared.after.run),
        *((change, number) for change, number in compared.counts.items()),
        *((caveat.code, caveat.message) for caveat in compared.caveats),
    ]
    write_sheets(
        compared.after,
        [
            Sheet("changes 变化", [f"{name} {label}" for name, label in columns()], map(_flat, chosen.changes)),
            Sheet("legend 说明", ("name 字段", "value 说明"), legend),
            Sheet("runs 两次分析", ("name 名称", "value 值"), about),
        ],
        path,
    )


_FORMATS: Final[Mapping[str, Callable[[_Chosen, Path], None]]] = {
    ".csv": _csv,
    ".xlsx": _workbook,
    ".parquet": _parquet,
    ".json": _json,
}
