"""A path -> the tables in it, each with what its rows are. What a file is shows in its first bytes, not in its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from indexer.errors import DataError, UsageError
from indexer.reading.chunks import Reader
from indexer.reading.compression import Advance, Source
from indexer.reading.csv import CsvReader, sniff
from indexer.reading.encoding import detect_encoding, open_utf8, perhaps_big5
from indexer.reading.formats.logs import SOGOU_LINE
from indexer.reading.jsonl import JsonReader
from indexer.reading.parquet import ParquetReader
from indexer.reading.recognise import Plan, Recogniser
from indexer.reading.sogou import SogouReader
from indexer.reading.xlsx import open_xlsx

_PARQUET: Final = b"PAR1"
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")  # the stream in which Office keeps what a password closes
_NO_TABLES: Final = {
    b"\x89PNG\r\n\x1a\n": "PNG image",
    b"\xff\xd8\xff": "JPEG image",
    b"GIF87a": "GIF image",
    b"GIF89a": "GIF image",
    b"%PDF-": "PDF document",
}
_SNIFF: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file and what its rows are."""

    reader: Reader
    plan: Plan
    notes: tuple[str, ...] = ()


def open_tables(
    source: Source, recogniser: Recogniser, encoding: str | None, advance: Advance | None = None
) -> list[Table]:
    """The tables of a file.

    Raises:
        UsageError: What a table is can't be told.
        DataError: The file can't be read.
    """
    magic = source.unpacked_magic()
    if magic.startswith(_PARQUET):
        return [_planned(ParquetReader(source, advance), recogniser)]
    if magic.startswith(_ZIP):
        return _sheets(source, recogniser, advance)
    if magic.startswith(_OLD_OFFICE):
        if _encrypted(source):
            raise DataError(
                f"{source.name}: is protected by a password", hint="open it in Excel and save it without the password"
            )
        raise DataError(f"{source.name}: is an old .xls workbook", hint="save it as .xlsx or CSV")
    for begin, kind in _NO_TABLES.items():
        if magic.startswith(begin):
            raise DataError(
                f"{source.name}: is a {kind}, not a table", hint="export the table itself as CSV, XLSX, JSON or Parquet"
            )
    found = detect_encoding(source, encoding)
    other = perhaps_big5(source) if encoding is None and found == "gb18030" else None
    notes = (f"read as gb18030, but perhaps {other}: --encoding {other}",) if other else ()
    return [_planned(_text_reader(source, recogniser, found, advance), recogniser, notes)]


def _encrypted(source: Source) -> bool:
    kept = b""
    with source.open() as stream:
        while block := stream.read(_SNIFF):
            seen = kept + block
            if _ENCRYPTED in seen:
                return True
            kept = seen[-len(_ENCRYPTED) :]
    return False


def _text_reader(source: Source, recogniser: Recogniser, encoding: str, advance: Advance | None) -> Reader:
    with open_utf8(source, encoding) as stream:
        begin = stream.read(_SNIFF).lstrip()
    if not begin:
        raise DataError(f"{source.name}: is empty")
    if begin[:1] in (b"{", b"["):
        return JsonReader(source, encoding, advance)
    if begin[:1] == b"<":
        raise DataError(
            f"{source.name}: is HTML or XML, not a table", hint="open it in a spreadsheet and save it as CSV"
        )
    lines = begin.decode("utf-8", "ignore").splitlines()[:5]
    if lines and sum(SOGOU_LINE.fullmatch(line) is not None for line in lines) * 2 > len(lines):
        return SogouReader(source, encoding, advance)
    dialect = sniff(source, encoding, recogniser.score)
    return CsvReader(source, encoding, dialect, advance)


def _sheets(source: Source, recogniser: Recogniser, advance: Advance | None) -> list[Table]:
    tables: list[Table] = []
    first: UsageError | None = None
    strange = []
    readers, told = open_xlsx(source, recogniser.score, advance)
    if not readers:
        raise DataError(f"{source.name}: the workbook is empty")
    for reader in readers:
        try:
            tables.append(_planned(reader, recogniser))
        except UsageError as error:
            first = first or error
            strange.append(reader.name)
    if not tables and first is not None:
        raise first
    notes = (*(f"{name}: passed over, its columns are not recognised" for name in strange), *told)
    tables[0] = Table(tables[0].reader, tables[0].plan, notes)
    return tables


def _planned(reader: Reader, recogniser: Recogniser, notes: tuple[str, ...] = ()) -> Table:
    return Table(reader, recogniser.plan(reader.header, reader.name), notes)
