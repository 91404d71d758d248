"""Mentions as files that other tools read: one row a mention, written as they come, however many there are."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from gapfinder.market.passages import Mark, Passage
from gapfinder.reporting.export import write_as
from gapfinder.reporting.flat import without_formula

SCHEMA: Final = pa.schema(
    [
        pa.field("level", pa.string()),
        pa.field("category", pa.string()),
        pa.field("name", pa.string()),
        pa.field("product_id", pa.string()),
        pa.field("note_id", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published_at", pa.string()),
        pa.field("query", pa.string()),
        pa.field("searches", pa.int64()),
        pa.field("searchers", pa.int64()),
        pa.field("field", pa.string()),
        pa.field("start", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("words", pa.string()),
        pa.field("snippet", pa.string()),
    ]
)
_TOGETHER: Final = 5_000  # rows of a Parquet row group


@dataclass
class _Counted:
    """Rows that are counted as they are written."""

    passages: Iterable[Passage]
    number: int = field(default=0, init=False)

    def rows(self) -> Iterator[dict[str, Any]]:
        """A flat row for each mention."""
        for passage in self.passages:
            told = {name: value for name, value in passage.items() if name != "marks"}
            for mark in passage["marks"]:
                self.number += 1
                yield {
                    **told,
                    "field": mark["field"],
                    "start": mark["start"],
                    "end": mark["end"],
                    "words": mark["words"],
                    "snippet": snippet(mark),
                }


def snippet(mark: Mark) -> str:
    """The words with what stands around them, in brackets so that they can be told."""
    return f"{mark['before']}【{mark['words']}】{mark['after']}" if mark["words"] else ""


def write_mentions(passages: Iterable[Passage], path: Path) -> int:
    """Write mentions in the format that a path's extension names, a row each; gives how many there are.

    ``.csv`` is UTF-8 with a byte order mark and CRLF, no cell acts as a formula; ``.jsonl`` has an object a line;
    ``.parquet`` has the types of :data:`SCHEMA`.

    Raises:
        UsageError: The extension is unknown, or the file can't be written.
    """
    counted = _Counted(passages)
    write_as(counted, path, _FORMATS)
    return counted.number


def _csv(counted: _Counted, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        lines.writerow(SCHEMA.names)
        for row in counted.rows():
            cells = (row[name] for name in SCHEMA.names)
            lines.writerow([without_formula(cell) if isinstance(cell, str) else cell for cell in cells])


def _jsonl(counted: _Counted, path: Path) -> None:
    with path.open("wb") as file:
        for row in counted.rows():
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def _parquet(counted: _Counted, path: Path) -> None:
    rows = counted.rows()
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while page := list(islice(rows, _TOGETHER)):
            writer.write_table(pa.Table.from_pylist(page, schema=SCHEMA))


_FORMATS: Final[Mapping[str, Callable[[_Counted, Path], None]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
