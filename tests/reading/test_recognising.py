"""Which record a file holds, told by its columns, and what is said where they don't tell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from indexer.errors import UsageError
from indexer.importer import import_files
from indexer.reading.formats import FORMATS
from indexer.reading.recognise import Recogniser
from indexer.records import RECORDS
from indexer.stores.memory import MemoryStore
from tests.reading.exports import Import, workbook


def test_every_format_maps_to_fields_of_its_record() -> None:
    for form in FORMATS.values():
        fields = {field.name for field in RECORDS[form.record].raw_fields}
        assert {target.field for made in form.columns.values() for target in made} <= fields, form.name
        assert set(form.constants) <= fields, form.name
        assert form.signature, form.name


def test_every_format_is_told_from_all_others() -> None:
    for form in FORMATS.values():
        prefix = "数据-" if form.prefixed else ""
        header = [prefix + name for name in form.signature | (set() if form.prefixed else set(form.columns))]
        assert Recogniser().plan(header, "x").form == form.name


@pytest.mark.parametrize("record", RECORDS)
def test_native_names_are_recognised(record: str) -> None:
    header = [field.name for field in RECORDS[record].raw_fields]
    plan = Recogniser().plan(header, "x")
    assert (plan.record, plan.unknown(header)) == (record, [])


def test_strange_columns_are_told_with_what_to_do(imported: Import) -> None:
    with pytest.raises(UsageError, match=r"x\.csv: the columns are not recognised: foo, bar\x1b?") as caught:
        imported("x.csv", "foo,bar\n1,2\n")
    assert "--as" in caught.value.hint
    assert "--map" in caught.value.hint
    with pytest.raises(UsageError, match="no column for keyword, volume"):
        imported("x.csv", "foo,bar,unit\n1,2,count\n", record="volume")
    with pytest.raises(UsageError, match="no field is called 'nonsense'"):
        imported("x.csv", "foo\n1\n", mapping={"foo": "nonsense"})
    with pytest.raises(UsageError, match="no column is called 'misspelt'"):
        imported("x.csv", "note_id,title\n1,a\n", mapping={"misspelt": "content"})
    with pytest.raises(UsageError, match="no record 'nonsense'"):
        imported("x.csv", "foo\n1\n", record="nonsense")


def test_mapping_names_the_rest(imported: Import) -> None:
    found, report = imported(
        "x.csv",
        "词,何时,谁,别的\n奶瓶,2024-01-05,甲,x\n",
        record="search",
        mapping={"词": "query", "何时": "searched_at", "谁": "user_id"},
    )
    assert report.unknown_columns == ["别的"]
    assert found[0]["query"] == "奶瓶"
    assert found[0]["user_id"] != "甲"


def test_searches_without_time_need_a_day(imported: Import) -> None:
    with pytest.raises(UsageError, match="no time") as caught:
        imported("q.tsv", "qid\tquery\n1\t奶瓶\n")
    assert "--searched-at" in caught.value.hint
    assert "--as volume" in caught.value.hint
    found, _ = imported("q.tsv", "qid\tquery\n1\t奶瓶\n1\t奶瓶\n", searched_at=date(2024, 1, 5))
    assert len(found) == 2
    assert {row["day"] for row in found} == {date(2024, 1, 5)}


def test_several_sheets(tmp_path: Path) -> None:
    data = workbook(
        tmp_path / "m.xlsx",
        {
            "说明": [["这是说明"]],
            "笔记": [["note_id", "title"], ["n1", "题"]],
            "商品": [["product_id", "name"], [7, "奶瓶"]],
        },
    )
    path = tmp_path / "many.xlsx"
    path.write_bytes(data)
    report = import_files(MemoryStore(), [path])
    assert [(one.record, one.written, one.file.rsplit("[")[-1]) for one in report.files] == [
        ("product", 1, "商品]"),
        ("note", 1, "笔记]"),
    ]
    assert any("说明" in note for one in report.files for note in one.notes)
