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


@given(LISTS, st.integers(0, 2))
def test_lists_are_read_as_each_would_be(rows: list[list[str | None] | None], first: int) -> None:
    read, reasons = convert(pa.array(rows, pa.list_(pa.string())).slice(first), Kind.STRINGS, Unit.PLAIN)
    for place, (row, found) in enumerate(zip(rows[first:], read.to_pylist(), strict=True)):
        try:
            expected = None if row is None else strings(row)
        except ValueError as error:
            assert (found, reasons[place]) == (None, str(error))
        else:
            assert found == expected
            assert place not in reasons
