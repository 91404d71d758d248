"""``gapfinder calibrate``: learns, keeps, says how far to trust it, and forgets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gapfinder.answers.shipped import SHIPPED
from tests.cli.program import Answer, gapfinder

ASKED = {"防漏睡裤": 30, "婴儿湿巾": 40, "罕见的词": 2}


def import_notes(place: Path, first: int, end: int) -> None:
    rows = [
        {"note_id": f"n{n}", "title": f"婴儿湿巾推荐 {n} 号", "content": "湿巾用了三个月，成分干净，" * (3 + n)}
        for n in range(first, end)
    ]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (place / "notes.jsonl").write_text(text, encoding="utf-8")
    assert gapfinder("import", "notes.jsonl", cwd=place).code == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small store of the user's own, too small to learn from, not analyzed yet."""
    place = tmp_path_factory.mktemp("own")
    rows = ["query,searched_at,user_id"]
    for query, times in ASKED.items():
        rows += [f"{query},2026-06-{1 + n % 20:02d} 2{n % 4}:30:00,u{n}" for n in range(times)]
    (place / "searches.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert gapfinder("import", "searches.csv", cwd=place).code == 0
    import_notes(place, 0, 3)
    return place


def about_the_model(answer: Answer) -> dict[str, str]:
    """What ``doctor --json`` found about the model."""
    (finding,) = [one for one in answer.json if one["subject"] == "model"]
    found: dict[str, str] = finding
    return found


def test_it_learns_keeps_and_forgets(folder: Path) -> None:
    before = about_the_model(gapfinder("doctor", "--json", cwd=folder))
    assert (before["level"], before["message"]) == ("ok", "none yet; the first analysis learns it")

    (made,) = gapfinder("calibrate", "--json", cwd=folder).json
    assert made["name"] == SHIPPED.name
    assert made["origin"] == "shipped"
    assert made["calibrated"] is False
    assert made["basis"]["window"] == {"from": "2026-06-01", "to": "2026-06-21"}
    assert made["basis"]["lessons"] == {"log": 2, "made": 3, "outcomes": 0, "labels": 0, "clicked": 0}
    kept = about_the_model(gapfinder("doctor", "--json", cwd=folder))
    assert (kept["level"], kept["message"].split(",")[0]) == ("ok", SHIPPED.name)
    assert gapfinder("gaps", cwd=folder).code == 2, "a model is no analysis"

    assert gapfinder("analyze", cwd=folder).code == 0
    (gone,) = gapfinder("calibrate", "--forget", "--json", cwd=folder).json
    assert gone == {"forgotten": 1}
    assert "没有保存过模型" in gapfinder("calibrate", "--forget", cwd=folder).out
    assert len(gapfinder("gaps", "--json", cwd=folder).json) == 2, "analyses stay"


def test_it_says_what_it_learned_from_and_that_it_is_too_little(folder: Path) -> None:
    answer = gapfinder("calibrate", "--from", "2026-06-05", "--to", "2026-06-10", cwd=folder)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == SHIPPED.name
    assert "数据太少，沿用随程序附带的模型" in lines[1]
    assert "2026-06-05 至 2026-06-10（不含）" in lines[1]
    assert "由笔记拟出的搜索词 3 个" in lines[2]
    assert lines[-1].startswith("尚未校准：结果已知的搜索词有 0 个，至少要 300 个")
    assert "gapfinder analyze" in answer.err


def test_doctor_says_when_a_model_is_stale(folder: Path) -> None:
    assert gapfinder("calibrate", cwd=folder).code == 0
    import_notes(folder, 3, 8)
    finding = about_the_model(gapfinder("doctor", "--json", cwd=folder))
    assert finding["level"] == "warning"
    assert finding["message"].startswith("stale: ")
    assert finding["mend"] == "gapfinder calibrate"
    assert gapfinder("calibrate", cwd=folder).code == 0
    assert about_the_model(gapfinder("doctor", "--json", cwd=folder))["level"] == "ok"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--from", "June"), 2, "--from 'June' is not a day"),
        (("--from", "2026-06-10", "--to", "2026-06-02"), 2, "is empty"),
        (("--from", "2020-06-10", "--to", "2020-06-12"), 2, "no searches lie in the window"),
        (("--set", "speed=3"), 2, "there is no setting 'speed'"),
        (("--store", "nowhere"), 4, "nowhere"),
        (("--forget", "--store", "nowhere"), 4, "nowhere"),
    ],
)
def test_wrong_use_ends_in_a_sentence(folder: Path, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    answer = gapfinder("calibrate", *arguments, cwd=folder)
    assert answer.code == code
    assert sentence in answer.err
    assert answer.out == ""


def test_a_store_without_searches_has_nothing_to_calibrate(tmp_path: Path) -> None:
    import_notes(tmp_path, 0, 2)
    answer = gapfinder("calibrate", cwd=tmp_path)
    assert answer.code == 3
    assert "the store holds no searches" in answer.err


def test_help_has_examples(tmp_path: Path) -> None:
    answer = gapfinder("calibrate", "--help", cwd=tmp_path)
    assert answer.code == 0
    assert "gapfinder calibrate --forget" in answer.out
