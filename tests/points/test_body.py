"""Parts of the body and of the thing, learned from what stands around them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from gapfinder.points.body import LEAST_USES, BodyCounts
from gapfinder.points.roles import Roles
from gapfinder.texts.words import Words


def learned(*batches: Sequence[str], names: Collection[str] = ()) -> set[str]:
    """The parts that are learned from some batches of texts."""
    words, counts = Words(), BodyCounts()
    roles = Roles(words)
    for batch in batches:
        texts = words.lists([text.split() for text in batch])
        counts.add(texts, roles.grown().role, words)
    found = counts.body(words, roles.grown().role, names)
    return {name for name, part in zip(words.names, found.tolist(), strict=True) if part}


@pytest.mark.parametrize(
    "text",
    [
        "头皮 痒",
        "头皮 很 痒",
        "头皮 不 太 痒",
        "头皮 清爽",
        "改善 头皮",
        "促进 头皮",
        "头皮 很 很 很 痒",
    ],
)
def test_a_noun_of_which_people_say_how_it_is_is_a_part(text: str) -> None:
    assert learned([text] * LEAST_USES) == {"头皮"}
    assert learned([text] * (LEAST_USES - 1)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "头皮 洗发水 痒",
        "头皮 很 很 很 很 痒",  # too far
        "痒 头皮",
        "去 头皮",  # 去 is going somewhere as often
        "不 头皮",
        "头皮",
        "宝宝 痒",  # a crowd
        "快递 痒",  # a parcel
        "上海 清爽",  # a place
        "夏天 清爽",  # a time
        "清洁 痒",  # no noun
        "纸尿裤面料 清爽",  # longer than a part is
        "spa 清爽",
    ],
)
def test_what_stands_elsewhere_or_is_no_noun_is_none(text: str) -> None:
    assert learned([text] * 20) == set()


def test_what_mostly_stands_elsewhere_is_none() -> None:
    texts = ["面料 痒"] * LEAST_USES
    assert learned(texts + ["面料 好看"] * 90) == {"面料"}
    assert learned(texts + ["面料 好看"] * 95) == set(), "five of a hundred are not more than 5%"


def test_names_of_categories_are_none() -> None:
    texts = ["纸尿裤 透气"] * 10
    assert learned(texts) == {"纸尿裤"}
    assert learned(texts, names={"纸尿裤"}) == set()


def test_batches_add_up() -> None:
    texts = ["头皮 痒", "面料 透气"] * 3
    assert learned(texts) == set()
    assert learned(texts, ["新词 别的"], texts, []) == {"头皮", "面料"}
    assert learned([], []) == set()


def test_nothing_is_learned_over_the_end_of_a_text() -> None:
    assert learned(["头皮", "痒"] * 10) == set()
    assert learned(["改善", "头皮"] * 10) == set()
