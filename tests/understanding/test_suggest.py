"""Names that may be brands: each sign, and whether it is sure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from gapfinder.understanding.suggest import MOST_EXAMPLES, Suggestion, suggest_brands, unknown_beginning, without_lead
from tests.understanding.made import CUTTER


def suggested(
    titles: Sequence[str] = (),
    queries: Sequence[tuple[str, int]] = (),
    known: Collection[str] = (),
    categories: Collection[str] = (),
) -> list[Suggestion]:
    return suggest_brands(titles, queries, CUTTER, known, categories)


def test_two_scripts_in_a_title_are_sure() -> None:
    (one,) = suggested(["Mellow/麦洛氨基酸洗发水"])
    assert (one.name, one.latin, one.titles, one.sure) == ("麦洛", "mellow", 1, True)


def test_the_chinese_side_is_what_all_titles_share() -> None:
    (one,) = suggested(["Mellow/麦洛氨基酸洗发水", "Mellow / 麦洛护发素", "MELLOW/麦洛 柔顺发膜"])
    assert (one.name, one.latin, one.titles, one.sure) == ("麦洛", "mellow", 3, True)


def test_the_same_beginning_before_different_words_is_sure() -> None:
    (one,) = suggested(["贝棉棉纸尿裤", "贝棉棉拉拉裤 L码", "【官方】贝棉棉湿巾"])
    assert (one.name, one.titles, one.queries, one.sure) == ("贝棉棉", 3, 0, True)


@pytest.mark.parametrize(
    "titles",
    [
        ["贝棉棉纸尿裤"],  # once
        ["贝棉棉纸尿裤", "贝棉棉纸尿裤"],  # before one word
        ["儿童牙膏", "儿童湿巾", "儿童防晒霜"],  # an everyday word
        ["洗发水", ""],
        [],
    ],
)
def test_other_beginnings_are_no_names(titles: list[str]) -> None:
    assert suggested(titles) == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("贝棉棉旗舰店", "贝棉棉"),
        ("贝棉棉官方旗舰店", "贝棉棉"),
        ("丝语林是什么牌子", "丝语林"),
        ("Cetaphil官网", "cetaphil"),
        ("贝棉棉这个牌子怎么样", "贝棉棉"),
        ("贝棉棉是國貨嗎", "贝棉棉"),
    ],
)
def test_who_asks_for_the_shop_names_a_brand_for_sure(query: str, name: str) -> None:
    (one,) = suggested(queries=[(query, 7)])
    assert (one.name, one.queries, one.searches, one.titles, one.sure) == (name, 1, 7, 0, True)


@pytest.mark.parametrize("query", ["洗发水旗舰店", "苹果是什么牌子", "推荐官网", "是什么牌子"])
def test_an_everyday_word_with_a_shop_is_none(query: str) -> None:
    assert suggested(queries=[(query, 99)]) == []


def test_an_unknown_beginning_of_queries_is_not_sure() -> None:
    assert suggested(queries=[("丝语林洗发水", 7)]) == []
    (one,) = suggested(queries=[("丝语林洗发水", 7), ("丝语林护发素", 2)])
    assert (one.name, one.queries, one.searches, one.sure) == ("丝语林", 2, 9, False)


def test_titles_and_queries_together_are_sure() -> None:
    titles = ["丝语林洗发水", "丝语林护发素"]
    (one,) = suggested(titles, [("丝语林洗发水", 7)])
    assert (one.titles, one.queries, one.sure) == (2, 1, True)


def test_what_is_known_is_not_suggested() -> None:
    titles, queries = ["Mellow/麦洛洗发水"], [("贝棉棉旗舰店", 3)]
    assert suggested(titles, queries, ["Mellow/麦洛", "贝棉棉"]) == []
    assert [one.name for one in suggested(titles, queries, ["Mellow"])] == ["麦洛", "贝棉棉"]


def test_sure_ones_come_first_then_by_titles_and_searches() -> None:
    queries = [("丝语林洗发水", 90), ("丝语林护发素", 90), ("贝棉棉旗舰店", 2), ("欧柏维旗舰店", 5)]
    found = suggested(["Mellow/麦洛洗发水"], queries)
    assert [(one.name, one.sure) for one in found] == [
        ("麦洛", True), ("欧柏维", True), ("贝棉棉", True), ("丝语林", False),
    ]  # fmt: skip


def test_few_examples_are_kept_each_once() -> None:
    titles = [f"贝棉棉{thing}" for thing in ("纸尿裤", "湿巾", "拉拉裤", "隔尿垫", "纸尿裤")]
    (one,) = suggested(titles)
    assert one.examples == titles[:MOST_EXAMPLES]


@pytest.mark.parametrize(
    ("terms", "name"),
    [
        ("丝 语 林 洗发水", "丝语林"),
        ("贝 棉 纸尿裤", "贝棉"),
        ("贝 棉", ""),  # nothing behind it
        ("贝 纸尿裤", ""),  # one character
        ("不 勒 肚子", ""),  # a word of the language
        ("甲 乙 丙 丁 戊 己 纸尿裤", ""),  # too long
        ("纸尿裤 贝 棉", ""),
        ("", ""),
    ],
)
def test_an_unknown_beginning_is_a_row_of_single_characters(terms: str, name: str) -> None:
    assert unknown_beginning(terms.split()) == name


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("【官方】[新品](正装) 麦洛洗发水", "麦洛洗发水"),
        ("官方旗舰店正品 麦洛", "麦洛"),
        ("日本进口国货花王", "花王"),
        ("麦洛【官方】", "麦洛【官方】"),
        ("进口", ""),
        ("", ""),
    ],
)
def test_what_stands_before_a_brand_is_cut(title: str, left: str) -> None:
    assert without_lead(title) == left


@pytest.mark.parametrize("query", ["Qovanti洗发水", "qovanti 保温杯 不漏", "Qovanti儿童水杯"])
def test_a_latin_name_right_before_a_thing_is_sure(query: str) -> None:
    (one,) = suggested(queries=[(query, 3)])
    assert (one.name, one.searches, one.sure) == ("qovanti", 3, True)


@pytest.mark.parametrize(
    "query",
    ["abc洗发水", "wifi路由器", "qovanti", "qovanti怎么样啊", "洗发水 qovanti", "qo4vanti洗发水", "switch游戏机"],
)
def test_other_latin_words_are_not(query: str) -> None:
    assert not any(one.sure for one in suggested(queries=[(query, 3)]))


def test_a_known_latin_name_is_not_suggested_again() -> None:
    assert suggested(queries=[("Qovanti洗发水", 3)], known=["Qovanti/科梵"]) == []


def test_three_new_characters_before_a_category_are_sure_where_two_queries_say_so() -> None:
    queries = [("蒂珂霏洗发水", 2), ("蒂珂霏 洗发水 去屑", 1)]
    sure = {one.name: one.sure for one in suggested(queries=queries, categories=["洗发水"])}
    assert sure == {"蒂珂霏": True}
    assert not any(one.sure for one in suggested(queries=queries[:1], categories=["洗发水"]))
    assert not any(one.sure for one in suggested(queries=queries, categories=["纸尿裤"]))
