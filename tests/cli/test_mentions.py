"""``gapfinder mentions`` as a user runs it: on a terminal, as JSON, and as files of every mention."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gapfinder.reporting.mention_files import SCHEMA
from indexer.stores import open_store
from tests.cli.program import Answer, gapfinder
from tests.market.made import analyzed
from tests.market.spoken import PERSONAL, RARE, spoken


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("mentions")
    with open_store(str(found / "data"), create=True) as store:
        spoken(store)
    return found


def mentions(folder: Path, *given: str | Path) -> Answer:
    return gapfinder("mentions", *given, "--store", "data", cwd=folder)


def test_a_terminal_shows_names_notes_and_queries(folder: Path) -> None:
    answer = mentions(folder, "缓解红屁股")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "卖点 缓解红屁股（纸尿裤）：3 篇笔记提到 4 处，3 个搜索词提到 3 处"
    assert any("纸尿裤【红屁股】求助" in line and "标题" in line and "3–6" in line and "s4" in line for line in lines)
    assert any(RARE in line for line in lines), "the owner sees what few people searched"


def test_only_notes_or_only_queries_and_at_most_so_many(folder: Path) -> None:
    answer = mentions(folder, "纸尿裤", "--in", "queries", "--top", "2")
    assert "共 10 个搜索词，显示前 2 个" in answer.out
    assert "篇笔记，显示" not in answer.out
    assert PERSONAL in mentions(folder, "纸尿裤", "--in", "queries", "--json").out
    found = mentions(folder, "纸尿裤", "--json", "--top", "3").json
    assert [bool(one["note_id"]) for one in found] == [True] * 3 + [False] * 3
    assert mentions(folder, "海边", "--level", "scene", "--in", "queries").out.endswith("没有搜索词提到。\n")


def test_control_characters_are_shown_as_escapes(folder: Path) -> None:
    answer = mentions(folder, "海边")
    assert "\\u202e【海边】 =1+1" in answer.out
    assert "\u202e" not in answer.out


def rows_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        assert pq.read_schema(path).equals(SCHEMA)
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    found: list[dict[str, Any]] = []
    for row in csv.DictReader(text.splitlines()):
        told: dict[str, Any] = {name: value or None for name, value in row.items()}
        for name in ("searches", "searchers", "start", "end"):
            told[name] = None if told[name] is None else int(told[name])
        found.append(told)
    return found


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("name", ["纸尿裤", "麦洛", "孕妇"])
def test_files_hold_a_row_for_every_mention(folder: Path, kind: str, name: str) -> None:
    out = folder / f"m.{kind}"
    answer = mentions(folder, name, "--out", out)
    assert (answer.code, answer.out) == (0, "")
    found = mentions(folder, name, "--json").json
    columns = ("field", "start", "end", "words")
    flat = [
        (one["note_id"], one["query"], one["searches"], *(mark[column] for column in columns))
        for one in found
        for mark in one["marks"]
    ]
    rows = rows_of(out)
    assert f"已写入 {len(rows):,} 处提及" in answer.err
    told = [(row["note_id"], row["query"], row["searches"], *(row[column] for column in columns)) for row in rows]
    assert [(*row[:-1], row[-1] or "") for row in told] == flat


def test_no_cell_acts_as_a_formula(folder: Path) -> None:
    out = folder / "sea.csv"
    assert mentions(folder, "海边", "--in", "notes", "--out", out).code == 0
    text = out.read_text(encoding="utf-8-sig")
    assert '"=HYPERLINK' not in text
    assert "=HYPERLINK" in text, "told, but as text"
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert all(not cell.startswith(("=", "+", "-", "@")) for row in csv.reader(file) for cell in row)


@pytest.mark.parametrize(
    ("given", "code", "message", "hint"),
    [
        (("云朵",), 2, "no note and no query of the run speaks of '云朵'", "close: 云朵熊"),
        (("纸尿裤", "--level", "shop"), 2, "there is no level 'shop'", "levels: category"),
        (("纸尿裤", "--in", "comments"), 2, "--in 'comments' is nothing to look in", "look in: notes, queries"),
        (("纸尿裤", "--out", "m.doc"), 2, "m.doc: there is no format '.doc'", ".csv, .jsonl, .parquet"),
        (("纸尿裤", "--out", "no/m.csv"), 2, "no/m.csv: can't be written", ""),
        (("纸尿裤", "--out", "m.csv", "--json"), 2, "--out and --json are two answers", "give one of them"),
        (("纸尿裤", "--run", "none"), 2, "there is no run 'none'", "runs: "),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    folder: Path, given: tuple[str, ...], code: int, message: str, hint: str
) -> None:
    answer = mentions(folder, *given)
    assert answer.code == code
    assert message in answer.err
    assert hint in answer.err
    assert answer.out == ""


def test_rows_beyond_all_reason_are_refused_in_a_sentence(tmp_path: Path) -> None:
    for command in (["mentions", "纸尿裤"], ["gaps"], ["recommend", "纸尿裤"], ["selling-points", "纸尿裤"]):
        answer = gapfinder(*command, "--top", "99999999999999999999", cwd=tmp_path)
        assert answer.code == 2
        assert "--top" in answer.err


def test_a_draft_may_be_a_file_of_any_usual_encoding_but_no_folder(tmp_path: Path) -> None:
    url = str(tmp_path / "store")
    with open_store(url, create=True) as store:
        analyzed(store)
    text = "宝宝红屁股，换了三款纸尿裤"
    for name, encoding in (("u8.txt", "utf-8-sig"), ("gb.txt", "gb18030"), ("u16.txt", "utf-16")):
        (tmp_path / name).write_bytes(text.encode(encoding))
        answer = gapfinder("recommend", "--note", name, "--json", "--store", url, cwd=tmp_path)
        assert answer.json[0]["keyword"] == "红屁股纸尿裤", name
    (tmp_path / "folder").mkdir()
    (tmp_path / "x.bin").write_bytes(bytes(range(128, 256)) * 9)
    for name, said in (("folder", "folder is a folder"), ("x.bin", "x.bin is no text")):
        answer = gapfinder("recommend", "--note", name, "--store", url, cwd=tmp_path)
        assert (answer.code, said in answer.err) == (2, True), answer.err
    answer = gapfinder("market", "--suggest", "--out", "names.xlsx", "--store", url, cwd=tmp_path)
    assert (answer.code, "written as CSV" in answer.err) == (2, True)
