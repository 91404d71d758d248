"""Writing the files so that the same market gives the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter


def json_line(row: Mapping[str, Any]) -> str:
    """One JSONL line."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def write_gzip(path: Path, lines: Iterable[str]) -> None:
    """Lines as a gzip file without name and time in its header."""
    data = ("\n".join(lines) + "\n").encode()
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=9) as file:
        file.write(data)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], encoding: str = "utf-8") -> None:
    """A CSV file whose lines end with a line feed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def write_dicts(path: Path, rows: Sequence[Mapping[str, Any]], encoding: str = "utf-8") -> None:
    """Mappings with equal keys as CSV."""
    header = list(rows[0])
    write_csv(path, header, ([row[name] for name in header] for row in rows), encoding)


def write_xlsx(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """One sheet; the time of making is fixed."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(2026, 8, 24, tzinfo=UTC)})
        sheet = book.add_worksheet("ads")
        sheet.write_row(0, 0, header)
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
