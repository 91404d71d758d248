"""Lists of names: many at once by Arrow give what one by one gives."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.formats.format import Unit
from indexer.reading.values import convert, strings
from indexer.records import Kind

NAMES = st.sampled_from(["母婴", "奶瓶", " 奶瓶", "#奶瓶", "奶瓶[话题]#", "电话13800138000", "", "长" * 200]) | st.text(
    max_size=3
)
LISTS = st.lists(st.none() | st.lists(st.none() | NAMES, max_size=5), max_size=6)


def alone(row: list[str | None] | None) -> tuple[list[str] | None, str | None]:
    """A list read by itself, or why it can't be."""
    try:
        return None if row is None else strings(row), None
    except ValueError as error:
        return None, str(error)


@given(LISTS, st.integers(0, 2))
def test_lists_are_read_as_each_would_be(rows: list[list[str | None] | None], first: int) -> None:
    read, reasons = convert(pa.array(rows, pa.list_(pa.string())).slice(first), Kind.STRINGS, Unit.PLAIN)
    together = [(found, reasons.get(place)) for place, found in enumerate(read.to_pylist())]
    assert together == [alone(row) for row in rows[first:]]
