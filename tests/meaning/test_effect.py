from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gapfinder.meaning.effect import effect_of, effect_sentence

WORDS = [f"词{number}" for number in range(8)]


def test_what_changed_is_counted_and_named() -> None:
    before = np.array([0.9, 0.8, 0.9, 0.2, 0.5, 0.5, 0.9, 0.9])
    after = np.array([0.2, 0.3, 0.2, 0.8, 0.5, 0.4, 0.9, 0.9])
    was = ["missing", "weak", "missing", "met", "unsure", "missing", "weak", "weak"]
    now = ["met", "met", "met", "missing", "unsure", "weak", "weak", "weak"]
    shown = np.array([True, True, True, False, True, True, True, True])
    effect = effect_of(WORDS, (before, was), (after, now), shown)
    assert effect == {
        "keywords": 8,
        "mean_absolute_change": 0.325,
        "changed_kind": 5,
        "closed_gaps": 3,
        "opened_gaps": 1,
        "closed": ["词0", "词2", "词1"],
        "opened": [],
    }
    assert effect_sentence(effect) == (
        "语义模型的影响：8 个关键词的未满足概率平均变动 32.5 个百分点，5 个的缺口类型有变；"
        "3 个不再算缺口（“词0”、“词2”、“词1”）；1 个新成为缺口。"
    )


def test_many_are_named_by_examples() -> None:
    gap, met = (np.full(8, 0.9), ["missing"] * 8), (np.full(8, 0.1), ["met"] * 8)
    sentence = effect_sentence(effect_of(WORDS, met, gap, np.ones(8, bool)))
    assert sentence.endswith("8 个新成为缺口（“词0”、“词1”、“词2”、“词3”、“词4”等）。")


def test_nothing_changed_is_said_too() -> None:
    same: tuple[npt.NDArray[np.float64], list[str]] = (np.array([]), [])
    effect = effect_of([], same, same, np.array([], bool))
    assert effect["mean_absolute_change"] == 0
    assert (
        effect_sentence(effect) == "语义模型的影响：0 个关键词的未满足概率平均变动 0.0 个百分点，0 个的缺口类型有变。"
    )
