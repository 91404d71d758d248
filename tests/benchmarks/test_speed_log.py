"""The log benchmark compares like with like: all ways give the same table."""

from __future__ import annotations

from pathlib import Path

from benchmarks.speed.logs import by_duckdb, ours, prepare

ROWS = 3_000


def test_both_ways_agree(tmp_path: Path) -> None:  # polars is no library of the tests
    prepare(tmp_path / "log", ROWS)
    answer = ours("log", tmp_path)()
    groups, searches, clicked, *_ = answer
    assert searches == ROWS
    assert ROWS / 2 < groups < ROWS
    assert 0 < clicked < ROWS / 2
    assert by_duckdb("log", tmp_path)() == answer
