"""The log benchmark compares like with like: all ways give the same table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.speed.children import Work
from benchmarks.speed.logs import by_duckdb, by_polars, ours, prepare

ROWS = 3_000


@pytest.mark.parametrize("way", [by_duckdb, by_polars])
def test_all_ways_agree(way: Callable[[str, Path], Work], tmp_path: Path) -> None:
    prepare(tmp_path / "log", ROWS)
    answer = ours("log", tmp_path)()
    groups, searches, clicked, *_ = answer
    assert searches == ROWS
    assert ROWS / 2 < groups < ROWS
    assert 0 < clicked < ROWS / 2
    assert way("log", tmp_path)() == answer
