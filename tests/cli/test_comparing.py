"""``gapfinder gaps --since``, ``explain --history`` and ``runs``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gapfinder.changes import Change
from tests.cli.program import gapfinder

ROWS = 56  # two a day


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two periods of a small market: 防漏睡裤 is answered in the second, 婴儿湿巾 goes on."""
    place = tmp_path_factory.mktemp("own")
    notes = [
        {"note_id": f"n{number}", "title": f"婴儿湿巾{word}", "content": f"湿巾{word}用了三个月，" * 12, "likes": 90}
        for number, word in enumerate(("推荐", "测评", "成分"))
    ]
    _write(place / "notes.jsonl", notes)
    _write(place / "spring.jsonl", [_search(query, number, 5) for query in QUERIES for number in range(ROWS)])
    assert gapfinder("import", "notes.jsonl", "spring.jsonl", cwd=place).code == 0
    assert gapfinder("analyze", "--run", "spring", cwd=place).code == 0
    answers = [
        {
            "note_id": f"m{number}",
            "title": f"防漏睡裤{word}",
            "content": f"这条防漏睡裤{word}，晚上翻身不漏，" * 12,
            "tags": ["防漏睡裤"],
            "likes": 90,
        }
        for number, word in enumerate(("推荐", "测评", "尺码", "夜用"))
    ]
    _write(place / "answers.jsonl", answers)
    _write(place / "summer.jsonl", [_search(query, number, 6) for query in QUERIES for number in range(ROWS)])
    assert gapfinder("import", "answers.jsonl", "summer.jsonl", cwd=place).code == 0
    assert gapfinder("analyze", "--run", "summer", "--from", "2026-06-01", cwd=place).code == 0
    return place


QUERIES = ("防漏睡裤", "婴儿湿巾")


def _search(query: str, number: int, month: int) -> dict[str, object]:
    read = query == "婴儿湿巾" or month == 6
    note = "n0" if query == "婴儿湿巾" else "m0"
    return {
        "query": query,
        "searched_at": f"2026-{month:02d}-{1 + number % 28:02d}T2{number % 4}:30:00",
        "user_id": f"u{month}-{number}",
        "results": [{"note_id": note, "position": 1, "clicked": True, "dwell_seconds": 80}] if read else [],
    }


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def test_what_changed_since_an_earlier_run(folder: Path) -> None:
    answer = gapfinder("gaps", "--since", "spring", cwd=folder)
    assert answer.code == 0
    first, *_ = answer.out.splitlines()
    assert first.startswith("summer（2026-06-01 至 2026-06-29）与 spring（2026-05-01 至 2026-05-29）相比：")
    assert "已补上 1 个" in first
    assert "基本不变 1 个" in first
    assert "防漏睡裤" in answer.out
    assert "婴儿湿巾" not in answer.out, "the table is about changes"
    assert answer.err == "", "comparable runs bring no warning"
    assert gapfinder("gaps", "--since", "previous", cwd=folder).out == answer.out


def test_changes_as_json(folder: Path) -> None:
    rows = gapfinder("gaps", "--since", "previous", "--json", cwd=folder).json
    assert [(row["keyword"], row["change"]) for row in rows] == [("防漏睡裤", "closed"), ("婴儿湿巾", "steady")]
    assert list(rows[0]) == list(Change.__annotations__)
    assert rows[0]["reasons"][:2] == ["more_notes", "better_answered"]
    chosen = gapfinder("gaps", "--since", "spring", "--change", "steady", "--change", "new", "--json", cwd=folder).json
    assert [row["keyword"] for row in chosen] == ["婴儿湿巾"]
    assert len(gapfinder("gaps", "--since", "spring", "--top", "1", "--json", cwd=folder).json) == 1


def test_nothing_of_the_kind(folder: Path) -> None:
    answer = gapfinder("gaps", "--since", "spring", "--change", "opened", cwd=folder)
    assert answer.code == 0
    assert "没有符合的关键词" in answer.out


def test_runs_that_differ_are_told_on_standard_error(folder: Path) -> None:
    options = ("--run", "other", "--set", "half_life_days=90", "--to", "2026-05-15")
    assert gapfinder("analyze", *options, cwd=folder).code == 0
    answer = gapfinder("gaps", "--since", "spring", "--run", "other", "--json", cwd=folder)
    assert "设置不同：half_life_days" in answer.err
    assert "14 天" in answer.err
    assert set(answer.json[0]["warnings"]) == {"settings_differ", "windows_differ"}
    assert gapfinder("runs", "--delete", "other", "--yes", cwd=folder).code == 0


@pytest.mark.parametrize("name", ["changes.csv", "changes.xlsx", "changes.parquet", "changes.json"])
def test_changes_are_written_to_files(folder: Path, name: str) -> None:
    answer = gapfinder("gaps", "--since", "spring", "--out", name, cwd=folder)
    assert (answer.code, answer.out) == (0, "")
    assert (folder / name).stat().st_size > 100


def test_the_history_of_a_keyword(folder: Path) -> None:
    moments = gapfinder("explain", "防漏睡裤", "--history", "--json", cwd=folder).json
    assert [(moment["name"], moment["change"]) for moment in moments] == [("spring", None), ("summer", "closed")]
    shown = gapfinder("explain", "防漏睡裤", "--history", cwd=folder).out
    assert "█▁" in shown
    assert "已补上" in shown


def test_runs_are_listed_and_deleted(folder: Path) -> None:
    assert gapfinder("analyze", "--run", "spare", cwd=folder).code == 0
    listed = gapfinder("runs", "--json", cwd=folder).json
    assert [run["name"] for run in listed] == ["spare", "summer", "spring"]
    assert listed[1]["from"] == "2026-06-01"
    assert listed[1]["keywords"] == 2
    shown = gapfinder("runs", cwd=folder).out
    assert all(name in shown for name in ("spare", "summer", "spring"))
    refused = gapfinder("runs", "--delete", "spare", cwd=folder)
    assert refused.code == 2
    assert "--yes" in refused.err
    assert gapfinder("runs", "--delete", "spare", "--yes", cwd=folder).code == 0
    assert [run["name"] for run in gapfinder("runs", "--json", cwd=folder).json] == ["summer", "spring"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("gaps", "--since", "winter"), "there is no run 'winter'"),
        (("gaps", "--since", "summer"), "can't be compared with itself"),
        (("gaps", "--since", "previous", "--run", "spring"), "there is no run before"),
        (("gaps", "--since", "spring", "--change", "exploded"), "there is no change 'exploded'"),
        (("gaps", "--since", "spring", "--kind", "missing"), "do not go with --since"),
        (("gaps", "--change", "opened"), "--change needs a run"),
        (("gaps", "--since", "spring", "--out", "changes.docx"), "changes.docx"),
        (("explain", "没有的词", "--history"), "has no keyword"),
        (("runs", "--delete", "winter", "--yes"), "there is no run 'winter'"),
        (("runs", "--delete", "latest", "--yes"), "latest names another run"),
        (("analyze", "--run", "previous"), "can't be called 'previous'"),
    ],
)
def test_wrong_use_ends_in_a_sentence(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    answer = gapfinder(*arguments, cwd=folder)
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.out == ""
