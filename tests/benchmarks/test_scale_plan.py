"""What a platform needs follows from what was measured, and the page says what follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from benchmarks.record import RESULTS
from benchmarks.scale_plan import Costs, Platform, costs_of, plan, told

ROOT = Path(__file__).parents[2]
PLATFORM = Platform(notes=1e8, searches=1e9, keywords=1e6)
COSTS = Costs(
    note=1e-3,
    search=36e-6,
    asked=1e-3,
    looked_at=1e-7,
    share=0.05,
    by_characters=1e-8,
    read=1e-5,
    program_note=2e-4,
    program_search=3.6e-5,
    program_read=1e-5,
    program_keyword=3.6e-3,
    note_bytes=4_000,
    search_bytes=200,
)


def test_a_platform_is_computed_by_hand() -> None:
    found = plan(COSTS, PLATFORM)
    assert found.note_shards == 10  # 400 GB in shards of 40 GiB
    assert found.month_shards == 140  # 6 TB a month
    assert found.terabytes == pytest.approx(2 * (0.4 + 16.8))
    assert found.import_hours == pytest.approx(20)
    assert found.statistics_hours == pytest.approx(1e6 * (0.01 + 0.5) / 3600)
    assert found.characters_hours == pytest.approx(1e6 / 3600)
    assert found.read_hours == pytest.approx(84e9 * 1e-5 / 3600)
    assert found.program_hours["a day's import"] == pytest.approx(10)
    assert found.program_hours["keywords"] == pytest.approx(1)
    assert found.nodes_by_disk == 11  # 34.4 TB on disks of 3.4 TB
    assert found.nodes == max(found.nodes_by_disk, found.nodes_by_processors)


def test_short_records_are_spread_by_their_number() -> None:
    found = plan(replace(COSTS, search_bytes=20), PLATFORM)
    assert found.month_shards == 56  # 3 x 10^10 searches, 2^29 in a shard


def test_half_of_the_copies_need_half_of_the_disks() -> None:
    one, two = (plan(COSTS, replace(PLATFORM, copies=copies)) for copies in (1, 2))
    assert two.terabytes == 2 * one.terabytes
    assert two.import_hours == 2 * one.import_hours
    assert two.statistics_hours == one.statistics_hours  # each keyword is asked of one copy


def test_the_page_says_what_follows_from_the_results() -> None:
    figures = orjson.loads((RESULTS / "scale.json").read_bytes())
    page = (ROOT / "docs/scale.md").read_text(encoding="utf-8")
    rows = {tuple(cell.strip() for cell in line.split("|")[1:3]) for line in page.splitlines() if line.startswith("|")}
    for what, value in told(costs_of(figures), PLATFORM):
        assert (what, value) in rows
