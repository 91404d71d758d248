"""``gapfinder analyze --embedder`` as users run it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gapfinder.meaning.finding import NOT_USED
from indexer.stores import open_store
from tests.cli.program import gapfinder
from tests.meaning.embedding_server import EmbeddingServer, Said, embedding_server, unreachable_spec

NOTES = [
    {"note_id": "n1", "title": "尿不湿怎么选", "content": "新手爸妈看过来，尿不湿选透气的，" * 12, "likes": 120},
    {"note_id": "n2", "title": "婴儿湿巾推荐", "content": "湿巾用了三个月，成分干净，" * 12, "likes": 80},
]


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A market of two notes and thirty searches, imported."""
    rows = ["query,searched_at,user_id"]
    rows += [f"防漏睡裤,2026-06-{1 + n % 20:02d} 20:30:00,u{n}" for n in range(30)]
    (tmp_path / "searches.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "notes.jsonl").write_text("\n".join(json.dumps(note, ensure_ascii=False) for note in NOTES))
    assert gapfinder("import", "notes.jsonl", "searches.csv", cwd=tmp_path).code == 0
    return tmp_path


def manifest(folder: Path, run: str) -> dict[str, object]:
    with open_store(str(folder / "gapfinder-data")) as store:
        return next(dict(info.manifest) for info in store.runs() if info.run == run)


def test_an_embedder_that_is_not_there_costs_one_sentence(folder: Path) -> None:
    spec = unreachable_spec().replace("http://", "http://user:pass@")
    answer = gapfinder("analyze", "--embedder", spec, "--json", cwd=folder, GAPFINDER_EMBEDDER_KEY="sk-secret")
    shown = spec.replace("user:pass@", "")
    assert answer.code == 0
    assert answer.err.splitlines() == [
        f"warning: the embedder {shown} can't be reached: Connection refused; the analysis goes on without it"
    ]
    told = manifest(folder, answer.json[0]["run"])
    reason = f"the embedder {shown} can't be reached: Connection refused"
    assert told["embedder"] == {"name": shown, "used": False, "reason": reason}
    assert told["notes"] == [NOT_USED]
    text = json.dumps(told)
    assert "sk-secret" not in text
    assert "pass" not in text
    gaps = gapfinder("gaps", "--json", cwd=folder).json
    assert gapfinder("analyze", cwd=folder).code == 0
    assert gapfinder("gaps", "--json", cwd=folder).json == gaps, "the numbers are those without an embedder"
    assert gapfinder("report", "--run", answer.json[0]["run"], "--out", "report.html", cwd=folder).code == 0
    assert NOT_USED in (folder / "report.html").read_text(encoding="utf-8")


def test_a_second_analysis_asks_nothing(folder: Path, server: EmbeddingServer) -> None:
    first = gapfinder("analyze", "--json", cwd=folder, GAPFINDER_EMBEDDER=server.spec)
    assert (first.code, first.err) == (0, "")
    assert len(server.texts) >= 2
    server.asked.clear()
    again = gapfinder("analyze", "--json", "--embedder", server.spec, cwd=folder)
    assert server.asked == []
    assert again.json[0]["run"] == first.json[0]["run"], "the same analysis is the same run"
    told = manifest(folder, first.json[0]["run"])
    embedder = told["embedder"]
    assert isinstance(embedder, dict)
    assert embedder.pop("effect")["changed_kind"] == 0, "two notes teach no model of meaning"
    assert embedder == {"name": server.spec, "used": True, "dimensions": 96}
    assert isinstance(told["settings"], dict)
    assert told["settings"]["embedder"] == server.spec
    doctor = gapfinder("doctor", cwd=folder).out
    assert first.json[0]["run"] in doctor
    assert gapfinder("gaps", "--run", "nothing", cwd=folder).err.count("vectors-") == 0


def test_a_wrong_answer_costs_one_sentence_without_what_it_holds(folder: Path, server: EmbeddingServer) -> None:
    server.fault = lambda *_: Said({"error": {"message": "bad\u001b[31m key sk-secret"}}, 401)
    answer = gapfinder("analyze", "--embedder", server.spec, cwd=folder, GAPFINDER_EMBEDDER_KEY="sk-secret")
    assert answer.code == 0
    (line,) = [line for line in answer.err.splitlines() if line.startswith("warning")]
    assert "does not let us in (401): bad[31m key ***; the analysis goes on without it" in line


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("absent-folder", "there is no folder absent-folder"),
        (".", "holds no embedder"),
        ("http://127.0.0.1:9/v1", "is named without its model"),
        ("gopher://host/v1#m", "is not that of a server"),
    ],
)
def test_an_embedder_that_can_not_be_one_is_wrong_use(folder: Path, spec: str, sentence: str) -> None:
    answer = gapfinder("analyze", "--embedder", spec, cwd=folder, GAPFINDER_EMBEDDER_MODEL="")
    assert answer.code == 2
    assert sentence in answer.err
    assert "hint: " in answer.err
