"""Wordings of one selling point are one group, and what is known to differ stays apart."""

from __future__ import annotations

import random
from itertools import combinations, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.lexicon import point_groups
from gapfinder.points.folding import bare, fold

BODY = ("头皮", "头发", "肚子")
LISTED = sorted({word for group in point_groups() for word in group})
WORDING = st.text("去不无头皮屑痒油白发静电勒肚感多", min_size=1, max_size=5) | st.sampled_from(LISTED)


def groups(*wordings: str) -> set[frozenset[str]]:
    """The wordings of each group."""
    numbers = fold(wordings, BODY).tolist()
    return {
        frozenset(word for word, own in zip(wordings, numbers, strict=True) if own == number) for number in set(numbers)
    }


def sets(*lines: str) -> set[frozenset[str]]:
    return {frozenset(line.split()) for line in lines}


@pytest.mark.parametrize(
    ("wording", "left"),
    [
        ("去头屑", "头屑"),
        ("没有头屑", "头屑"),
        ("头屑多", "头屑"),
        ("缓解红屁股", "红屁股"),
        ("无硅油", "硅油"),
        ("很油", "油"),
        ("头皮痒", "痒"),
        ("头皮很痒", "痒"),
        ("止痒", "痒"),
        ("清爽感", "清爽"),
        ("不老", "不老"),  # 老 is no complaint of its own
        ("头皮", "头皮"),  # something has to be left
        ("去", "去"),
        ("感", "感"),
        ("多了", "多"),
    ],
)
def test_a_wording_is_laid_bare(wording: str, left: str) -> None:
    assert bare(wording, BODY) == left


def test_a_part_is_cut_only_where_it_is_one() -> None:
    assert (bare("肚子勒", BODY), bare("肚子勒")) == ("勒", "肚子勒")


@given(st.text("去不无头皮屑痒油感多的", max_size=6))
def test_something_is_always_left(wording: str) -> None:
    left = bare(wording, BODY)
    assert left in wording
    assert (left == "") == (wording == "")


def test_what_is_listed_together_is_one_point() -> None:
    assert groups("尿布疹", "红屁股", "掉发", "脱发", "防脱", "细软塌", "高颅顶") == sets(
        "尿布疹 红屁股", "掉发 脱发 防脱", "细软塌 高颅顶"
    )


def test_every_listed_group_is_one_point_and_no_two_are() -> None:
    wordings = LISTED
    numbers = dict(zip(wordings, fold(wordings).tolist(), strict=True))
    of_group = [{numbers[word] for word in group} for group in point_groups()]
    assert [len(own) for own in of_group] == [1] * len(of_group)
    assert len({next(iter(own)) for own in of_group}) == len(of_group)


def test_what_is_equal_without_verbs_and_parts_is_one_point() -> None:
    assert groups("小熊味", "不小熊味", "头皮小熊味", "小熊味多") == sets("小熊味 不小熊味 头皮小熊味 小熊味多")


def test_what_shares_most_of_its_characters_is_one_point() -> None:
    assert groups("小猪佩奇", "佩奇", "鼓包", "起鼓包", "拉链好拉") == sets("小猪佩奇 佩奇", "鼓包 起鼓包", "拉链好拉")


def test_neighbours_in_meaning_are_no_one_point() -> None:
    assert groups("头皮痒", "头屑", "头皮油") == sets("头皮痒", "头屑", "头皮油")
    assert groups("侧漏", "后漏", "勒肚", "透气") == sets("侧漏", "后漏", "勒肚", "透气")


def test_two_listed_groups_stay_apart_however_much_stands_between() -> None:
    between = ["".join(letters) for letters in product("白发静电", repeat=4)]
    for many in (10, 40, len(between)):
        wordings = ["白发", "静电", *random.Random(many).sample(between, many)]
        numbers = fold(wordings)
        assert numbers[0] != numbers[1], f"joined by {many} wordings between them"


def test_what_is_complained_of_is_not_what_is_praised_however_alike_it_looks() -> None:
    assert groups("干", "干净", "不干") == sets("干 不干", "干净")
    assert groups("紧", "紧致") == sets("紧", "紧致")
    assert groups("斑驳", "祛斑") == sets("斑驳", "祛斑")


def test_a_part_behind_a_complaint_says_nothing_either() -> None:
    assert bare("捂肚子", BODY) == "捂"
    assert bare("小猪肚子", BODY) == "小猪肚子"


def test_a_saying_is_what_it_stands_for() -> None:
    assert groups("像下雪", "头屑", "一把一把掉", "防脱", "一梳到底", "打结") == sets(
        "像下雪 头屑", "一把一把掉 防脱", "一梳到底 打结"
    )


def test_groups_are_numbered_as_they_come() -> None:
    assert fold(["侧漏", "头屑", "漏尿", "去屑", "勒肚"]).tolist() == [0, 1, 0, 1, 2]


def test_few_wordings_are_folded_too() -> None:
    assert fold([]).tolist() == []
    assert fold(["头屑"]).tolist() == [0]
    assert fold(["头屑", "去屑"]).tolist() == [0, 0]


@given(st.lists(WORDING, unique=True, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_wordings_changes_no_group(wordings: list[str], shuffler: random.Random) -> None:
    other = wordings.copy()
    shuffler.shuffle(other)
    assert groups(*wordings) == groups(*other)
    assert fold(wordings, BODY).tolist() == fold(wordings, BODY).tolist()


def test_ties_are_cut_alike_in_any_order() -> None:
    found = {frozenset(groups(*order)) for order in permutations(["丙甲", "丁戊", "丙丁"])}
    assert len(found) == 1


@given(st.lists(WORDING, unique=True, max_size=14))
def test_listed_wordings_are_together_exactly_where_the_list_says(wordings: list[str]) -> None:
    alone = {word: fold([word, *LISTED]).tolist() for word in wordings if word in LISTED}
    numbers = dict(zip(wordings, fold(wordings).tolist(), strict=True))
    for one, other in combinations(alone, 2):
        listed_together = alone[one][0] == alone[one][1 + LISTED.index(other)]
        assert (numbers[one] == numbers[other]) == listed_together
