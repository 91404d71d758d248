from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.chunks import Chunk, Rejected
from indexer.reading.compression import Source
from indexer.reading.csv import CsvReader, records, sniff
from indexer.reading.recognise import Recogniser


def load(
    path: Path, data: str | bytes, record: str | None = "note"
) -> tuple[list[str], list[dict[str, object]], list[Rejected]]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    source = Source(path)
    reader = CsvReader(source, "utf-8", sniff(source, "utf-8", Recogniser(record).score))
    rows: list[dict[str, object]] = []
    broken: list[Rejected] = []
    for chunk in reader.chunks():
        assert isinstance(chunk, Chunk)
        rows.extend({"line": int(chunk.lines[n]), **chunk.row(n)} for n in range(len(chunk)))
        broken.extend(chunk.broken)
    return reader.header, rows, broken


@pytest.mark.parametrize("separator", ["\t", ";", ",", "|"])
def test_separators_are_sniffed(tmp_path: Path, separator: str) -> None:
    text = f"note_id{separator}title\n1{separator}甲\n2{separator}乙\n"
    assert load(tmp_path / "a", text)[1] == [
        {"line": 2, "note_id": "1", "title": "甲"},
        {"line": 3, "note_id": "2", "title": "乙"},
    ]


def test_commas_in_a_tab_file_do_not_confuse(tmp_path: Path) -> None:
    header, rows, broken = load(tmp_path / "a", "note_id\ttitle\n1\t甲,乙,丙,丁\n")
    assert (header, broken) == (["note_id", "title"], [])
    assert rows == [{"line": 2, "note_id": "1", "title": "甲,乙,丙,丁"}]


def test_the_header_is_found_below_service_rows(tmp_path: Path) -> None:
    text = "导出时间,2024-01-05\n\n筛选,全部,30天\nnote_id,title,content\n1,甲,文\n"
    header, rows, _ = load(tmp_path / "a", text)
    assert header == ["note_id", "title", "content"]
    assert rows == [{"line": 5, "note_id": "1", "title": "甲", "content": "文"}]


def test_the_separator_may_be_declared(tmp_path: Path) -> None:
    assert load(tmp_path / "a", "sep=;\nnote_id;title\n1;甲\n")[1] == [{"line": 3, "note_id": "1", "title": "甲"}]


def test_hostile_rows_cost_themselves_only(tmp_path: Path) -> None:
    text = (
        "note_id,title\r\n"
        "1,甲\r\n"
        '2,"多\n行"\r\n'
        "3,太,多\r\n"
        "4\r\n"
        '5,"没有\x00结束"x\r\n'
        "6,\x00空\x00\r\n"
        ",,\r\n"
        "\r\n"
        '7,"引号""里"\r\n'
        "8,=cmd|' /C calc'!A0\r\n"
        '9,"开着\r\n'
        "10,好\r\n"
        "11,尾"
    )
    _, rows, broken = load(tmp_path / "a", text)
    assert {row["note_id"]: row["line"] for row in rows if "note_id" in row} == {
        "1": 2,
        "2": 3,
        "6": 8,
        "7": 11,
        "8": 12,
        "10": 14,
        "11": 15,
    }
    assert next(row for row in rows if row.get("note_id") == "2")["title"] == "多\n行"
    assert next(row for row in rows if row.get("note_id") == "7")["title"] == '引号"里'
    assert [(bad.line, bad.reason.split(",")[0]) for bad in sorted(broken)] == [
        (5, "3 cells"),
        (6, "1 cells"),
        (7, "not a row of separated values: '"),
        (13, "a quote that is opened here does not end"),
    ]


def test_a_quote_that_never_ends_costs_one_row_in_a_large_file(tmp_path: Path) -> None:
    lines = ["note_id,title", *(f"{n},标题{n}" for n in range(30_000))]
    lines[10] = '9,"开着'
    _, rows, broken = load(tmp_path / "a", "\n".join(lines))
    assert len(rows) == 29_999
    assert [bad.line for bad in broken] == [11]
    assert rows[-1]["line"] == 30_001


def test_a_cell_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    _, rows, broken = load(tmp_path / "a", "note_id,title\n1," + "长" * 3_400_000 + "\n2,短\n")
    assert not broken
    assert [len(str(row["title"])) for row in rows] == [3_400_000, 1]


def test_repeated_and_empty_names_are_told_apart(tmp_path: Path) -> None:
    header, rows, _ = load(tmp_path / "a", "note_id,title,,title\n1,a,b,c\n")
    assert header == ["note_id", "title", "column 3", "title (2)"]
    assert rows[0]["title"] == "a"


CELLS = st.lists(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), min_size=2, max_size=2), max_size=6)


@given(CELLS)
def test_what_csv_writes_is_read_back(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    read = list(records(io.BufferedReader(io.BytesIO(out.getvalue().encode())), "x", ",", quoted=True))
    assert [cells for _, cells in read] == rows


@given(st.binary(max_size=300).map(lambda data: data.decode("latin-1").encode()))
def test_no_bytes_break_the_reader_and_lines_only_grow(data: bytes) -> None:
    read = list(records(io.BufferedReader(io.BytesIO(data)), "x", ",", quoted=True))
    lines = [line for line, _ in read]
    assert lines == sorted(set(lines))
