from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import PartialAnswerError
from indexer.records import CONTENT_HASH, RECORDS, Field, Kind
from indexer.stores.elastic.documents import from_documents, keep_last, parts_of_rows, to_documents
from tests.elastic.rows import searches, table

LONG = st.integers(-(2**63), 2**63 - 1)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
RESULT = st.fixed_dictionaries(
    {
        "note_id": st.none() | TEXT,
        "position": st.none() | LONG,
        "clicked": st.none() | st.booleans(),
        "dwell_seconds": st.none() | FLOAT,
        "liked": st.none() | st.booleans(),
        "collected": st.none() | st.booleans(),
        "commented": st.none() | st.booleans(),
        "shared": st.none() | st.booleans(),
    }
)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.KEYWORD: TEXT,
    Kind.TEXT: TEXT,
    Kind.STRINGS: st.lists(st.none() | TEXT, max_size=3),
    Kind.TERMS: st.lists(st.none() | TEXT, max_size=3),
    Kind.INTEGER: LONG,
    Kind.NUMBER: FLOAT,
    Kind.BOOLEAN: st.booleans(),
    Kind.TIMESTAMP: st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    Kind.DAY: st.dates(date(1, 1, 1), date(9999, 12, 31)),
    Kind.RESULTS: st.lists(RESULT, max_size=2),
    Kind.SHARES: TEXT,
    Kind.SKETCH: TEXT,
}


def _value(field: Field) -> st.SearchStrategy[Any]:
    return st.none() | VALUES[field.kind]


@pytest.mark.parametrize("record", sorted(RECORDS))
@given(data=st.data())
def test_rows_come_back_as_they_were(record: str, data: st.DataObject) -> None:
    row = {field.name: data.draw(_value(field), field.name) for field in RECORDS[record].fields}
    rows = pa.Table.from_pylist([{**row, CONTENT_HASH: "x"}] * 2, schema=RECORDS[record].schema)
    sent = [orjson.loads(orjson.dumps(document)) for document in to_documents(record, rows)]
    back = from_documents(record, rows.column_names, sent)
    assert back.to_pylist() == rows.to_pylist()
    assert back.schema == rows.schema


def test_a_field_that_a_document_lacks_is_null() -> None:
    assert from_documents("note", ["title", "likes"], [{}]).to_pylist() == [{"title": None, "likes": None}]


@pytest.mark.parametrize(("column", "value"), [("likes", "many"), ("published_day", "soon"), ("tags", {"a": 1})])
def test_a_document_of_something_else_is_refused(column: str, value: object) -> None:
    with pytest.raises(PartialAnswerError, match=column):
        from_documents("note", [column], [{column: value}])


def test_searches_lie_by_month_and_other_records_as_a_whole() -> None:
    rows = searches(40)
    assert set(parts_of_rows("search", rows)) == {"202601", "202602"}
    undated = table("search", [{"search_id": "a"}, {"search_id": "b", "day": date(1, 1, 1) + timedelta(days=40)}])
    assert parts_of_rows("search", undated) == ["undated", "000102"]
    assert parts_of_rows("order", table("order", [{"order_id": "a"}])) == [""]


def test_of_rows_with_one_id_the_last_is_kept_in_its_place() -> None:
    rows = table("product", [{"product_id": one, "name": str(n)} for n, one in enumerate("abcabd")])
    assert keep_last(rows, "product_id").column("name").to_pylist() == ["2", "3", "4", "5"]
