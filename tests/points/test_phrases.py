"""The templates of need phrases, one text after the other."""

from __future__ import annotations

import pytest

from tests.points.made import Said, phrases_in

BODY = ("头皮", "头发", "发根", "腰贴")


def said(*phrases: str) -> list[Said]:
    """Phrases written as ``words > core > way``."""
    return [Said(*(part.strip() for part in phrase.split(">"))) for phrase in phrases]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a verb that takes something away, before a complaint
        ("去 头屑 洗发水", ["去 头屑 > 头屑 > promised"]),
        ("缓解 红屁股", ["缓解 红屁股 > 红屁股 > promised"]),
        ("缓解 宝宝 红屁股", ["缓解 宝宝 红屁股 > 红屁股 > promised"]),
        ("防 非常 非常 的 侧漏", ["防 非常 非常 的 侧漏 > 侧漏 > promised"]),
        # with a part of the body between
        ("减少 头皮 痒", ["减少 头皮 痒 > 痒 > promised"]),
        ("减少 头皮 很 痒", ["减少 头皮 很 痒 > 痒 > promised"]),
        # a denial before a complaint
        ("没有 头屑", ["没有 头屑 > 头屑 > spared"]),
        ("不 勒", ["不 勒 > 勒 > spared"]),
        ("不 太 油腻", ["不 太 油腻 > 油腻 > spared"]),
        # what people want to be without
        ("无 硅油 洗发水", ["无 硅油 > 硅油 > spared"]),
        ("防 水", ["防 水 > 水 > promised"]),
        ("修护 水", ["修护 > 修护 > praised"]),  # a verb that gives, too, takes none of it away
        # a denial before a good state
        ("不 柔顺", ["不 柔顺 > 柔顺 > lacking"]),
        ("不 够 柔顺", ["柔顺 > 柔顺 > praised"]),  # 够 is no word that adds nothing
        # a verb that gives, before a part of the body
        ("滋养 头皮", ["滋养 头皮 > 滋养头皮 > promised"]),
        ("滋养 头发", ["滋养 头发 > 滋养头发 > promised"]),
        # a part of the body before a state
        ("头皮 痒", ["头皮 痒 > 痒 > complained"]),
        ("头皮 很 痒", ["头皮 很 痒 > 痒 > complained"]),
        ("头发 特别 柔顺", ["头发 特别 柔顺 > 柔顺 > praised"]),
        ("发根 香", ["发根 香 > 香 > praised"]),
        # denied
        ("头发 不 毛躁", ["头发 不 毛躁 > 毛躁 > spared"]),
        ("头皮 不 痒", ["头皮 不 痒 > 痒 > spared"]),
        ("头发 一点也 不 柔顺", ["头发 一点也 不 柔顺 > 柔顺 > lacking"]),
        # a state alone, if it has two characters
        ("清爽", ["清爽 > 清爽 > praised"]),
        ("干枯", ["干枯 > 干枯 > complained"]),
        # behind a word of degree one of a single character, too
        ("太 油", ["太 油 > 油 > complained"]),
        ("很 香", ["很 香 > 香 > praised"]),
        ("越来越 油", ["越来越 油 > 油 > complained"]),
        ("一天 就 油", ["就 油 > 油 > complained"]),
        ("头皮屑 变 油", ["头皮屑 > 头皮屑 > complained", "变 油 > 油 > complained"]),
        # before a complement of degree
        ("油 得 快", ["油 得 > 油 > complained"]),
        ("痒 死 了", ["痒 死 > 痒 > complained"]),
        ("香 得 很", ["香 得 > 香 > praised"]),
        # between 是 and 的
        ("腰口 是 软 的", ["是 软 的 > 软 > praised"]),
        # doubled
        ("软软的 纸尿裤", ["软软的 > 软 > praised"]),
        ("毛毛躁躁", ["毛毛躁躁 > 毛躁 > complained"]),
        # a word that holds its need
        ("去头屑 洗发水", ["去头屑 > 头屑 > promised"]),
    ],
)
def test_a_template_gives_its_phrase(text: str, expected: list[str]) -> None:
    assert phrases_in(text, body=BODY) == said(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "洗发水 推荐",
        "痒",  # one character alone is no phrase
        "香",
        "硅油",  # what one wants to be without says nothing alone
        "水",
        "头皮",  # a part of the body alone neither
        "去 上海",
        "滋润度 洗发水",
        "锁 洗发水",
        "头皮 洗发水 痒",  # a word between that means something
        "头皮 完全 完全 完全 完全 痒",  # too much between
        "防 洗发水 水",
        "防 头皮 水",  # what one wants to be without stands right behind
        "不 香",  # a short good state that is denied is hardly one: 不 亮, 不 软
        "太 完全 油",  # nothing stands between a word of degree and a short state
        "是 软 床",  # what follows decides
        "是 很软 的",
        "洗发水 得",
        "油 快",
        "油 的 得",
        "紧紧 的",
    ],
)
def test_what_is_no_template_gives_none(text: str) -> None:
    assert phrases_in(text, body=BODY) == []


def test_no_phrase_spans_two_values() -> None:
    for one, other in (
        ("去", "头皮 很"),
        ("头皮 完全", "痒"),
        ("不", "勒"),
        ("锁", "头皮"),
        ("太", "油"),
        ("防", "水"),
        ("是", "软 的"),
        ("是 软", "的"),
        ("油", "得 快"),
    ):
        assert phrases_in(one, other, body=BODY) == []
    assert phrases_in("减少 头皮", "痒", body=BODY) == []
    assert phrases_in("去", "头屑", body=BODY) == said("头屑 > 头屑 > complained")
    assert phrases_in("头皮 很", "清爽", body=BODY) == said("清爽 > 清爽 > praised")


def test_a_phrase_may_end_with_its_value() -> None:
    assert phrases_in("头皮 痒", "不 勒", "太 油", body=BODY) == said(
        "头皮 痒 > 痒 > complained", "不 勒 > 勒 > spared", "太 油 > 油 > complained"
    )


def test_phrases_do_not_overlap_and_come_in_order() -> None:
    found = phrases_in("去 头屑 头皮 很 痒 清爽 无 硅油", body=BODY)
    assert found == said(
        "去 头屑 > 头屑 > promised", "头皮 很 痒 > 痒 > complained", "清爽 > 清爽 > praised", "无 硅油 > 硅油 > spared"
    )


def test_the_same_need_is_one_core_however_it_is_said() -> None:
    texts = ("去 头屑", "头屑", "没有 头屑", "头皮 头屑", "去头屑", "头发 不 头屑")
    found = [phrases_in(text, body=BODY) for text in texts]
    assert {said.core for phrases in found for said in phrases} == {"头屑"}
    assert [phrases[0].way for phrases in found] == [
        "promised", "complained", "spared", "complained", "promised", "spared",
    ]  # fmt: skip


def test_only_learned_parts_are_parts() -> None:
    assert phrases_in("腰贴 勒") == []
    assert phrases_in("腰贴 勒", body=["腰贴"]) == said("腰贴 勒 > 勒 > complained")


def test_what_products_claim_is_good() -> None:
    assert phrases_in("小猪佩奇") == []
    assert phrases_in("小猪佩奇", claims=["小猪佩奇"]) == said("小猪佩奇 > 小猪佩奇 > praised")
    assert phrases_in("不 小猪佩奇", claims=["小猪佩奇"]) == said("不 小猪佩奇 > 小猪佩奇 > lacking")


def test_a_verb_that_is_a_state_too_stands_for_itself() -> None:
    assert phrases_in("蓬松") == said("蓬松 > 蓬松 > praised")
    assert phrases_in("蓬松 头发", body=BODY) == said("蓬松 头发 > 蓬松头发 > promised")
