"""What the tests of known exports share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from indexer.importer import FileReport

Import = Callable[..., tuple[list[dict[str, Any]], FileReport]]


def subset(row: dict[str, Any], expected: dict[str, Any]) -> bool:
    assert {name: row[name] for name in expected} == expected
    return True


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    sheet.write(number, place, cell)
    return path.read_bytes()
