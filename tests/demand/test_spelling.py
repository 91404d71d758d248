"""What is a slip of the pen, and what is another need."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from gapfinder.spelling import misspellings
from tests.demand.logs import segmenter

SLIPS = [
    ("新生儿纸尿裤", "新生儿纸尿库"),  # replaced
    ("新生儿纸尿裤", "新生儿纸裤"),  # left out
    ("新生儿纸尿裤", "新生儿纸尿"),  # left out at the end
    ("新生儿纸尿裤", "新生儿纸尿尿裤"),  # put in
    ("纸尿裤", "纸尿库"),
    ("补水面膜", "补水面摸"),
    ("pampers", "pamper"),
    ("pampers", "ampers"),
    ("pampers纸尿裤", "pampes纸尿裤"),
    ("lancome精华", "lancomme精华"),
]
OTHER_NEEDS = [
    ("男童鞋", "女童鞋"),
    ("女鞋夏季", "男鞋夏季"),
    ("纸尿裤大码", "纸尿裤小码"),
    ("爱他美1段奶粉", "爱他美2段奶粉"),
    ("iphone13", "iphone14"),
    ("q10精华", "q11精华"),
    ("不含酒精湿巾", "含酒精湿巾"),
    ("婴儿奶粉", "婴儿羊奶粉"),
    ("纸尿裤", "纸尿裤l"),
    ("dior口红", "dir口红"),  # short Latin words are often models
    ("3 5岁", "35岁"),
    ("玻尿酸精华", "玻尿酸精化"),  # a word of the dictionary
    ("面膜", "面摸"),  # too short to tell
    ("新生儿纸尿裤", "新生儿奶粉"),
]


def _found(frequent: str, rare: str, counts: tuple[int, int] = (100, 5)) -> bool:
    cutter = segmenter()
    terms = [" ".join(cutter.query_terms(text)) for text in (frequent, rare)]
    wrong, right = misspellings(pa.array(terms), np.array(counts), 10.0)
    assert (wrong.tolist(), right.tolist()) in (([1], [0]), ([], []))
    return len(wrong) == 1


@pytest.mark.parametrize(("frequent", "rare"), SLIPS)
def test_a_slip_is_found(frequent: str, rare: str) -> None:
    assert _found(frequent, rare)


@pytest.mark.parametrize(("frequent", "rare"), OTHER_NEEDS)
def test_another_need_is_not_taken_for_a_slip(frequent: str, rare: str) -> None:
    assert not _found(frequent, rare)


def test_the_right_spelling_must_be_ten_times_as_frequent() -> None:
    assert _found("新生儿纸尿裤", "新生儿纸尿库", (50, 5))
    assert not _found("新生儿纸尿裤", "新生儿纸尿库", (49, 5))


def test_a_piece_that_is_searched_much_elsewhere_is_no_slip() -> None:
    cutter = segmenter()
    texts = ["新生儿纸尿裤", "新生儿纸尿库", "车 库"]
    terms = [" ".join(cutter.query_terms(text)) for text in texts[:2]] + [texts[2]]
    assert misspellings(pa.array(terms), np.array([100, 5, 90]), 10.0)[0].tolist() == []
    assert misspellings(pa.array(terms), np.array([100, 5, 1]), 10.0)[0].tolist() == [1]


def test_every_pair_one_edit_apart_is_compared() -> None:
    # The hashed neighbourhoods must find all pairs; edits are drawn at every place of one long Latin word.
    word = "abcdefghijkl"
    changed = {word[:place] + "z" + word[place + 1 :] for place in range(len(word))}
    changed |= {word[:place] + word[place + 1 :] for place in range(len(word))}
    changed |= {word[:place] + "z" + word[place:] for place in range(1, len(word))}
    terms = [word, *sorted(changed)]
    wrong, right = misspellings(pa.array(terms), np.array([1000] + [1] * len(changed)), 10.0)
    assert wrong.tolist() == list(range(1, len(terms)))
    assert set(right.tolist()) == {0}


def test_nothing_comes_of_nothing() -> None:
    assert misspellings([], np.array([], np.int64), 10.0)[0].tolist() == []
