"""Exports of query logs, each pinned by a small file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.reading.exports import Import, subset


def test_sogou_clicks_join_the_same_search(imported: Import) -> None:
    lines = [
        "00:00:01\tu1\t[奶瓶]\t1 1\twww.a.com/1",
        "00:00:01\tu1\t[奶瓶]\t3 2\twww.b.com/2",
        "00:00:02\tu2\t[奶粉 推荐]\t2\t1\twww.c.com/3",
        "00:00:03\tu2\t[!!]\t2 1\twww.c.com/3",
    ]
    found, report = imported("SogouQ.txt", "\n".join(lines).encode("gbk"), searched_at=date(2008, 6, 1))
    assert (report.format, report.read, report.written, report.unchanged, report.rejected) == ("SogouQ", 4, 2, 1, 1)
    by_query = {row["query"]: row for row in found}
    assert [(r["note_id"], r["position"], r["clicked"]) for r in by_query["奶瓶"]["results"]] == [
        ("www.a.com/1", 1, True),
        ("www.b.com/2", 3, True),
    ]
    assert by_query["奶粉 推荐"]["searched_at"] == datetime(2008, 5, 31, 16, 0, 2, tzinfo=UTC)


def test_qilin_json_and_parquet_agree(imported: Import, tmp_path: Path) -> None:
    shown = [
        {
            "note_idx": 7,
            "position": 1.0,
            "click": 1.0,
            "like": 0.0,
            "comment": 0.0,
            "collect": 1.0,
            "share": 0.0,
            "page_time": 35.5,
            "search_timestamp": 1704412985.0,
        },
        {
            "note_idx": 9,
            "position": 2.0,
            "click": 0.0,
            "like": 0.0,
            "comment": 0.0,
            "collect": 0.0,
            "share": 0.0,
            "page_time": None,
            "search_timestamp": 1704412980.0,
        },
    ]
    rows = [
        {
            "search_idx": n,
            "session_idx": 1,
            "user_idx": 3,
            "query": f"奶瓶{n}",
            "query_from_type": 1,
            "search_result_details_with_idx": shown,
        }
        for n in range(3)
    ]
    from_json, report = imported("a.jsonl", "\n".join(map(json.dumps, rows)))
    assert (report.format, report.unknown_columns) == ("Qilin searches", [])
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "q.parquet")
    from_parquet, _ = imported("b.parquet", (tmp_path / "q.parquet").read_bytes())
    assert sorted(map(str, from_json)) == sorted(map(str, from_parquet))
    first = from_json[0]
    assert first["searched_at"] == datetime(2024, 1, 5, 0, 3, tzinfo=UTC)
    assert subset(first, {"result_count": 2, "clicks": 1, "longest_dwell": 35.5, "acted": True})
    note = {
        "note_idx": 7,
        "note_title": "题",
        "note_content": "文",
        "note_type": 2,
        "commercial_flag": 0.0,
        "imp_num": 10,
        "imp_search_num": 5,
        "click_num": 3,
        "view_time": 100,
        "like_num": 1,
        "accum_like_num": 13_000,
        "taxonomy1_id": "x",
    }
    found, report = imported("n.jsonl", json.dumps(note))
    assert (report.format, report.unknown_columns) == ("Qilin notes", [])
    assert subset(
        found[0],
        {"note_id": "7", "note_type": "video", "disclosed": False, "reads": 3, "likes": 1, "search_impressions": 5},
    )
