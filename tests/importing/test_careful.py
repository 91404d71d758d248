"""What an import must not lose in silence, and what it says of input that is no table."""

from __future__ import annotations

import gzip
import io
import json
import os
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from indexer.errors import DataError, UsageError
from indexer.importer import import_files
from indexer.reading.chunks import Chunk
from indexer.reading.convert import raw_rows
from indexer.reading.recognise import NATIVE, Plan
from indexer.reading.times import SHANGHAI
from indexer.stores.memory import MemoryStore

PRODUCTS = "product_id,name\np1,纸尿裤\np2,奶瓶\n"
NOTES = "note_id,title\nn1,纸尿裤测评\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Ordered:
    """Progress that fails when a file is told of before its begin, or after its end."""

    def __init__(self) -> None:
        self.open: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.total: dict[str, int | None] = {}

    def begin(self, file: str, total_bytes: int | None) -> None:
        assert file not in self.open
        assert file not in self.done
        self.open[file], self.total[file] = 0, total_bytes

    def advance(self, file: str, *, rows: int = 0, read_bytes: int = 0) -> None:
        assert rows >= 0
        self.open[file] += read_bytes

    def end(self, file: str) -> None:
        self.done[file] = self.open.pop(file)


def workbook(path: Path, sheets: int) -> None:
    with xlsxwriter.Workbook(str(path)) as made:
        for number in range(sheets):
            sheet = made.add_worksheet()
            sheet.write_row(0, 0, ["product_id", "name"])
            sheet.write_row(1, 0, [f"p{number}", "纸尿裤"])


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.csv": lambda path: path.write_text(PRODUCTS),
    "a.csv.gz": lambda path: path.write_bytes(gzip.compress(PRODUCTS.encode())),
    "gbk.csv": lambda path: path.write_bytes(PRODUCTS.encode("gbk")),
    "a.json": lambda path: path.write_text(json.dumps([{"product_id": "p", "name": "奶瓶"}])),
    "a.jsonl": lambda path: path.write_text('{"product_id": "p", "name": "奶瓶"}\n'),
    "a.parquet": lambda path: pq.write_table(pa.table({"product_id": ["p"], "name": ["奶瓶"]}), path),
    "one.xlsx": lambda path: workbook(path, 1),
    "two.xlsx": lambda path: workbook(path, 2),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_begun_before_anything_is_told_of_it(name: str) -> None:
    """Products are looked at twice: their words are needed before their turn comes."""
    WRITERS[name](Path(name))
    told = Ordered()
    import_files(MemoryStore(), [name], record="product", progress=told)
    assert not told.open
    size = told.total[name]
    assert size is not None
    assert size - 1 <= told.done[name] <= size


def test_two_columns_for_one_field_are_refused() -> None:
    Path("a.csv").write_text("title,content\n纸尿裤测评,红屁股好用\n")
    with pytest.raises(UsageError, match="two columns are mapped to content: title, content"):
        import_files(MemoryStore(), ["a.csv"], mapping={"title": "content"})
    Path("b.csv").write_text("note_id,甲,乙\n1,题,文\n")
    with pytest.raises(UsageError, match="two columns are mapped to title: 甲, 乙"):
        import_files(MemoryStore(), ["b.csv"], record="note", mapping={"甲": "title", "乙": "title"})
    swapped = import_files(MemoryStore(), ["a.csv"], mapping={"title": "content", "content": "title"})
    assert swapped.total["written"] == 1


def test_two_files_may_name_a_field_each_in_its_way() -> None:
    Path("a.csv").write_text("词甲,time\n奶瓶,2024-01-05\n")
    Path("b.csv").write_text("词乙,time\n奶粉,2024-01-05\n")
    mapping = {"词甲": "query", "词乙": "query", "time": "searched_at"}
    assert import_files(MemoryStore(), ["a.csv", "b.csv"], record="search", mapping=mapping).total["written"] == 2


@pytest.mark.parametrize(
    ("record", "field", "rest"),
    [
        ("search", "searched_at", {"query": "奶瓶"}),
        ("note", "published_at", {"title": "题"}),
        ("order", "ordered_at", {"order_id": "o", "product_id": "p"}),
        ("ad", "date", {"keyword": "奶瓶", "campaign": "c"}),
    ],
)
def test_what_lies_in_the_future_is_refused(record: str, field: str, rest: dict[str, str]) -> None:
    now = datetime(2024, 1, 5, 12, tzinfo=SHANGHAI)
    times = ["2024-01-05 11:00", "2024-01-06 11:59", "2024-01-07 12:00", "2062-01-05"]
    columns = {field: times, **{name: [value] * 4 for name, value in rest.items()}}
    rows = raw_rows(Chunk(columns, np.arange(1, 5)), Plan(record, NATIVE), "s", None, now=now)
    late = {bad.line: bad.reason for bad in rows.rejected if "future" in bad.reason}
    assert late == {3: f"{field} lies in the future", 4: f"{field} lies in the future"}


def test_a_day_of_searches_in_the_future_is_wrong_use() -> None:
    Path("a.csv").write_text("query\n奶瓶\n")
    with pytest.raises(UsageError, match="--searched-at 2062-01-05 lies in the future"):
        import_files(MemoryStore(), ["a.csv"], record="search", searched_at=date(2062, 1, 5))
    today = datetime.now(UTC).date() - timedelta(days=1)
    assert import_files(MemoryStore(), ["a.csv"], record="search", searched_at=today).total["written"] == 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_pipe_is_read_whole(tmp_path: Path, *, packed: bool) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = gzip.compress(NOTES.encode()) if packed else NOTES.encode()
    writer = threading.Thread(target=pipe.write_bytes, args=(data,), daemon=True)
    writer.start()
    report = import_files(MemoryStore(), [pipe])
    writer.join(10)
    assert report.total["written"] == 1
    assert report.files[0].file == str(pipe)


def test_a_packed_table_from_standard_input_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    table = io.BytesIO()
    pq.write_table(pa.table({"note_id": ["n"], "title": ["题"]}), table)

    class Stdin:
        buffer = io.BytesIO(gzip.compress(table.getvalue()))

    monkeypatch.setattr("sys.stdin", Stdin)
    assert import_files(MemoryStore(), ["-"]).total["written"] == 1


def test_what_is_no_file_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="/dev/zero: is a device") as caught:
        import_files(MemoryStore(), ["/dev/zero"])
    assert "use -" in caught.value.hint
    with pytest.raises(UsageError, match="the name of a file is empty"):
        import_files(MemoryStore(), [""])
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UsageError, match="standard input is closed"):
        import_files(MemoryStore(), ["-"])


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "is a JPEG image"),
        (b"GIF89a\x01\0", "is a GIF image"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"\xd0\xcf\x11\xe0" + bytes(70_000) + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet"])
def test_what_is_no_table_is_named(begin: bytes, kind: str, name: str) -> None:
    Path(name).write_bytes(begin)
    with pytest.raises(DataError, match=kind):
        import_files(MemoryStore(), [name])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_chinese_utf16_without_a_mark_is_told(encoding: str) -> None:
    rows = "标题,内容\n" + "纸尿裤测评一二三开最需,红屁股好用　宝宝夜里一觉睡到天亮\n" * 30
    Path("a.csv").write_bytes(rows.encode(encoding))
    with pytest.raises(DataError, match="UTF-16 without a byte order mark") as caught:
        import_files(MemoryStore(), ["a.csv"])
    assert caught.value.hint == f"--encoding {encoding}"
    assert import_files(MemoryStore(), ["a.csv"], encoding=encoding).total["written"] >= 1


def test_big5_read_as_gb18030_is_noted() -> None:
    rows = "note_id,title\n" + "".join(f"{n},嬰兒紙尿褲推薦，寶寶的屁股過敏怎麼辦？觸診\n" for n in range(5))
    Path("a.csv").write_bytes(rows.encode("big5"))
    notes = import_files(MemoryStore(), ["a.csv"]).files[0].notes
    assert any("--encoding big5" in note for note in notes)
    Path("b.csv").write_bytes(NOTES.encode("gbk"))
    assert import_files(MemoryStore(), ["b.csv"]).files[0].notes == []


HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def test_formulas_without_a_stored_value_are_counted() -> None:
    """Of every way to write them, over the borders of many blocks, each once."""
    with xlsxwriter.Workbook("a.xlsx") as made:
        made.add_worksheet().write_row(0, 0, ["note_id", "title", "likes"])
    lost = ["<f>1+2</f>", "<f>1+2</f><v></v>", "<f>1+2</f><v />", '<f t="shared" si="0"/>']
    kept = ['t="str"><f>A1</f><v></v>', "><f>1+2</f><v>3</v>", '><f t="shared" si="0"/><v>3</v>', "><v>3</v>"]
    cells = [">" + cell for cell in lost] + kept
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>7</v></c><c r="C{n}" {cells[n % 8]}</c></row>'
        for n in range(2, 16_002)
    )
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile("a.xlsx") as old, zipfile.ZipFile("b.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        head = old.read(sheet).decode().partition("<sheetData>")[2].partition("</sheetData>")[0]
        for name in old.namelist():
            new.writestr(name, HEAD + head + rows + "</sheetData></worksheet>" if name == sheet else old.read(name))
    report = import_files(MemoryStore(), ["b.xlsx"])
    assert report.total["written"] == 16_000
    assert report.files[0].notes == [
        "8,000 formulas without a stored value were read as empty; open the file in Excel and save it"
    ]
