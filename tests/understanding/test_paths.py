"""Categories as shops write them: which signs part levels, and when a slash does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.understanding.paths import MOST_LEVELS, other_words, paths_of

WRITTEN = [
    "母婴>尿裤湿巾>纸尿裤", "母婴＞尿裤湿巾＞纸尿裤", "母婴 > 尿裤湿巾 > 纸尿裤", "母婴|尿裤湿巾|纸尿裤",
    "母婴｜尿裤湿巾｜纸尿裤",
    "母婴》尿裤湿巾》纸尿裤", "母婴→尿裤湿巾→纸尿裤", "母婴->尿裤湿巾-->纸尿裤", "母婴 => 尿裤湿巾 => 纸尿裤",
    "母婴»尿裤湿巾›纸尿裤",
    "母婴>>尿裤湿巾>>纸尿裤", ">母婴> >尿裤湿巾>纸尿裤>", "母婴\\尿裤湿巾\\纸尿裤", "母婴/尿裤湿巾/纸尿裤",
    "母婴／尿裤湿巾／纸尿裤",
    "全部商品>母婴>尿裤湿巾>纸尿裤", "母婴>尿裤湿巾>纸尿裤>其他", "母婴>尿裤湿巾>尿裤湿巾>纸尿裤",
]  # fmt: skip


def path(text: str, *others: str) -> tuple[str, ...]:
    return paths_of([text, *others])[text]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_path_is_known_however_it_is_written(text: str) -> None:
    assert path(text) == ("母婴", "尿裤湿巾", "纸尿裤")


@pytest.mark.parametrize(
    "text", ["纸尿裤", "面膜/泥膜", "面膜/泥膜/眼膜", "3D口罩", "《三国》周边", "<b>面膜</b>", "其他", "A/B"]
)
def test_a_name_stays_a_name(text: str) -> None:
    assert path(text) == (text,)


def test_a_slash_parts_levels_where_the_catalogue_says_so() -> None:
    assert path("面膜/泥膜", "面膜") == ("面膜", "泥膜"), "what stands before it is a category"
    assert path("母婴/奶粉", "母婴/湿巾", "面膜/泥膜") == ("母婴", "奶粉"), "it opens another one"
    assert path("面膜/泥膜", "母婴/奶粉", "母婴/湿巾", "洗发水") == ("面膜/泥膜",), "nothing says so of this one"
    assert path("母婴/湿巾", "个护/洗发水", "美妆/口红") == ("母婴", "湿巾"), "all categories have one: an export"
    assert path("母婴/湿巾", "个护/洗发水") == ("母婴/湿巾",), "two are no export"
    assert path("面膜/泥膜/眼膜", "面膜") == ("面膜", "泥膜", "眼膜")
    assert path("长裤/短裤/阔腿裤") == ("长裤/短裤/阔腿裤",), "kinds beside each other"
    assert path("裤子/睡裤子/棉睡裤子") == ("裤子", "睡裤子", "棉睡裤子"), "each is a kind of the one before"


def test_a_surer_sign_makes_the_slash_a_part_of_the_name() -> None:
    assert path("美妆/护肤 > 面膜/泥膜", "美妆/护肤 > 精华") == ("美妆/护肤", "面膜/泥膜")


@pytest.mark.parametrize("text", [">", " / ", "||", "-", "…"])
def test_what_names_nothing_is_no_category(text: str) -> None:
    assert path(text) == ()


def test_what_says_nothing_is_left_out_unless_it_is_all_there_is() -> None:
    assert path("母婴>其他") == ("母婴",)
    assert path("全部>其它") == ("其它",)
    assert path("Other > 母婴") == ("母婴",)


def test_a_repeated_level_counts_where_it_stands_last() -> None:
    assert path("面膜>面膜") == ("面膜",)
    assert path("面膜 > 护肤 > 面膜") == ("护肤", "面膜")
    assert path("T恤>Ｔ恤") == ("Ｔ恤",), "full width is no other name"


def test_a_very_deep_path_keeps_its_ends() -> None:
    deep = path(">".join(f"第{level}级" for level in range(200)))
    assert len(deep) == MOST_LEVELS
    assert (deep[0], deep[-2], deep[-1]) == ("第0级", "第8级", "第199级")


def test_a_name_that_lists_several_goes_by_each() -> None:
    assert other_words("面膜/泥膜") == ["面膜", "泥膜"]
    assert other_words("面膜、精华") == ["面膜", "精华"]
    assert other_words("面膜") == []


PARTS = st.text(st.sampled_from("甲乙丙丁a1 其他母婴>＞/／|《》<-=→\\"), max_size=12)


@given(st.lists(PARTS, max_size=12))
def test_every_text_has_one_path_and_order_changes_nothing(texts: list[str]) -> None:
    found = paths_of(texts)
    assert found == paths_of(texts[::-1])
    assert set(found) == set(texts)
    for text, levels in found.items():
        assert len(levels) <= MOST_LEVELS
        assert len(set(levels)) == len(levels)
        assert all(level == level.strip() and level in text for level in levels)
        assert bool(levels) == any(map(str.isalnum, text))
