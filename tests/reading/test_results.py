from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading import results
from indexer.reading.results import convert_results
from indexer.records import RESULT_TYPE

WHOLE = {
    "note_id": "a",
    "position": 1,
    "clicked": True,
    "dwell_seconds": 2.5,
    "liked": False,
    "collected": None,
    "commented": None,
    "shared": None,
}


def one(cell: Any) -> Any:
    made, reasons = convert_results([cell])
    assert not reasons
    assert made.type == pa.list_(RESULT_TYPE)
    return made.to_pylist()[0]


@pytest.mark.parametrize(
    "cell",
    [
        [WHOLE],
        [{"note_idx": "a", "position": 1.0, "click": 1.0, "page_time": 2.5, "like": 0.0}],
        '[{"note_id": "a", "position": 1, "clicked": true, "dwell_seconds": 2.5, "liked": 0}]',
        [{"note_id": "a", "position": "1", "clicked": "是", "dwell_seconds": "2.5", "liked": "no", "other": {"x": 1}}],
    ],
)
def test_forms_of_one_result(cell: Any) -> None:
    assert one(cell) == [WHOLE]


def test_missing_is_not_empty() -> None:
    assert one(None) is None
    assert one("") is None
    assert one([]) == []
    assert one("[]") == []


def test_bare_ids_get_their_place() -> None:
    assert [(result["note_id"], result["position"]) for result in one(["a", 7])] == [("a", 1), ("7", 2)]


def test_an_unknown_dwell_is_null() -> None:
    assert one([{"note_id": "a", "dwell_seconds": -1.0}])[0]["dwell_seconds"] is None
    assert one([{"note_id": "a", "dwell_seconds": float("nan")}])[0]["dwell_seconds"] is None


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ([{"position": 1}], "result 1 has no note_id"),
        ([{"note_id": "a"}, {"note_id": " "}], "result 2 has no note_id"),
        ([{"note_id": "a", "position": -2}], "result 1: position: -2 is below 0"),
        ([{"note_id": "a", "position": 1.5}], "result 1: position: 1.5 is not a position"),
        ([{"note_id": "a", "clicked": "maybe"}], "result 1: clicked: 'maybe' is neither yes nor no"),
        ([{"note_id": "a", "dwell_seconds": -7}], "result 1: dwell_seconds: -7 is below 0"),
        ("not json", "results are not a JSON list"),
        ({"a": 1}, "results are not a list"),
        ([[1]], "result 1 is neither an object nor a note id"),
        ([{"note_id": str(n)} for n in range(10_001)], "10,001 results, at most 10,000 are taken"),
    ],
)
def test_bad_results_say_why_and_spare_their_neighbours(cell: Any, reason: str) -> None:
    made, reasons = convert_results([[WHOLE], cell, None])
    assert reasons == {1: reason}
    assert made.to_pylist() == [[WHOLE], None, None]


ENTRY = st.fixed_dictionaries(
    {"note_id": st.sampled_from(["a", "b", 7])},
    optional={
        "position": st.none() | st.integers(0, 9) | st.sampled_from([1.0, 2.5]),
        "click": st.none() | st.sampled_from([0.0, 1.0, 2.0]),
        "clicked": st.none() | st.booleans(),
        "page_time": st.none() | st.floats(-2, 9),
        "extra": st.integers(),
    },
)


@given(st.lists(st.none() | st.lists(ENTRY, max_size=3), max_size=4))
def test_the_fast_way_and_the_slow_way_agree(column: list[Any]) -> None:
    fast, fast_reasons = convert_results(column)
    slow, slow_reasons = results._by_value(column)
    assert fast.to_pylist() == slow.to_pylist()
    assert fast_reasons == slow_reasons
