"""The command line as a whole: exit codes, JSON, help, and sentences instead of tracebacks."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from gapfinder.reporting.trust import rank_words
from gapfinder.results import GAP_KIND_LABELS, GAP_KINDS, PARTS
from tests.cli.program import gapfinder

NOTES = [
    {"note_id": "n1", "title": "尿不湿怎么选", "content": "新手爸妈看过来，尿不湿选透气的，" * 12, "likes": 120},
    {"note_id": "n2", "title": "婴儿湿巾推荐", "content": "湿巾用了三个月，成分干净，" * 12, "likes": 80},
    {"note_id": "n3", "title": "婴儿湿巾测评", "content": "十款湿巾一起比，" * 20, "likes": 300},
]
ASKED = {"防漏睡裤": 30, "婴儿湿巾": 40, "罕见的词": 2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small market of the user's own, imported and analyzed."""
    place = tmp_path_factory.mktemp("own")
    rows = ["query,searched_at,user_id"]
    for query, times in ASKED.items():
        rows += [f"{query},2026-06-{1 + n % 20:02d} 2{n % 4}:30:00,u{n}" for n in range(times)]
    (place / "searches.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (place / "notes.jsonl").write_text(
        "\n".join(json.dumps(note, ensure_ascii=False) for note in NOTES), encoding="utf-8"
    )
    assert gapfinder("import", "notes.jsonl", "searches.csv", cwd=place).code == 0
    assert gapfinder("analyze", cwd=place).code == 0
    return place


def test_import_says_what_came_of_each_file(folder: Path) -> None:
    answer = gapfinder("import", "notes.jsonl", "searches.csv", "--json", cwd=folder)
    assert answer.code == 0
    *files, rest = answer.json
    assert [(one["file"], one["record"]) for one in files] == [("notes.jsonl", "note"), ("searches.csv", "search")]
    for one in [*files, rest["total"]]:
        assert one["read"] == one["written"] + one["unchanged"] + one["rejected"]
    assert rest["total"] == {"read": 75, "written": 0, "unchanged": 75, "rejected": 0}


def test_analyze_prints_the_id_of_its_run(folder: Path) -> None:
    shown = gapfinder("analyze", cwd=folder).out.splitlines()[0]
    (answer,) = gapfinder("analyze", "--json", cwd=folder).json
    assert answer["run"] == shown
    assert (answer["from"], answer["to"]) == ("2026-06-01", "2026-06-21")
    assert (answer["notes"], answer["searches"], answer["keywords"]) == (3, 72, 2)


def test_gaps_are_listed_by_the_low_end(folder: Path) -> None:
    gaps = gapfinder("gaps", "--json", cwd=folder).json
    assert [gap["keyword"] for gap in gaps] == ["防漏睡裤", "婴儿湿巾"]
    assert [gap["gap_kind"] for gap in gaps] == ["missing", "met"]
    assert [gap["unmet_low"] for gap in gaps] == sorted((gap["unmet_low"] for gap in gaps), reverse=True)
    assert gaps[0]["demand_supply_ratio"] is None
    assert gaps[1]["notes_matching"] == 2
    assert "婴儿湿巾" not in gapfinder("gaps", cwd=folder).out, "the table is about gaps"
    assert [gap["keyword"] for gap in gapfinder("gaps", "--kind", "met", "--json", cwd=folder).json] == ["婴儿湿巾"]


def test_gaps_are_listed_by_the_excess(folder: Path) -> None:
    gaps = gapfinder("gaps", "--order-by", "excess", "--json", cwd=folder).json
    assert [gap["excess_low"] for gap in gaps] == sorted((gap["excess_low"] for gap in gaps), reverse=True)
    total, demand = (sum(gap[name] for gap in gaps) for name in ("unmet_per_week", "demand_per_week"))
    assert sum(gap["excess"] for gap in gaps) == pytest.approx(0, abs=0.01), "above and below the store's own share"
    for gap in gaps:
        assert gap["excess"] == pytest.approx(gap["unmet_per_week"] - total / demand * gap["demand_per_week"], abs=0.01)
        assert ("gap" in gap["flags"]) == (gap["excess_low"] > 0)
        assert 1 <= gap["rank_low"] <= gap["rank_high"] <= len(gaps)


def test_explain_adds_up(folder: Path) -> None:
    (gap,) = gapfinder("explain", "防漏睡裤", "--json", cwd=folder).json
    assert [part["part"] for part in gap["decomposition"]] == list(PARTS)
    assert sum(part["per_week"] for part in gap["decomposition"]) == pytest.approx(gap["unmet_per_week"], abs=0.001)
    assert set(gap["kind_probabilities"]) == {*GAP_KINDS}
    assert gap["evidence_queries"][0]["query"] == "防漏睡裤"
    assert {"forecast", "synonyms", "trend"} <= set(gap)
    shown = gapfinder("explain", "防漏睡裤", cwd=folder).out
    assert "没有笔记回答" in shown
    assert "比平均水平多出" in shown
    assert f"每周 {gap['unmet_per_week']:,.0f} 次未满足（90% 区间 " in shown
    assert rank_words(gap["rank_low"], gap["rank_high"]) in shown
    likeliest = max(gap["kind_probabilities"].items(), key=lambda item: item[1])
    assert f"类型：{GAP_KIND_LABELS[likeliest[0]]} {likeliest[1]:.0%}" in shown
    assert "概率尚未校准：结果已知的搜索词有" in shown or "概率尚未校准：日志没有记录搜索结果" in shown


def test_keywords_of_a_file_are_taken_whatever_their_support(folder: Path) -> None:
    (folder / "words.txt").write_text("罕见的词\n\n# a comment\n从没搜过\n", encoding="utf-8")
    assert gapfinder("analyze", "--keywords", "words.txt", "--run", "listed", cwd=folder).code == 0
    gaps = {gap["keyword"]: gap for gap in gapfinder("gaps", "--run", "listed", "--json", cwd=folder).json}
    assert set(gaps) == {"罕见的词", "从没搜过"}
    assert gaps["罕见的词"]["searches"] == 2
    assert "few_searches" in gaps["罕见的词"]["flags"]
    assert gaps["从没搜过"]["unmet_per_week"] == 0
    assert gaps["从没搜过"]["unmet_high"] > 0, "none in the window may still be some"
    assert gaps["从没搜过"]["gap_kind"] == "unsure"
    assert gapfinder("gaps", "--run", "listed", "--json", cwd=folder).code == 0
    gapfinder("analyze", cwd=folder)
    assert gapfinder("gaps", "--run", "listed", "--json", cwd=folder).code == 0, "a name stays with its run"


@pytest.mark.parametrize("name", ["gaps.csv", "gaps.xlsx", "gaps.parquet", "gaps.json"])
def test_gaps_are_written_to_files(folder: Path, name: str) -> None:
    assert gapfinder("gaps", "--out", name, cwd=folder).code == 0
    assert (folder / name).stat().st_size > 100


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("gaps", "--kind", "nonsense"), 2, "there is no kind 'nonsense'"),
        (("gaps", "--order-by", "beauty"), 2, "there is no order"),
        (("gaps", "--out", "gaps.docx"), 2, "gaps.docx"),
        (("gaps", "--run", "nonsense"), 2, "there is no run 'nonsense'"),
        (("explain", "没有的词"), 2, "has no keyword"),
        (("analyze", "--from", "June"), 2, "--from 'June' is not a day"),
        (("analyze", "--to", "0001-01-01"), 2, "--to '0001-01-01' is no day of a log"),
        (("backtest", "--at", "9999-12-31"), 2, "--at '9999-12-31' is no day of a log"),
        (("analyze", "--from", "2026-06-10", "--to", "2026-06-02"), 2, "is empty"),
        (("analyze", "--set", "speed=3"), 2, "there is no setting 'speed'"),
        (("analyze", "--set", "gap_threshold"), 2, "is not name=value"),
        (("analyze", "--min-searches", "0"), 2, "min_searches is 0"),
        (("analyze", "--category", "汽车"), 2, "there is no category"),
        (("import", "absent.csv"), 2, "absent.csv"),
        (("import", "notes.jsonl", "--as", "poem"), 2, "poem"),
        (("import", "notes.jsonl", "--map", "title"), 2, "is not theirs=ours"),
        (("import", "notes.jsonl", "--encoding", "klingon"), 2, "klingon"),
        (("gaps", "--store", "http://127.0.0.1:1"), 4, "127.0.0.1:1"),
        (("gaps", "--store", "ftp://somewhere"), 2, "ftp"),
        (("gaps", "--store", "nowhere"), 4, "nowhere"),
        (("analyze", "--run", "latest"), 2, "can't be called 'latest'"),
        (("analyze", "--run", "../x"), 2, "can't be called"),
        (("analyze", "--set", "half_life_days=abc"), 2, "'abc' is not a number"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_wrong_use_ends_in_a_sentence(folder: Path, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    answer = gapfinder(*arguments, cwd=folder)
    assert answer.code == code
    assert sentence in answer.err
    assert answer.out == ""


def test_too_many_bad_rows_publish_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(
        "query,searched_at\n湿巾,2026-06-01\n,2026-06-01\n湿巾,2026-13-45\n", encoding="utf-8"
    )
    answer = gapfinder("import", "bad.csv", cwd=tmp_path)
    assert answer.code == 3
    assert "2 of 3" in answer.err
    assert gapfinder("gaps", cwd=tmp_path).code == 2
    (kept,) = (tmp_path / "gapfinder-data" / "quarantine").glob("*.jsonl")
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert [row["line"] for row in rows] == [3, 4]
    assert gapfinder("import", "bad.csv", "--max-rejected", "1", cwd=tmp_path).code == 0


def test_standard_input_is_read(tmp_path: Path) -> None:
    answer = gapfinder(
        "import", "-", "--as", "search", "--json", cwd=tmp_path, stdin="query,searched_at\n湿巾,2026-06-01\n".encode()
    )
    assert answer.code == 0
    assert answer.json[-1]["total"]["written"] == 1


def test_the_store_may_stand_in_the_environment(folder: Path, tmp_path: Path) -> None:
    answer = gapfinder("gaps", "--json", cwd=tmp_path, GAPFINDER_STORE=str(folder / "gapfinder-data"))
    assert len(answer.json) == 2


def test_user_text_is_never_a_terminal_command(folder: Path) -> None:
    answer = gapfinder("explain", "\x1b[31m红\x07", cwd=folder)
    assert answer.code == 2
    assert "\x1b" not in answer.err
    assert "\x07" not in answer.err


def test_demo_keeps_out_of_other_data(folder: Path) -> None:
    answer = gapfinder("demo", cwd=folder)
    assert answer.code == 2
    assert "already holds other data" in answer.err


def test_doctor_tells_and_mends(folder: Path, tmp_path: Path) -> None:
    findings = gapfinder("doctor", "--json", cwd=folder).json
    told = {finding["subject"]: finding["message"] for finding in findings}
    assert "its probabilities are not calibrated" in told["runs"]
    assert told["backtest"].startswith("none yet")
    assert {finding["level"] for finding in findings} == {"ok"}
    empty = gapfinder("doctor", "--json", cwd=tmp_path)
    assert empty.code == 0
    assert any("gapfinder import" in finding["mend"] for finding in empty.json)
    away = gapfinder("doctor", "--store", "http://127.0.0.1:1", cwd=tmp_path)
    assert away.code == 4


@pytest.mark.parametrize(
    "command", ["import", "analyze", "gaps", "explain", "report", "doctor", "reindex", "demo", "serve"]
)
def test_every_command_has_help_with_examples(command: str, tmp_path: Path) -> None:
    answer = gapfinder(command, "--help", cwd=tmp_path)
    assert answer.code == 0
    assert f"gapfinder {command}" in answer.out
    assert "Example" in answer.out


def test_help_is_quick_to_load() -> None:
    code = "import sys, gapfinder.cli.app as a; a.build(); print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    heavy = {
        "numpy",
        "pyarrow",
        "duckdb",
        "deltalake",
        "numba",
        "scipy",
        "fastapi",
        "elasticsearch",
        "rjieba",
        "rich.progress",
    }
    assert not heavy & set(done.stdout.split())


def on_a_terminal(*arguments: str, cwd: Path, columns: int = 100) -> tuple[int, str]:
    """Run a command with a terminal of that width for all its streams; its exit code and what the terminal shows."""
    main, other = pty.openpty()
    termios.tcsetwinsize(other, (40, columns))
    done = subprocess.Popen(
        [sys.executable, "-m", "gapfinder", *arguments],
        cwd=cwd,
        stdin=other,
        stdout=other,
        stderr=other,
        env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    os.close(other)
    shown = b""
    while True:
        try:
            piece = os.read(main, 4096)
        except OSError:  # how a terminal says that the other side is gone
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    return done.wait(), shown.decode()


def test_progress_is_drawn_on_a_terminal_only(folder: Path) -> None:
    code, shown = on_a_terminal("import", "notes.jsonl", cwd=folder)
    assert code == 0
    assert "行/秒" in shown
    assert "行/秒" not in gapfinder("import", "notes.jsonl", cwd=folder).err


def test_demo_on_a_terminal(tmp_path: Path) -> None:
    code, shown = on_a_terminal("demo", "--top", "3", cwd=tmp_path)
    assert code == 0
    assert "Traceback" not in shown
    assert "新生儿纸尿裤" in shown


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_keywords_and_numbers_stay_whole_on_a_narrow_screen(folder: Path, columns: int) -> None:
    code, shown = on_a_terminal("gaps", "--kind", "missing", "--kind", "met", cwd=folder, columns=columns)
    assert code == 0
    assert "防漏睡裤" in shown
    assert "没有内容" in shown
    assert "…" not in shown


def test_output_that_nobody_can_take(folder: Path) -> None:
    def run(redirect: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        command = f"{shlex.quote(sys.executable)} -m gapfinder gaps {redirect}"
        variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment}
        return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, check=False, env=variables)

    for redirect, code in ((">/dev/full", 2), (">&-", 0), ("| head -c 10", 0)):
        done = run(redirect)
        assert done.returncode == code, redirect
        assert b"Traceback" not in done.stderr
    done = run("", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert done.returncode == 0
    assert b"\\u9632\\u6f0f" in done.stdout
