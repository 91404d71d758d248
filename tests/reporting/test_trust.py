"""How far a run can be trusted, in the words of the page and the command line."""

from __future__ import annotations

from typing import Any

import pytest

from gapfinder.reporting.trust import (
    calibration_words,
    embedder_words,
    is_calibrated,
    model_words,
    rank_words,
    stability_words,
    trust_lines,
)
from gapfinder.reporting.words import kinds_words, signed
from tests.reporting.made_run import made_gap

LABELS = {"calibration_labels": 300.0}


def _model(queries: int, *, calibrated: bool = False) -> dict[str, Any]:
    return {"settings": LABELS, "model": {"calibrated": calibrated, "outcomes": {"queries": queries}}}


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (_model(1_275, calibrated=True), "概率已校准，依据 1,275 个搜索词的真实结果，可以当作实际比例看。"),
        (
            _model(275),
            "概率尚未校准：结果已知的搜索词有 275 个，满 300 个才算。概率可以用来排先后，不要当作实际比例。",
        ),
        (_model(0), "概率尚未校准：日志没有记录搜索结果。概率可以用来排先后，不要当作实际比例。"),
        ({}, "概率尚未校准，可以用来排先后，不要当作实际比例。"),
        ({"model": None}, "概率尚未校准，可以用来排先后，不要当作实际比例。"),
    ],
)
def test_whether_probabilities_are_shares(manifest: dict[str, Any], sentence: str) -> None:
    assert calibration_words(manifest) == sentence
    assert is_calibrated(manifest) == sentence.startswith("概率已校准")


def test_how_firm_the_top_is() -> None:
    totals = {"keywords": 244, "stable_top_10": 0.8708, "stable_top_50": 0.9883}
    assert stability_words({"totals": totals}) == "榜单稳定性：前 10 名预计 87% 名副其实，前 50 名预计 99% 名副其实。"
    assert stability_words({"totals": {**totals, "keywords": 30}}) == "榜单稳定性：前 10 名预计 87% 名副其实。"
    assert stability_words({"totals": {**totals, "keywords": 10}}) == "", "all ten are the first ten"
    assert stability_words({"totals": {"keywords": 244}}) == "", "an older run does not say"
    assert stability_words({}) == ""


def test_which_model_judged() -> None:
    basis = {"embedder": None, "snapshot": "snapshot-1", "notes": 3_020, "searches": 60_361}
    content = {"name": "model-1", "origin": "learned", "basis": basis}
    assert (
        model_words({"model": {"content": content}})
        == "内容模型：model-1，学自 snapshot-1 的 3,020 篇笔记和 60,361 次搜索。"
    )
    meant = {**content, "basis": {**basis, "embedder": "bge"}}
    assert model_words({"model": {"content": meant}}).endswith("次搜索，结合语义模型。")
    assert "沿用随程序附带的模型" in model_words({"model": {"content": {**content, "origin": "shipped"}}})
    assert model_words({}) == ""


def test_an_embedder_that_could_not_be_used_changed_nothing() -> None:
    assert embedder_words({"embedder": {"name": "bge", "used": False, "reason": "down"}}) == ""
    assert trust_lines({}) == [calibration_words({})], "nothing is said of what is not known"


def test_places_and_kinds_in_words() -> None:
    assert rank_words(1, 1) == "排名稳居第 1"
    assert rank_words(5, 1_200) == "排名在第 5–1,200 名之间"
    likely = {"missing": 0.494, "weak": 0.28, "met": 0.12, "wording": 0.08, "stale": 0.019, "ads_only": 0, "unsure": 0}
    gap = made_gap(1, "奶粉", "missing", kind_probabilities=likely)
    assert kinds_words(gap) == "没有内容 49%、内容薄弱 28%、已满足 12%、说法不同 8%"
    assert [signed(value) for value in (420.9, -3.25, 0.0, None)] == ["+421", "−3.2", "0", "–"]
