from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import DataError, StoreBusyError, UsageError
from indexer.importer import import_files
from indexer.records import RECORDS
from indexer.stores.memory import MemoryStore


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def stored(store: MemoryStore, record: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pa.Table.from_batches(
        store.snapshot().scan(record), RECORDS[record].schema
    ).to_pylist()
    return rows


NOTES = [
    {"note_id": f"n{n}", "title": f"新生儿纸尿裤第{n}篇", "content": "防侧漏不勒肚", "author_id": "甲", "likes": n}
    for n in range(50)
]
SEARCHES = [{"query": "新生儿纸尿裤", "searched_at": "2024-01-05 08:03:00", "user_id": f"u{n % 7}"} for n in range(40)]


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    files = [lines(tmp_path / "notes.jsonl", NOTES), lines(tmp_path / "searches.jsonl", SEARCHES)]
    store = MemoryStore()
    first = import_files(store, files)
    again = import_files(store, files)
    assert first.total == {"read": 90, "written": 90, "unchanged": 0, "rejected": 0}
    assert again.total == {"read": 90, "written": 0, "unchanged": 90, "rejected": 0}
    assert first.snapshot == again.snapshot
    assert first.quarantine is None
    assert len(stored(store, "search")) == 40  # identical rows of a file are searches of their own


def test_a_changed_row_is_written(tmp_path: Path) -> None:
    store = MemoryStore()
    import_files(store, [lines(tmp_path / "a.jsonl", NOTES)])
    report = import_files(store, [lines(tmp_path / "b.jsonl", [{**NOTES[0], "likes": 99}, NOTES[1]])])
    assert report.total == {"read": 2, "written": 1, "unchanged": 1, "rejected": 0}


def every_form(folder: Path, rows: list[dict[str, Any]]) -> list[Path]:
    header = list(rows[0])
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *([row[name] for name in header] for row in rows)])
    data = text.getvalue()
    made = [lines(folder / "a.jsonl", rows)]
    for name, content in {
        "a.json": json.dumps(rows, ensure_ascii=False).encode(),
        "a.csv": data.encode("utf-8-sig"),
        "gbk.csv": data.encode("gb18030"),
        "utf16.tsv": data.replace(",", "\t").encode("utf-16"),
        "a.csv.gz": gzip.compress(data.encode()),
    }.items():
        (folder / name).write_bytes(content)
        made.append(folder / name)
    pq.write_table(pa.Table.from_pylist(rows), folder / "a.parquet")
    with xlsxwriter.Workbook(str(folder / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([header, *([row[name] for name in header] for row in rows)]):
            for place, cell in enumerate(row):
                sheet.write(number, place, cell)
    return [*made, folder / "a.parquet", folder / "a.xlsx"]


def test_the_same_rows_are_the_same_in_every_form(tmp_path: Path) -> None:
    rows = [{**row, "published_at": "2024-01-05 08:03:00", "finish_rate": 0.25} for row in NOTES[:5]]
    rows += [{**row, "note_id": ""} for row in rows]  # ids made from the content
    store = MemoryStore()
    forms = every_form(tmp_path, rows)
    assert import_files(store, forms[:1]).total["written"] == 10
    for path in forms[1:]:
        assert import_files(store, [path]).total == {"read": 10, "written": 0, "unchanged": 10, "rejected": 0}, (
            path.name
        )


def test_searches_without_id_are_the_same_in_every_form(tmp_path: Path) -> None:
    rows = [{"query": "奶瓶", "searched_at": "2024-01-05 08:03:00", "user_id": "u", "session_id": "s"}] * 4
    store = MemoryStore()
    for path in every_form(tmp_path, rows):
        assert import_files(store, [path]).total["read"] == 4
    assert len(stored(store, "search")) == 4


def test_bad_rows_go_to_quarantine_and_are_told(tmp_path: Path) -> None:
    rows: list[Any] = [
        *NOTES,
        {
            "note_id": "bad",
            "title": "题",
            "likes": "多少",
            "nickname": "张三",
            "author_id": "u13",
            "content": "电话13812345678",
        },
    ]
    path = lines(tmp_path / "notes.jsonl", rows)
    path.write_text(path.read_text() + '{"note_id": "x", "nickname": "李四\n')
    report = import_files(MemoryStore(), [path])
    assert report.total == {"read": 52, "written": 50, "unchanged": 0, "rejected": 2}
    assert report.quarantine is not None
    assert report.quarantine.parent == Path("gapfinder-quarantine")
    assert report.quarantine.stat().st_mode & 0o777 == 0o600
    broken, bad = sorted(
        (json.loads(line) for line in report.quarantine.read_text().splitlines()), key=lambda row: -row["line"]
    )
    assert (bad["line"], bad["reason"]) == (51, "likes: '多少' is not a number")
    assert broken["line"] == 52
    kept = report.quarantine.read_text()
    assert bad["row"]["likes"] == "多少"
    assert not [secret for secret in ("张三", "13812345678", '"u13"', "李四") if secret in kept]


def test_too_many_bad_rows_publish_nothing(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [*NOTES[:8], {"note_id": "a"}, {"note_id": "b"}]
    store = MemoryStore()
    with pytest.raises(DataError, match="2 of 10 rows are bad, more than 5%; nothing was imported") as caught:
        import_files(store, [lines(tmp_path / "a.jsonl", rows)])
    assert caught.value.exit_code == 3
    assert store.manifest() is None
    quarantined = next(Path("gapfinder-quarantine").iterdir())
    assert str(quarantined) in caught.value.hint
    assert len(quarantined.read_text().splitlines()) == 2
    assert import_files(store, [tmp_path / "a.jsonl"], max_rejected=0.2).total["written"] == 8


def test_figures_that_none_can_be_go_to_quarantine(tmp_path: Path) -> None:
    most, more = 10**13, 10**13 + 1
    notes = [{"note_id": f"n{value}", "title": "奶瓶", "likes": value} for value in (most, more, 2**62)]
    volumes = [{"keyword": f"奶瓶{value}", "unit": "count", "volume": value} for value in (1e15, 1.1e15, 1e300)]
    store = MemoryStore()
    report = import_files(
        store, [lines(tmp_path / "notes.jsonl", notes), lines(tmp_path / "volumes.jsonl", volumes)], max_rejected=1
    )
    assert (report.total["written"], report.total["rejected"]) == (2, 4)
    assert [list(file.reasons) for file in report.files] == [["likes is too large"], ["volume is too large"]]
    kept = [batch["engagement"].to_pylist() for batch in store.snapshot().scan("note", ("engagement",))]
    assert kept == [[most]]


def test_a_hostile_row_can_not_speak_to_the_terminal(tmp_path: Path) -> None:
    rows = [{"note_id": "x", "title": "t", "likes": "\x1b[2J\u2028\x85evil"}]
    report = import_files(MemoryStore(), [lines(tmp_path / "a.jsonl", rows)], max_rejected=1)
    assert report.quarantine is not None
    text = report.quarantine.read_text()
    assert text.count("\n") == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028]", text)
    assert json.loads(text)["row"]["likes"] == "\x1b[2J\u2028\x85evil"
    assert "\x1b" not in json.dumps(report.as_json())
    with pytest.raises(UsageError) as caught:
        import_files(MemoryStore(), [lines(tmp_path / "b.jsonl", [{"\x1b[2J": 1}])])
    assert "\x1b" not in str(caught.value)


def test_long_and_wordless_queries_go_to_quarantine(tmp_path: Path) -> None:
    rows = [
        {**SEARCHES[0], "query": query}
        for query in ("纸" * 256, "纸" * 257, "！！！", "🍼", "\u200b", "ﷺ" * 200, "奶瓶")
    ]
    report = import_files(MemoryStore(), [lines(tmp_path / "a.jsonl", rows)], max_rejected=1)
    assert (report.total["written"], report.total["rejected"]) == (2, 5)
    assert sorted(report.files[0].reasons) == [
        "a query of 257 characters is longer than 256",
        "a query of 3,600 characters is longer than 256",
        "a query without a word",
    ]


def test_personal_values_are_not_stored(tmp_path: Path) -> None:
    note = {
        **NOTES[0],
        "nickname": "小王",
        "avatar": "http://a",
        "xsec_token": "tok",
        "phone": "13812345678",
        "brand": "找我13812345678",
        "tags": ["好物", "加13812345678"],
    }
    store = MemoryStore()
    report = import_files(store, [lines(tmp_path / "a.jsonl", [note])])
    assert report.files[0].unknown_columns == []
    row = stored(store, "note")[0]
    assert (row["brand"], row["tags"]) == (None, ["好物"])
    assert re.fullmatch("[0-9a-f]{32}", row["author_id"])
    assert not [secret for secret in ("小王", "http://a", "tok", "13812345678") if secret in str(row)]


def test_the_salt_decides_the_hash(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", SEARCHES)
    one, two, same = MemoryStore("one"), MemoryStore("two"), MemoryStore("one")
    for store in (one, two, same):
        import_files(store, [path])
    ids = [{(row["search_id"], row["user_id"]) for row in stored(store, "search")} for store in (one, two, same)]
    assert ids[0] == ids[2]
    assert not ids[0] & ids[1]


def test_unknown_columns_are_told(tmp_path: Path) -> None:
    report = import_files(
        MemoryStore(), [lines(tmp_path / "a.jsonl", [{**NOTES[0], "weather": "rain"}, {**NOTES[1], "mood": 1}])]
    )
    assert report.files[0].unknown_columns == ["weather", "mood"]


def test_a_missing_or_empty_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        import_files(MemoryStore(), [tmp_path / "absent.csv"])
    (tmp_path / "empty.csv").write_bytes(b" \n")
    with pytest.raises(DataError, match=r"empty\.csv: is empty"):
        import_files(MemoryStore(), [tmp_path / "empty.csv"])
    with pytest.raises(UsageError, match="no file"):
        import_files(MemoryStore(), [])
    with pytest.raises(UsageError, match="max-rejected"):
        import_files(MemoryStore(), [tmp_path / "empty.csv"], max_rejected=5)


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    store = MemoryStore()
    with store.writer(holder="somebody"), pytest.raises(StoreBusyError, match="somebody"):
        import_files(store, [lines(tmp_path / "a.jsonl", NOTES)])


def test_progress_is_told(tmp_path: Path) -> None:
    class Told:
        def __init__(self) -> None:
            self.rows = self.bytes = 0
            self.names: list[str] = []

        def begin(self, file: str, total_bytes: int | None) -> None:
            self.names.append(f"begin {Path(file).name} {total_bytes}")

        def advance(self, file: str, *, rows: int = 0, read_bytes: int = 0) -> None:
            assert Path(file).name == "a.jsonl"
            self.rows += rows
            self.bytes += read_bytes

        def end(self, file: str) -> None:
            self.names.append(f"end {Path(file).name}")

    path = lines(tmp_path / "a.jsonl", NOTES)
    told = Told()
    import_files(MemoryStore(), [path], progress=told)
    assert (told.rows, told.bytes) == (50, path.stat().st_size)
    assert told.names == [f"begin a.jsonl {path.stat().st_size}", "end a.jsonl"]


def test_processes_make_no_difference(tmp_path: Path) -> None:
    rows = [{**NOTES[n % 50], "note_id": f"n{n}"} for n in range(45_000)]
    path = lines(tmp_path / "a.jsonl", [*rows[:30_000], {"note_id": "bad"}, *rows[30_000:]])
    here, there = MemoryStore(), MemoryStore()
    one = import_files(here, [path], processes=0)
    two = import_files(there, [path], processes=2)
    assert one.total == two.total == {"read": 45_001, "written": 45_000, "unchanged": 0, "rejected": 1}
    columns = ["note_id", "content_hash", "sketch", "text_terms"]
    tables = [
        pa.Table.from_batches(store.snapshot().scan("note", columns)).sort_by("note_id") for store in (here, there)
    ]
    assert tables[0].equals(tables[1])


CELL = st.sampled_from(["", "1", "1.2万", "-3", "abc", "2024-01-05", "nan", '"', "--", "10+", "x" * 600, "\x00"])
ROW = st.fixed_dictionaries(
    {"note_id": CELL, "title": CELL, "likes": CELL, "published_at": CELL, "finish_rate": CELL, "disclosed": CELL}
)


@given(st.lists(ROW, min_size=1, max_size=12), st.booleans())
def test_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, str]],
    as_csv: bool,  # noqa: FBT001 - hypothesis gives it by place
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    if as_csv:
        path = folder / "a.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([list(rows[0]), *(list(row.values()) for row in rows)])
    else:
        path = lines(folder / "a.jsonl", rows)
    store = MemoryStore()
    report = import_files(store, [path], record="note", max_rejected=1)
    total = report.total
    assert total["read"] == len(rows)
    assert total["read"] == total["written"] + total["unchanged"] + total["rejected"]
    quarantined = 0 if report.quarantine is None else len(report.quarantine.read_text().splitlines())
    assert quarantined == total["rejected"]
    assert len(stored(store, "note")) == total["written"]
    assert import_files(store, [path], record="note", max_rejected=1).total["written"] == 0


def test_searched_at_fills_only_what_is_missing(tmp_path: Path) -> None:
    rows = [{"query": "奶瓶", "searched_at": "2024-02-01 10:00"}, {"query": "奶嘴", "searched_at": ""}]
    store = MemoryStore()
    import_files(store, [lines(tmp_path / "a.jsonl", rows)], searched_at=date(2024, 1, 5))
    assert {row["query"]: row["day"] for row in stored(store, "search")} == {
        "奶瓶": date(2024, 2, 1),
        "奶嘴": date(2024, 1, 5),
    }
