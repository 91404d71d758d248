"""Lists of notes have one form: by ids, by numbers, as they were met."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from indexer.stores.listed import LISTED, listed_as_met, listed_by_id, listed_by_number, numbered_together, numbers_of

IDS = st.lists(st.sampled_from(["a", "B", "é", "店", "10", "9", "😀", "～"]), max_size=20)


@given(IDS)
def test_equal_lists_are_equal_arrays(ids: list[str]) -> None:
    by_id = listed_by_id(pa.array(ids, pa.string()))
    every = sorted({*ids, "unlisted"})
    by_number = listed_by_number(
        np.array([every.index(one) for one in ids], np.int64), pa.array(every, pa.large_string())
    )
    met = list(dict.fromkeys(ids))
    as_met = listed_as_met(np.array([met.index(one) for one in ids], np.int32), pa.array(met, pa.string()))
    for listed in (by_id, by_number, as_met):
        assert listed.type == LISTED
        assert listed.to_pylist() == ids
        assert listed.dictionary.to_pylist() == sorted(set(ids))
        assert listed.indices == by_id.indices


@given(st.lists(IDS, min_size=1, max_size=3))
def test_numbers_of_several_lists_order_as_ids_do(lists: list[list[str]]) -> None:
    arrays = [listed_by_id(pa.array(ids, pa.string())) for ids in lists]
    numbers, ids = numbered_together(arrays)
    names = ids.to_pylist()
    assert names == sorted({one for row in lists for one in row})
    assert [[names[number] for number in row] for row in numbers] == lists
    assert all(row.dtype == np.int32 for row in (*numbers, *map(numbers_of, arrays)))
