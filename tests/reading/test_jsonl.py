from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import DataError
from indexer.reading import jsonl
from indexer.reading.chunks import Chunk, Rejected
from indexer.reading.compression import Source
from indexer.reading.jsonl import JsonReader


def load(path: Path, text: str | bytes) -> tuple[list[tuple[int, dict[str, object]]], list[Rejected]]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    rows: list[tuple[int, dict[str, object]]] = []
    broken: list[Rejected] = []
    for raw in JsonReader(Source(path), "utf-8").chunks():
        chunk: Chunk = raw.parse()
        rows.extend((int(chunk.lines[n]), chunk.row(n)) for n in range(len(chunk)))
        broken.extend(chunk.broken)
    return rows, broken


def test_lines_with_faults(tmp_path: Path) -> None:
    text = '{"a": 1}\n\n{"a": \n[1]\n{"b": "x"}\r\nnull\n{"a": NaN, "c": 1, "d": -Infinity}\n{"a": "\\ud800"}'
    rows, broken = load(tmp_path / "a", text)
    assert rows == [(1, {"a": 1}), (5, {"b": "x"}), (7, {"c": 1})]
    assert [bad.line for bad in broken] == [3, 4, 6, 8]
    assert broken[0].reason.startswith("not JSON")
    assert broken[1].reason == "not a JSON object"


def test_an_array_is_streamed_with_lines(tmp_path: Path) -> None:
    values = [{"n": n, "text": 'a"]}{[,\\', "deep": [{"x": [1, {"y": "}"}]}]} for n in range(3_000)]
    rows, broken = load(tmp_path / "a", json.dumps(values, indent=1))
    assert not broken
    assert [row for _, row in rows] == values
    text = json.dumps(values, indent=1).splitlines()
    assert all(text[line - 1].strip() == "{" for line, _ in rows)


@pytest.mark.parametrize(
    "text",
    ['{\n "code": 0,\n "data": [{"a": 1}, {"a": 2}]\n}', '[{"a": 1},{"a": 2}]', '{"data": [{"a": 1},\n{"a": 2}]}'],
)
def test_the_rows_of_an_answer(tmp_path: Path, text: str) -> None:
    assert [row for _, row in load(tmp_path / "a", text)[0]] == [{"a": 1}, {"a": 2}]


def test_an_empty_array_has_no_rows(tmp_path: Path) -> None:
    assert load(tmp_path / "a", " [ ] ") == ([], [])


def test_a_cut_array_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cut\.json:3: the JSON array does not end"):
        load(tmp_path / "cut.json", '[{"a": 1},\n{"a": 2},\n{"a"')


def test_an_endless_line_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "LONGEST_ROW", 1000)
    with pytest.raises(DataError, match=r"long:2: the line is longer"):
        load(tmp_path / "long", '{"a": 1}\n{"a": "' + "x" * 2000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(
        st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=3), JSON, max_size=3),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([None, 1]),
)
def test_any_array_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, object]], indent: int | None
) -> None:
    path = tmp_path_factory.mktemp("json") / "a.json"
    rows, broken = load(path, json.dumps(values, indent=indent))
    assert not broken
    shown = [{k: v for k, v in value.items() if v is not None and v != ""} for value in values]
    assert [row for _, row in rows] == shown
