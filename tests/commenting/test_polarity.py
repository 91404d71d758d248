"""What texts say of points, and whether they praise or blame as a whole."""

from __future__ import annotations

import numpy as np
import pytest

from gapfinder.comments.polarity import (
    LEAST_REVIEWS,
    POLARITIES,
    PointModel,
    learned,
    of_points,
    point_examples,
    whole,
    whole_examples,
)

FLOOR = 0.72  # accuracy of cross-validation over points; 0.79 was measured


def said(text: str, point: str) -> str:
    return POLARITIES[of_points([text], [point])[0]]


@pytest.mark.parametrize(
    ("text", "point", "wanted"),
    [
        ("夜里一直侧漏", "侧漏", "complaint"),
        ("一点都不侧漏", "侧漏", "praise"),
        ("侧漏嗎？", "侧漏", "ask"),
        ("会不会侧漏", "侧漏", "ask"),
        ("求一款不侧漏的", "侧漏", "ask"),
        ("号称不侧漏，还没拆", "侧漏", "neutral"),
        ("去屑效果很好", "去屑", "praise"),
        ("洗完头屑更多了", "去屑", "complaint"),
        ("宣传页写着去屑，还没到货", "去屑", "neutral"),
        ("头皮不痒了", "止痒", "praise"),
        ("洗完更痒了", "止痒", "complaint"),
        ("以前红屁股，现在再也没红过", "红屁股", "praise"),
        ("云朵熊不柔软，很硬", "柔软", "complaint"),
        ("一点也不透气，特别闷", "透气", "complaint"),
        ("不勒，很宽松", "勒", "praise"),
    ],
)
def test_what_is_said_of_a_point(text: str, point: str, wanted: str) -> None:
    assert said(text, point) == wanted


def test_two_points_of_one_text_are_told_apart() -> None:
    text = "透气真的很好，但是侧漏太严重了"
    assert [POLARITIES[number] for number in of_points([text, text], ["透气", "侧漏"])] == ["praise", "complaint"]


def test_no_text_says_nothing() -> None:
    assert of_points([], []).tolist() == []
    assert whole([]).tolist() == []


def test_every_text_needs_a_point() -> None:
    with pytest.raises(ValueError, match="2 texts can't speak of 1 points"):
        of_points(["好用", "难用"], ["去屑"])


def test_odd_texts_and_points_are_read_too() -> None:
    odd = ["", " ", "👍", "\ue180\ue1ff", "，，，", "漏" * 5_000, "不错，" * 3_000, "\ud800", "去屑"]
    for points in (["去屑"] * len(odd), [""] * len(odd), ["👍"] * len(odd), ["，"] * len(odd), list(odd)):
        found = of_points(odd, points)
        assert found.shape == (len(odd),)
        assert ((found >= 0) & (found < len(POLARITIES))).all()
    assert np.isfinite(whole(odd)).all()


def test_a_batch_says_what_each_text_says_alone() -> None:
    some = point_examples()[::60]
    texts, points = [row[2] for row in some], [row[1] for row in some]
    alone = [int(of_points([text], [point])[0]) for text, point in zip(texts, points, strict=True)]
    assert of_points(texts, points).tolist() == alone
    assert whole(texts).tolist() == [float(whole([text])[0]) for text in texts]


def test_the_same_examples_teach_the_same() -> None:
    some = point_examples()[:300]
    texts, points = [row[2] for row in some], [row[1] for row in some]
    assert PointModel(some).of(texts, points).tolist() == PointModel(some).of(texts, points).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "真的很好用，会回购",
        "不油不腻，头发很蓬松",
        "包装一般，但是效果特别好",
        "以前总掉发，现在好多了",
        "没毛病",
        "绝绝子",
    ],
)
def test_praise_is_above_nothing(text: str) -> None:
    assert whole([text])[0] > 0


@pytest.mark.parametrize(
    "text",
    ["难用，别买", "一点都不好用", "味道好闻，但是洗完更痒了", "智商税", "用了烂脸，退了", "没有效果"],
)
def test_blame_is_below_nothing(text: str) -> None:
    assert whole([text])[0] < 0


def test_examples_of_whole_texts_do_not_contradict_each_other() -> None:
    rows = whole_examples()
    assert len({text for _, text in rows}) == len(rows)
    assert {label for label, _ in rows} == {"praise", "complaint"}


def test_own_reviews_teach_what_no_list_knows() -> None:
    good = [f"第{number}天 蓝莓般的感觉" for number in range(LEAST_REVIEWS // 2)]
    bad = [f"第{number}天 水泥般的感觉" for number in range(LEAST_REVIEWS // 2)]
    model = learned([*good, *bad], [True] * len(good) + [False] * len(bad))
    assert model.scores(["蓝莓般的", "水泥般的"])[0] > 0
    assert model.scores(["蓝莓般的", "水泥般的"])[1] < 0
    assert model.scores([]).tolist() == []


def test_few_reviews_or_those_of_one_kind_teach_nothing() -> None:
    texts = [f"好用{number}" for number in range(LEAST_REVIEWS)]
    with pytest.raises(ValueError, match="at least 300"):
        learned(texts[1:], [True, False] * (len(texts) // 2 - 1) + [True])
    with pytest.raises(ValueError, match="good and bad"):
        learned(texts, [True] * len(texts))
    with pytest.raises(ValueError, match="one label a review"):
        learned(texts, [True])


def test_cross_validation_stays_above_the_floor() -> None:
    rows = point_examples()
    numbers: dict[str, int] = {}
    fold = [numbers.setdefault(text, len(numbers)) % 4 for _, _, text in rows]  # a text is in one fold
    right = []
    for number in range(4):
        model = PointModel([row for row, own in zip(rows, fold, strict=True) if own != number])
        left = [row for row, own in zip(rows, fold, strict=True) if own == number and row[1]]
        found = model.of([row[2] for row in left], [row[1] for row in left])
        right += [POLARITIES[place] == row[0] for place, row in zip(found.tolist(), left, strict=True)]
    assert np.mean(right) > FLOOR
