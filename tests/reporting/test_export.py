"""Exports hold what the run holds, in files that no spreadsheet runs and no failure leaves half written."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import cast

import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from gapfinder.reporting.export import PARQUET_SCHEMA, export_gaps, export_report
from gapfinder.reporting.flat import COLUMNS, flat, without_formula
from gapfinder.results import GAP_KINDS, PARTS, Gap
from gapfinder.results import PARTS as ADDED_UP
from gapfinder.runs import Run
from indexer.errors import UsageError
from tests.reporting.made_run import FORMULA, PHONE, RARE, made_gap, made_info, made_run

TRIGGERS = tuple("=+-@\t\r\n\x00＝＋－＠")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_opens_in_excel_and_holds_every_keyword(tmp_path: Path) -> None:
    run = made_run()
    path = tmp_path / "gaps.csv"
    export_gaps(run, path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == len(run.gaps) + 1
    rows = _rows(path)
    assert [row["keyword"].removeprefix("'") for row in rows] == [gap["keyword"] for gap in run.gaps]
    for row, gap in zip(rows, run.gaps, strict=True):
        assert float(row["unmet_per_week"]) == gap["unmet_per_week"]
        assert row["gap_kind"] == gap["gap_kind"]
        parts = sum(float(row[f"score_parts.{part}"]) for part in gap["score_parts"])
        assert parts == pytest.approx(gap["unmet_per_week"])


def test_csv_runs_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    export_gaps(made_run(), path)
    cells = [cell for row in _rows(path) for cell in row.values()]
    assert "'" + FORMULA in cells
    assert not [cell for cell in cells if cell.startswith(TRIGGERS) and not _is_number(cell)]


def test_a_negative_number_stays_a_number(tmp_path: Path) -> None:
    gap = made_gap(0, "纸尿裤", "weak")
    gap["score_parts"]["behaviour"] = -3.5
    export_gaps(Run(made_info(), [gap]), tmp_path / "gaps.csv")
    [row] = _rows(tmp_path / "gaps.csv")
    assert row["score_parts.behaviour"] == "-3.5"
    assert ",-3.5," in (tmp_path / "gaps.csv").read_text(encoding="utf-8-sig"), "numbers stand without quotes"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@given(st.text(max_size=40))
@example("=1+1")
@example(" ＝1+1")
@example("\"'=1")
@example("\t=1")
@example("\ufeff@x")
def test_no_text_begins_a_formula(text: str) -> None:
    cell = without_formula(text)
    assert not cell.startswith(TRIGGERS)
    assert not cell.lstrip(' "').startswith(TRIGGERS)
    assert cell in (text.replace("\x00", ""), "'" + text.replace("\x00", ""))


def test_xlsx_has_a_sheet_a_table_and_text_stays_text(tmp_path: Path) -> None:
    run = made_run()
    export_gaps(run, tmp_path / "gaps.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "gaps.xlsx"))
    names = [name.split(" ")[0] for name in book.sheet_names]
    assert names == ["gaps", "evidence_queries", "evidence_notes", "metrics", "manifest"]
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert head[:3] == ["keyword 关键词", "variants 归并写法", "match 匹配方式"]
    assert [row[0] for row in rows] == [gap["keyword"] for gap in run.gaps]
    assert FORMULA in [row[0] for row in rows], "typed as text, so it needs no mark"
    queries = book.get_sheet_by_index(1).to_python()
    assert len(queries) == 1 + sum(len(gap["evidence_queries"]) for gap in run.gaps)
    manifest = {row[0]: row[1] for row in book.get_sheet_by_index(4).to_python()}
    assert manifest["run"] == run.info.run


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for suffix in ("csv", "xlsx", "parquet", "json"):
        export_gaps(made_run(), tmp_path / f"one.{suffix}")
        export_gaps(made_run(), tmp_path / f"two.{suffix}")
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_parquet_keeps_the_nesting(tmp_path: Path) -> None:
    run = made_run()
    export_gaps(run, tmp_path / "gaps.parquet")
    table = pq.read_table(tmp_path / "gaps.parquet")
    assert table.schema.equals(PARQUET_SCHEMA)
    for row, gap in zip(table.to_pylist(), run.gaps, strict=True):
        row["kind_probabilities"] = dict(row["kind_probabilities"])
        row["score_parts"] = dict(row["score_parts"])
        assert row == gap


def test_an_empty_run_is_a_whole_file(tmp_path: Path) -> None:
    for suffix in ("csv", "xlsx", "parquet", "json"):
        export_gaps(Run(made_info(), []), tmp_path / f"none.{suffix}")
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0
    assert _rows(tmp_path / "none.csv") == []
    assert json.loads((tmp_path / "none.json").read_bytes()) == []


def test_json_is_the_gaps(tmp_path: Path) -> None:
    run = made_run()
    export_gaps(run, tmp_path / "gaps.json")
    assert json.loads((tmp_path / "gaps.json").read_bytes()) == run.gaps


def test_a_report_leaves_out_what_is_rare_and_an_export_does_not(tmp_path: Path) -> None:
    export_report(made_run(), tmp_path / "report.xlsx")
    export_gaps(made_run(), tmp_path / "gaps.xlsx")
    shown, owned = (
        {
            str(cell)
            for row in CalamineWorkbook.from_path(str(tmp_path / name)).get_sheet_by_index(0).to_python()
            for cell in row
        }
        for name in ("report.xlsx", "gaps.xlsx")
    )
    assert {RARE, PHONE} <= owned
    assert not {RARE, PHONE} & shown


@pytest.mark.parametrize("name", ["gaps.ods", "gaps", "gaps.html"])
def test_an_unknown_format_names_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        export_gaps(made_run(), tmp_path / name)
    assert ".csv, .xlsx, .parquet, .json" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be written"):
        export_report(made_run(), tmp_path / "nowhere" / "report.html")


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "json"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"gaps.{suffix}"
    path.write_bytes(b"old")
    broken = made_run()
    broken.gaps[-1] = cast("Gap", {"keyword": object()})
    with pytest.raises((KeyError, TypeError, ValueError)):
        export_gaps(broken, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_very_long_text_fits_a_cell(tmp_path: Path) -> None:
    gap = made_gap(1, "长" * 40_000, "weak")
    export_gaps(Run(made_info(), [gap]), tmp_path / "gaps.xlsx")
    rows = CalamineWorkbook.from_path(str(tmp_path / "gaps.xlsx")).get_sheet_by_index(0).to_python()
    assert len(str(rows[1][0])) == 32_767


def test_the_flat_table_knows_every_column_of_a_gap() -> None:
    outer = {column.name.partition(".")[0] for column in COLUMNS}
    assert outer == set(Gap.__annotations__)
    assert {f"kind_probabilities.{kind}" for kind in GAP_KINDS} <= {column.name for column in COLUMNS}
    assert {f"score_parts.{part}" for part in PARTS} <= {column.name for column in COLUMNS}
    assert len(flat(made_gap(1, "纸尿裤", "weak"))) == len(COLUMNS)
    assert list(PARQUET_SCHEMA.names) == list(Gap.__annotations__)


def test_the_parts_that_are_named_are_those_that_are_added_up() -> None:
    assert dict(ADDED_UP) == PARTS
