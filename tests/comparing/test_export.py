"""Changes as files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from gapfinder.changes import Change
from gapfinder.comparing import Comparison
from gapfinder.reporting.changes import SCHEMA, export_changes
from indexer.errors import UsageError
from tests.comparing.pairs import compared
from tests.reporting.made_run import FORMULA, made_run


@pytest.fixture(scope="module")
def found() -> Comparison:
    gaps = made_run().gaps
    return compared(gaps[:20], gaps[5:], settings={"half_life_days": 90})


def test_json_and_parquet_keep_every_value(found: Comparison, tmp_path: Path) -> None:
    export_changes(found, found.changes, tmp_path / "changes.json")
    export_changes(found, found.changes, tmp_path / "changes.parquet")
    assert json.loads((tmp_path / "changes.json").read_text(encoding="utf-8")) == found.changes
    table = pq.read_table(tmp_path / "changes.parquet")
    assert table.schema.equals(SCHEMA)
    assert table.to_pylist() == found.changes


def test_csv_is_flat_and_holds_no_formula(found: Comparison, tmp_path: Path) -> None:
    export_changes(found, found.changes[:10], tmp_path / "changes.csv")
    raw = (tmp_path / "changes.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    export_changes(found, found.changes, tmp_path / "changes.csv")
    with (tmp_path / "changes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(Change.__annotations__)
    assert len(rows) == len(found.changes)
    assert {row["warnings"] for row in rows} == {"settings_differ"}
    assert "'" + FORMULA in {row["keyword"] for row in rows}


def test_the_workbook_says_what_was_compared(found: Comparison, tmp_path: Path) -> None:
    export_changes(found, found.changes, tmp_path / "changes.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "changes.xlsx"))
    assert book.sheet_names == ["changes 变化", "legend 说明", "runs 两次分析"]
    rows = book.get_sheet_by_name("changes 变化").to_python()
    assert rows[0][:2] == ["keyword 关键词", "change 变化"]
    assert [row[0] for row in rows[1:]] == [change["keyword"] for change in found.changes]
    about = {str(row[0]): row[1] for row in book.get_sheet_by_name("runs 两次分析").to_python()[1:]}
    assert about["before"] == "run-a"
    assert about["gone"] == 5
    assert "half_life_days" in str(about["settings_differ"])


def test_an_unknown_format_is_refused(found: Comparison, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format"):
        export_changes(found, found.changes, tmp_path / "changes.docx")
    assert list(tmp_path.iterdir()) == []
