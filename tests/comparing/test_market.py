"""The sample market compared with itself, with another sample of itself, and with one in which something changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gapfinder.analysis import analyze
from gapfinder.comparing import compare
from gapfinder.runs import read_gaps
from gapfinder.samples import sample_files, samples_folder
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store
from tests.comparing.market import Row, two_periods
from tests.samples.market_files import keyword, truth

ANSWERED, SPOILED = "新生儿纸尿裤", "纸尿裤"
THEMES = ("红屁股", "尺码", "透气", "夜用", "胶贴", "腰围", "吸水", "厚薄", "价格", "换洗", "出院", "脐带")
MIDDLE = date(2026, 7, 13)
MOVED = ("opened", "closed", "grew", "shrank")


def _notes() -> list[Row]:
    """Notes that answer the planted gap, each with a text of its own."""
    return [
        {
            "note_id": f"fresh{number:02d}",
            "title": f"{ANSWERED}怎么选：{theme}篇",
            "content": f"{ANSWERED}到底怎么选，这一篇只说{theme}。"
            + f"我家前后用了五个牌子的{ANSWERED}，{theme}差别最大，" * 6,
            "tags": [ANSWERED, theme],
            "author_id": f"fresh-author-{number}",
            "published_at": "2026-08-20T10:00:00",
            "likes": 300,
            "collects": 200,
            "reads": 5000,
            "read_seconds": 200_000,
        }
        for number, theme in enumerate(THEMES)
    ]


def _changed(row: Row) -> Row:
    """The answered need is read about; those who search for the spoiled one open nothing any more."""
    if row["query"] in _queries(ANSWERED):
        note = f"fresh{len(str(row.get('user_id'))) % len(THEMES):02d}"
        return {
            **row,
            "results": [{"note_id": note, "position": 1, "clicked": True, "dwell_seconds": 75, "liked": True}],
        }
    if row["query"] in _queries(SPOILED):
        shown = row.get("results") or [{"note_id": "n00009", "position": 1}]
        return {**row, "results": [{"note_id": one["note_id"], "position": one["position"]} for one in shown]}
    return row


def _queries(name: str) -> set[str]:
    return {variant["query"] for variant in keyword(name)["variants"]}


@pytest.mark.parametrize("seed", ["a", "b"])
def test_another_sample_of_the_same_market_hardly_moves(tmp_path: Path, seed: str) -> None:
    found = two_periods(tmp_path, seed)
    moved = sum(found.counts[change] for change in MOVED)
    both = moved + found.counts["steady"]
    assert both > 200
    assert moved <= 0.02 * both, "a tenth may, by the level of one test; many tests are adjusted for"
    assert found.caveats == []
    covered = [
        change["difference_low"] <= 0 <= change["difference_high"]
        for change in found.changes
        if change["difference_low"] is not None and change["difference_high"] is not None
    ]
    assert sum(covered) / len(covered) >= 0.9


def test_a_planted_gap_closes_when_it_is_answered_and_another_opens(tmp_path: Path) -> None:
    found = two_periods(tmp_path, "a", _changed, _notes())
    by_name = {change["keyword"]: change for change in found.changes}
    closed = by_name[ANSWERED]
    assert closed["change"] == "closed"
    assert closed["gap_kind_before"] == "missing"
    assert closed["reasons"][:2] == ["more_notes", "better_answered"]
    assert by_name[SPOILED]["change"] == "opened"
    others = [
        change["keyword"]
        for change in found.changes
        if change["change"] in MOVED and change["keyword"] not in (ANSWERED, SPOILED)
    ]
    same_need = [name for name in others if "新生儿" in name]
    assert len(others) - len(same_need) <= 2, f"nothing else changed: {others}"


def test_an_analysis_repeated_or_seen_from_half_the_log(tmp_path: Path) -> None:
    """The same searches are never a change; the rise that the market holds is one, from half to half."""
    with open_store(str(tmp_path / "store"), create=True) as store:
        import_files(store, sample_files(samples_folder()), processes=0)
        one, again = (analyze(store, Settings.of(), name=name).info for name in ("one", "again"))
        same = compare(one, read_gaps(store, one), again, read_gaps(store, again))
        assert same.counts["steady"] == len(same.changes) > 200
        first = analyze(store, Settings.of(end=MIDDLE), name="h1").info
        second = analyze(store, Settings.of(first=MIDDLE), name="h2").info
        halves = compare(first, read_gaps(store, first), second, read_gaps(store, second))
        twice = compare(first, read_gaps(store, first), second, read_gaps(store, second))
    assert halves == twice
    grown = [change["keyword"] for change in halves.changes if change["change"] == "grew"]
    assert grown[0] == "新生儿纸尿裤"
    rising = [name for name in grown if _trend(name) == "rising"]
    assert len(rising) >= 0.6 * len(grown)
    shrunk = [change["keyword"] for change in halves.changes if change["change"] == "shrank"]
    assert not [name for name in shrunk if _trend(name) == "rising"]


def _trend(name: str) -> str:
    found: str = next((one["trend"] for one in truth()["keywords"] if one["keyword"] == name), "")
    return found
