"""Whatever a file holds, an import ends in a report or in one sentence, never in a traceback."""

from __future__ import annotations

import gzip
import json
import os
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.errors import DataError, UsageError
from indexer.importer import ImportReport, import_files
from indexer.records import RECORDS
from indexer.stores.memory import MemoryStore

NOTE: Final = {"note_id": "n1", "title": "题", "likes": 3, "published_at": "2024-01-05", "tags": ["a"]}
SEARCH: Final = {"query": "奶瓶", "searched_at": 1704412980, "results": [{"note_id": "n", "clicked": True}]}
SAMPLES: Final = [
    "\n".join(map(json.dumps, [NOTE, NOTE])).encode(),
    json.dumps([SEARCH, SEARCH], indent=1, ensure_ascii=False).encode(),
    "note_id,title,likes\nn1,题,3\n".encode("gb18030"),
    "note_id\ttitle\nn1\t题\n".encode("utf-16"),
    gzip.compress(b"note_id,title\nn1,t\n" * 50),
    "00:00:01\tu1\t[奶瓶]\t1 1\twww.a.com/1\n".encode("gbk") * 3,
]


def attempt(path: Path, **options: Any) -> ImportReport | None:
    store = MemoryStore()
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        report = import_files(store, [path], max_rejected=1, searched_at=date(2024, 1, 5), **options)
    except (DataError, UsageError) as error:
        message = error.message
        report = None
    finally:
        os.chdir(here)
    if report is None:
        assert "\n" not in message
        assert path.name in message
        return None
    for one in report.files:
        assert one.read == one.written + one.unchanged + one.rejected
    return report


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=3), st.integers(0, 4)), max_size=4),
    st.sampled_from([None, "note", "search"]),
)
def test_damaged_files(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, edits: list[tuple[int, bytes, int]], record: str | None
) -> None:
    for place, new, gone in edits:
        data = data[:place] + new + data[place + gone :]
    path = tmp_path_factory.mktemp("damaged") / "file.dat"
    path.write_bytes(data)
    attempt(path, record=record)


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["1.2万", "2024-01-05", "[1]", '{"a": 2}', "13812345678", "x" * 600, "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["note_id", "clicked", "a"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize("record", RECORDS)
@given(st.data())
def test_any_values_in_any_field(tmp_path_factory: pytest.TempPathFactory, record: str, data: st.DataObject) -> None:
    names = [field.name for field in RECORDS[record].raw_fields]
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, VALUE)), min_size=1, max_size=3))
    path = tmp_path_factory.mktemp("any") / "file.jsonl"
    path.write_text("\n".join(map(json.dumps, [dict.fromkeys(names), *rows])))
    report = attempt(path, record=record)
    assert report is not None
    assert report.total["read"] == len(rows) + 1


@given(st.binary(max_size=200))
@example(b"\x1f\x8b")
@example(b"\x28\xb5\x2f\xfd")
@example(b"PAR1")
@example(b"PK\x03\x04")
@example(b"[")
@example(b"{")
@example(b"{\n")
@example(b"\xff\xfe")
@example(b"sep=;")
@example(b'"')
@example(b"<html>")
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "file.dat"
    path.write_bytes(data)
    attempt(path)
    attempt(path, record="note")


def test_parquet_types_of_every_sort(tmp_path: Path) -> None:
    at = datetime(2024, 1, 5, 8, 3)  # noqa: DTZ001 - a column without zone
    table = pa.table(
        {
            "note_id": pa.array([1, 2], pa.uint64()),
            "title": pa.array(["甲", "乙"]).dictionary_encode(),
            "content": pa.array(["一", "二"], pa.large_string()),
            "tags": pa.array([["a"], []], pa.large_list(pa.string())),
            "published_at": pa.array([at, None], pa.timestamp("ns")),
            "updated_at": pa.array([date(2024, 1, 5), None], pa.date32()),
            "likes": pa.array([Decimal(3), None], pa.decimal128(10, 0)),
            "finish_rate": pa.array([0.5, None], pa.float32()),
            "disclosed": pa.array([True, None]),
            "brand": pa.array([b"x", None], pa.binary()),
            "reads": pa.array([2**40, 1], pa.int64()),
            "note_type": pa.array([None, None], pa.null()),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    report = attempt(path)
    assert report is not None
    assert (report.total["written"], report.files[0].unknown_columns) == (2, [])


@pytest.mark.parametrize(
    "column",
    [
        pa.array([time(8), None]),
        pa.array([timedelta(1), None]),
        pa.array([{"a": 1}, None]),
        pa.array([[[1]], None]),
        pa.array([float("inf"), None]),
        pa.array([datetime(1200, 1, 1), None], pa.timestamp("ms")),  # noqa: DTZ001 - without a zone on purpose
        pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
    ],
    ids=lambda column: str(column.type),
)
@pytest.mark.parametrize("name", ["note_id", "title", "tags", "published_at", "likes", "finish_rate", "disclosed"])
def test_parquet_columns_of_the_wrong_type(tmp_path: Path, column: pa.Array, name: str) -> None:
    fields = {"note_id": pa.array(["1", "2"]), "title": pa.array(["甲", "乙"]), name: column}
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(fields), path)
    report = attempt(path)
    assert report is not None
    assert report.total["read"] == 2


def test_a_damaged_parquet_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"note_id": [str(n) for n in range(5000)], "title": ["题"] * 5000}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    with pytest.raises(DataError, match=r"a\.parquet:1: can't be read as Parquet"):
        import_files(MemoryStore(), [path])
    path.write_bytes(whole[:50] + bytes(4000) + whole[4050:])
    with pytest.raises(DataError, match=r"a\.parquet:\d+: can't be read as Parquet"):
        import_files(MemoryStore(), [path])
