"""Needs that are spoken of with the parcel, and hardly with the product."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.lexicon import words_of
from gapfinder.points.company import NEAR, among_parcels, in_own_name, is_parcel
from gapfinder.points.phrases import find_phrases
from gapfinder.points.roles import Roles
from gapfinder.texts.words import Words
from tests.points.made import flags

WORD = st.sampled_from(["包装", "快递", "侧漏", "头屑", "去", "不", "洗发水", "香味", "喜欢"])
TEXTS = st.lists(st.lists(st.lists(WORD, max_size=12), max_size=3), min_size=1, max_size=5)


def near_in(texts: list[list[list[str]]]) -> tuple[list[bool], list[bool]]:
    """Which phrases are near a parcel: as it is told, and written plainly."""
    words = Words()
    roles = Roles(words)
    held = words.texts(pa.array([[" ".join(value) for value in text] for text in texts], pa.list_(pa.string())))
    roles.grown()
    found = find_phrases(held, roles, flags(words, ()))
    plain = []
    for text, place, length in zip(found.text.tolist(), found.place.tolist(), found.length.tolist(), strict=True):
        own = held.words[held.start[text] : held.start[text + 1]].tolist()
        around = own[max(0, place - NEAR) : place + length + NEAR]
        plain.append(any(word >= 0 and words.names[word] in words_of("parcel") for word in around))
    return among_parcels(held, found, words).tolist(), plain


def test_a_leak_beside_the_parcel_is_near_it() -> None:
    far = ["洗发水"] * NEAR
    told, _ = near_in(
        [[["包装", "很", "好", "没有", "侧漏"]], [["晚上", "侧漏"]], [["快递", *far, "侧漏", *far, "快递"]]]
    )
    assert told == [True, False, False]


def test_another_text_is_not_near() -> None:
    told, _ = near_in([[["包装"]], [["侧漏"]], [["包装"]]])
    assert told == [False]


@given(TEXTS)
def test_it_is_told_as_one_reads_it(texts: list[list[list[str]]]) -> None:
    told, plain = near_in(texts)
    assert told == plain


def test_no_text_has_none() -> None:
    assert near_in([[]]) == ([], [])


@pytest.mark.parametrize(("near", "mentions"), [(4, 4), (3, 4), (51, 100)])
def test_more_than_half_of_some_mentions_tell(near: int, mentions: int) -> None:
    assert is_parcel(near, mentions)


@pytest.mark.parametrize(("near", "mentions"), [(2, 4), (3, 3), (0, 9), (50, 100)])
def test_half_of_them_or_too_few_mentions_do_not(near: int, mentions: int) -> None:
    assert not is_parcel(near, mentions)


def test_the_colour_in_a_name_is_no_need_of_it() -> None:
    assert in_own_name("红", {"口红"})
    assert not in_own_name("红", {"纸尿裤"})
    assert not in_own_name("油", {"卸妆油"})
