"""XLSX: read by calamine after a check of what the file unpacks to, because calamine holds a whole sheet in memory.

Four bounds are checked on the file itself, streaming: the number of entries, the unpacked size (true, by CRC, not
only declared), the span of each sheet (one cell at XFD1048576 would make a sheet of seventeen thousand million cells),
and the text that repeated shared strings grow to.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final
from xml.parsers import expat

import numpy as np
import python_calamine

from indexer.errors import DataError
from indexer.quarantine import printable
from indexer.reading.chunks import CHUNK_ROWS, Chunk, Column
from indexer.reading.compression import Advance, Source
from indexer.reading.csv import HEADER_WITHIN, HeaderScore, sniff_rows

MOST_UNPACKED: Final = 256 << 20
MOST_RATIO: Final = 500
MOST_ENTRIES: Final = 2_000
MOST_CELLS: Final = 12_000_000
MOST_TEXT: Final = 512 << 20
_FREE: Final = 16 << 20
_BLOCK: Final = 1 << 18
_REFERENCE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_CELL: Final = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
_FORMULA: Final = re.compile(  # a cell with a formula that has no value, or an empty one
    rb"<(?:[\w.-]+:)?c((?:\s[^<>]*)?)>\s*<(?:[\w.-]+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:[\w.-]+:)?f>)\s*"
    rb"(<(?:[\w.-]+:)?v\s*(?:/>|>\s*</(?:[\w.-]+:)?v>))?\s*</(?:[\w.-]+:)?c>"
)
_TEXT_RESULT: Final = re.compile(rb"\st\s*=\s*[\"']str[\"']")  # of such a cell an empty value is a value
_KEPT: Final = 1 << 14  # a cell with its formula (8,192 characters at most) may lie over the border of two blocks
_SHARED: Final = "xl/sharedStrings.xml"


def check_xlsx(path: Path, name: str) -> int:
    """Refuse a workbook that is damaged or would not fit into memory.

    Returns:
        How many formulas have no stored value: they are read as empty cells.

    Raises:
        DataError: It is; the sentence says which bound it breaks.
    """
    try:
        with zipfile.ZipFile(path) as book:
            entries = book.infolist()
            declared = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries)
            if len(entries) > MOST_ENTRIES:
                raise DataError(f"{name}: the workbook has {len(entries):,} parts, at most {MOST_ENTRIES:,} are read")
            if declared > MOST_UNPACKED:
                raise _too_large(name, declared)
            if declared > _FREE and declared > MOST_RATIO * max(packed, 1):
                raise DataError(f"{name}: {packed:,} bytes unpack to {declared:,}: no honest workbook")
            longest = _longest_shared(book, name)
            formulas = 0
            for entry in entries:
                with book.open(entry) as part:
                    formulas += _check_part(part, entry, name, longest, book)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise DataError(f"{name}: the workbook is damaged: {printable(str(error), 160)}") from error
    return formulas


def _check_part(part: IO[bytes], entry: zipfile.ZipInfo, name: str, longest: int, book: zipfile.ZipFile) -> int:
    sheet = "worksheets/" in entry.filename.lower()
    size = cells = rows = columns = formulas = 0
    kept = b""
    # zipfile hands out at most the declared size and then checks the CRC: an entry that lies about it ends here.
    while block := part.read(_BLOCK):
        size += len(block)
        if size > MOST_UNPACKED:
            raise _too_large(name, size)
        if not sheet:
            continue
        seen = kept + block
        for letters, digits in _REFERENCE.findall(seen):
            rows, columns = max(rows, int(digits)), max(columns, _column(letters))
        cells += len(_CELL.findall(block))
        formulas += sum(
            found.end() > len(kept) and not (found[2] and _TEXT_RESULT.search(found[1]))
            for found in _FORMULA.finditer(seen)
        )
        kept = seen[-_KEPT:]
    if rows * columns > MOST_CELLS:
        raise DataError(
            f"{name}: {printable(entry.filename)} spans {rows:,} rows by {columns:,} columns, "
            f"at most {MOST_CELLS:,} cells are read",
            hint="save the sheet as CSV",
        )
    if cells * longest > MOST_TEXT and _shared_text(book, entry, name) > MOST_TEXT:
        raise DataError(
            f"{name}: {printable(entry.filename)} holds more than {MOST_TEXT:,} characters of text",
            hint="save it as CSV",
        )
    return formulas


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(name: str, size: int) -> DataError:
    return DataError(
        f"{name}: the workbook unpacks to {size:,} bytes, at most {MOST_UNPACKED:,} are read",
        hint="save the sheet as CSV",
    )


def _shared_lengths(book: zipfile.ZipFile, name: str) -> list[int]:
    lengths: list[int] = []

    def start(tag: str, _: dict[str, str]) -> None:
        if tag.rsplit(":", 1)[-1] == "si":
            lengths.append(0)

    def text(data: str) -> None:
        if lengths:
            lengths[-1] += len(data)

    if _SHARED in book.namelist():
        _parse(book, _SHARED, name, start, text)
    return lengths


def _longest_shared(book: zipfile.ZipFile, name: str) -> int:
    return max(_shared_lengths(book, name), default=0)


def _shared_text(book: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> int:
    """Characters of all cells of a sheet that point at shared strings."""
    lengths = _shared_lengths(book, name)
    total = 0
    state = {"shared": False, "value": False}

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rsplit(":", 1)[-1]
        if local == "c":
            state["shared"] = attributes.get("t") == "s"
        state["value"] = local == "v" and state["shared"]

    def text(data: str) -> None:
        nonlocal total
        if state["value"] and data.strip().isdigit() and int(data) < len(lengths):
            total += lengths[int(data)]

    _parse(book, entry.filename, name, start, text)
    return total


def _parse(book: zipfile.ZipFile, entry: str, name: str, start: Any, text: Any) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    try:
        with book.open(entry) as part:
            parser.ParseFile(part)
    except expat.ExpatError as error:
        raise DataError(f"{name}: {printable(entry)} is damaged: {printable(str(error), 160)}") from error


class XlsxReader:
    """Reads one sheet of a checked workbook; the "line" of a row is its row in the sheet."""

    def __init__(
        self,
        name: str,
        rows: Sequence[Sequence[Any]],
        first_row: int,
        score: HeaderScore,
        advance: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self._advance = advance
        numbered = [(first_row + n, [_as_name(cell) for cell in row]) for n, row in enumerate(rows[:HEADER_WITHIN])]
        dialect = sniff_rows([row for row in numbered if any(row[1])], "", score)
        self.header = list(dialect.header)
        self._rows = rows
        self._first = first_row
        self._header_line = dialect.header_line

    def chunks(self) -> Iterator[Chunk]:
        """The rows below the header in order, blank ones left out."""
        begin = self._header_line - self._first + 1
        for start in range(begin, len(self._rows), CHUNK_ROWS):
            part = self._rows[start : start + CHUNK_ROWS]
            kept = [n for n, row in enumerate(part) if any(cell not in ("", None) for cell in row)]
            columns: dict[str, Column] = {
                name: [_cell(part[n][place]) for n in kept] for place, name in enumerate(self.header)
            }
            if kept:
                yield Chunk(columns, np.array([self._first + start + n for n in kept], np.int64))
        if self._advance is not None:
            self._advance()


def open_xlsx(
    source: Source, score: HeaderScore, advance: Advance | None = None
) -> tuple[list[XlsxReader], tuple[str, ...]]:
    """A reader for each sheet that is not empty, and what the user should know of the workbook.

    Raises:
        DataError: The workbook is damaged, or too large to be held.
    """
    path = source.whole_file()
    formulas = check_xlsx(path, source.name)
    readers: list[XlsxReader] = []

    def done() -> None:
        if advance is not None:
            advance(source.size // len(readers))

    try:
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                    continue
                rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                if rows:
                    readers.append(XlsxReader(f"{source.name}[{printable(sheet.name, 60)}]", rows, 1, score, done))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise DataError(f"{source.name}: can't be read as XLSX: {printable(str(error), 160)}") from error
    if len(readers) == 1:
        readers[0].name = source.name
    notes = (f"{formulas:,} formulas without a stored value were read as empty; open the file in Excel and save it",)
    return readers, notes if formulas else ()


def _as_name(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _cell(cell: Any) -> Any:
    return None if cell == "" else cell
