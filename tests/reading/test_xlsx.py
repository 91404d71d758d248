from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter

from indexer.errors import DataError
from indexer.importer import import_files
from indexer.reading import xlsx
from indexer.reading.xlsx import check_xlsx
from indexer.stores.memory import MemoryStore


def book(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as made:
        sheet = made.add_worksheet()
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write(number, place, cell)
    return path


def test_cells_of_every_type(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["报表", "", "", ""],
            ["note_id", "title", "published_at", "likes"],
            ["n1", "题", datetime(2024, 1, 5, 8, 3), 12],  # noqa: DTZ001 - a cell has no zone
            [],
            [12345, 7.5, 45296.33541666667, "1.2万"],
        ],
    )
    store = MemoryStore()
    report = import_files(store, [path]).files[0]
    assert (report.read, report.written) == (2, 2)
    rows = store.snapshot().by_id("note", ["n1", "12345"]).to_pylist()
    assert [(row["note_id"], row["title"], row["likes"]) for row in rows] == [
        ("12345", "7.5", 12_000),
        ("n1", "题", 12),
    ]
    assert {row["published_at"] for row in rows} == {datetime(2024, 1, 5, 0, 3, tzinfo=UTC)}


def test_rows_are_numbered_as_in_the_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = book(
        tmp_path / "a.xlsx", [["服务行"], ["note_id", "title", "likes"], ["n1", "题", 1], [], ["n2", "题", "多"]]
    )
    report = import_files(MemoryStore(), [path], max_rejected=1)
    assert report.quarantine is not None
    line = report.quarantine.read_text()
    assert '"line": 5' in line
    assert "likes: '多' is not a number" in line


def test_ids_that_a_spreadsheet_rounded_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows: list[list[object]] = [["note_id", "title"], [6.5e23, "题"], ["6.5E+23", "题"]]
    report = import_files(MemoryStore(), [book(tmp_path / "a.xlsx", rows)], max_rejected=1)
    assert report.files[0].rejected == 2


def test_a_hexadecimal_id_that_looks_like_a_rounded_number_is_taken(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["note_id", "title"], ["4e8632219493115000021010", "题"]])
    assert import_files(MemoryStore(), [path]).files[0].written == 1


def test_damaged_and_foreign_zips_are_told(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["note_id", "title"], ["n", "t"]])
    whole = path.read_bytes()
    for size in (30, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"a\.xlsx: .*damaged"):
            import_files(MemoryStore(), [path])
    with zipfile.ZipFile(path, "w") as foreign:
        foreign.writestr("hello.txt", "hello")
    with pytest.raises(DataError, match=r"a\.xlsx: can't be read as XLSX"):
        import_files(MemoryStore(), [path])
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(DataError, match=r"old \.xls"):
        import_files(MemoryStore(), [path])


def patched(path: Path, entry: str, text: str) -> Path:
    """The workbook with one part replaced."""
    out = path.with_name("patched.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text if name == entry else old.read(name))
    return out


SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def test_a_far_cell_is_refused_before_it_is_held(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["note_id", "title"]])
    far = patched(path, SHEET, HEAD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + TAIL)
    with pytest.raises(DataError, match=r"spans 1,048,576 rows by 16,384 columns"):
        check_xlsx(far, "a.xlsx")


def test_repeated_long_strings_are_refused_before_they_are_held(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["x" * 30_000, "y"]])
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_000))
    with pytest.raises(DataError, match="holds more than"):
        check_xlsx(patched(path, SHEET, HEAD + cells + TAIL), "a.xlsx")
    few = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(1, 20_000))
    check_xlsx(patched(path, SHEET, HEAD + few + TAIL), "a.xlsx")


def test_unpacked_size_and_ratio_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "a.xlsx", [["note_id", "title"]])
    large = patched(path, SHEET, HEAD + " " * (40 << 20) + TAIL)
    with pytest.raises(DataError, match="no honest workbook"):
        check_xlsx(large, "a.xlsx")
    monkeypatch.setattr(xlsx, "MOST_UNPACKED", 1 << 20)
    with pytest.raises(DataError, match="unpacks to"):
        check_xlsx(large, "a.xlsx")


def test_a_lying_size_is_found(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["note_id", "title"]])
    data = patched(path, SHEET, HEAD + " " * 100_000 + TAIL).read_bytes()
    real = len(HEAD) + 100_000 + len(TAIL)
    lying = tmp_path / "lying.xlsx"
    lying.write_bytes(data.replace(real.to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(DataError, match="damaged"):
        check_xlsx(lying, "a.xlsx")


BOMB = """
import resource, sys, zipfile
from pathlib import Path
from indexer.errors import DataError
from indexer.reading.xlsx import check_xlsx
path = Path(sys.argv[1])
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
    with book.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(250):
            part.write(bytes(1 << 20))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    check_xlsx(path, "bomb.xlsx")
except DataError as error:
    print(error.message)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert grown < 32 << 10, grown
"""


def test_a_bomb_is_refused_in_flat_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(tmp_path / "bomb.xlsx")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "no honest workbook" in done.stdout
