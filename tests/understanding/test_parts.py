"""Queries taken apart: category, brand, product, head and intent."""

from __future__ import annotations

import pytest

from tests.understanding.made import catalogue, product, queries, query


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("新生儿纸尿裤", "纸尿裤"),
        ("尿不湿推荐", "纸尿裤"),
        ("紙尿褲", "纸尿裤"),
        ("去屑洗发水", "洗发水"),
        ("洗发水 纸尿裤", "纸尿裤"),  # a head stands behind
        ("云朵熊怎么样", "纸尿裤"),  # by a brand that sells nothing else
        ("星空拉拉裤", "纸尿裤"),  # by a product
        ("头皮痒怎么办", None),
        ("猫砂盆", None),
        ("苹果", None),
        ("", None),
    ],
)
def test_the_category_is_told_by_names(text: str, category: str | None) -> None:
    assert query(text).category == category


@pytest.mark.parametrize(
    ("text", "brand"),
    [
        ("麦洛洗发水", "Mellow/麦洛"),
        ("MELLOW 洗发水", "Mellow/麦洛"),
        ("云朵熊", "云朵熊"),
        ("苹果洗发水", "苹果"),  # it sells shampoo
        ("苹果湿巾", "苹果"),
        ("苹果旗舰店", "苹果"),  # a shop
        ("苹果多少钱", "苹果"),
        ("苹果纸尿裤", None),  # which it does not sell
        ("苹果手机壳", None),
        ("苹果", None),
        ("苹果怎么吃", None),
        ("洗发水", None),
    ],
)
def test_an_ordinary_word_is_a_brand_only_where_it_is_meant(text: str, brand: str | None) -> None:
    assert query(text).brand == brand


def test_a_product_tells_its_category_and_brand() -> None:
    found = query("麦洛氨基酸洗发水怎么用")
    assert (found.product, found.category, found.brand) == ("p1", "洗发水", "Mellow/麦洛")
    assert found.parts["product"] == ["麦", "洛", "氨基酸", "洗发水"]


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("莲花灯", "莲花灯"),
        ("孕妇枕", "孕妇枕"),
        ("祛痘膏", "祛痘膏"),
        ("打底裤", "打底裤"),
        ("猫抓板", "猫抓板"),
        ("牙小白冲牙器", "冲牙器"),
        ("儿童电动牙刷 推荐", "电动牙刷"),
        ("苹果手机壳", "手机壳"),
        ("太阳能灯怎么选", "太阳能灯"),
        ("怎么去屑", ""),
        ("头皮痒怎么办", ""),
        ("新生儿纸尿裤", ""),  # a category has no head beside it
        ("云朵熊", ""),
        ("推荐", ""),
        ("", ""),
    ],
)
def test_the_head_is_the_thing_that_is_asked_for(text: str, head: str) -> None:
    assert query(text).head == head


def test_what_stands_behind_a_space_says_how() -> None:
    one, other = queries("电动牙刷 收纳盒", "收纳盒 电动牙刷")
    assert (one.head, other.head) == ("电动牙刷", "收纳盒")


def test_a_thing_is_a_head_or_a_category_in_its_own_words() -> None:
    texts = ("尿不湿推荐", "纸尿裤垫", "莲花灯", "怎么去屑")
    assert [one.thing for one in queries(*texts)] == ["尿不湿", "纸尿裤垫", "莲花灯", ""]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("纸尿裤多少钱", "buy"),
        ("云朵熊旗舰店", "buy"),
        ("头皮痒怎么办 价格", "buy"),  # buying goes before all else
        ("红屁股怎么办", "problem"),
        ("头屑", "problem"),
        ("头皮痒", "problem"),  # a short state at the end
        ("不柔顺", "problem"),
        ("红屁股纸尿裤推荐", "problem"),
        ("洗发水推荐", "choose"),
        ("油头洗发水推荐", "choose"),  # a crowd is no complaint
        ("耳机不疼", "product"),  # a denied complaint neither
        ("洗发水怎么选", "choose"),
        ("平价洗发水", "choose"),
        ("平价", "other"),  # a price of nothing
        ("洗发水怎么用", "how"),
        ("怎么去屑", "how"),
        ("去屑洗发水", "product"),
        ("去屑", "product"),
        ("云朵熊", "product"),
        ("莲花灯", "product"),
        ("你好", "other"),
        ("", "other"),
    ],
)
def test_the_first_intent_that_fits_is_taken(text: str, intent: str) -> None:
    assert query(text).intent == intent


def test_every_word_has_its_part() -> None:
    found = query("学生党平价夏天去屑洗发水推荐")
    assert found.parts == {
        "need": ["去屑"], "crowd": ["学生党"], "scene": ["夏天"], "price": ["平价"], "choose": ["推荐"],
        "head": ["洗发水"],
    }  # fmt: skip
    assert found.needs == ["去屑"]


def test_a_query_is_read_alike_alone_and_among_others() -> None:
    texts = ["新生儿纸尿裤", "苹果洗发水", "", "头皮痒怎么办", "莲花灯", "苹果手机壳", "云朵熊多少钱"]
    assert queries(*texts) == [query(text) for text in texts]
    assert queries(*texts[::-1]) == queries(*texts)[::-1]


def test_without_a_catalogue_things_are_told_all_the_same() -> None:
    found = queries("新生儿纸尿裤", "去屑洗发水推荐", names=catalogue([]))
    assert [one.head for one in found] == ["纸尿裤", "洗发水"]
    assert [one.category for one in found] == [None, None]
    assert queries(names=catalogue([])) == []


def test_a_brand_that_sells_in_two_categories_tells_none() -> None:
    names = catalogue([product("1", "甲号", "丝语林", "洗发水"), product("2", "乙号", "丝语林", "护发素")])
    assert (query("丝语林推荐", names).brand, query("丝语林推荐", names).category) == ("丝语林", None)
    assert query("丝语林护发素", names).category == "护发素"
