"""The report of the sample market, held against what was planted in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.kinds import judged_kinds, learned_synonyms, macro_f1, wording_auc
from gapfinder.advertising import undisclosed_probability
from gapfinder.reasons import advice_of
from gapfinder.results import GAP_KINDS, PARTS, Gap
from gapfinder.settings import SETTINGS
from indexer.stores import open_store

pytestmark = pytest.mark.xdist_group("market")


def kinds_of(planted: dict[str, Any]) -> dict[str, str]:
    """True kind of every keyword and of every other phrasing of it that may stand as a keyword of its own."""
    kinds = {}
    for keyword in planted["keywords"]:
        for variant in keyword["variants"]:
            if variant["how"] in ("phrasing", "synonym"):
                kinds[variant["query"].strip()] = keyword["kind"]
        kinds[keyword["keyword"]] = keyword["kind"]
    return kinds


def judged(gaps: list[Gap], planted: dict[str, Any]) -> list[tuple[str, str]]:
    """(true kind, found kind) of all keywords whose truth is clear; the thin ones are about ``unsure`` only."""
    kinds = kinds_of(planted)
    return [
        (kinds[gap["keyword"]], gap["gap_kind"])
        for gap in gaps
        if gap["keyword"] in kinds and kinds[gap["keyword"]] != "unsure"
    ]


def test_the_newborn_diaper_stands_at_the_top_with_its_reason(gaps: list[Gap]) -> None:
    first = [gap["keyword"] for gap in gaps[:3]]
    assert "新生儿纸尿裤" in first
    gap = next(gap for gap in gaps if gap["keyword"] == "新生儿纸尿裤")
    assert gap["gap_kind"] == "missing"
    assert "几乎没有真正回答" in gap["reason"]
    assert gap["unmet_low"] > 500
    assert gap["price"] is not None
    assert gap["price"]["cpc"] is not None
    rival = next(gap for gap in gaps if gap["keyword"] == "纸尿裤推荐")
    assert rival["price"] is not None
    assert rival["price"]["cpc"] is not None
    assert gap["price"]["cpc"] < rival["price"]["cpc"] / 2, "the keyword is cheap"


def test_planted_gaps_are_found(gaps: list[Gap], planted: dict[str, Any]) -> None:
    pairs = judged(gaps, planted)
    true = sum(kind != "met" for kind, _ in pairs)
    found = sum(kind != "met" for _, kind in pairs)
    both = sum(kind != "met" != found_kind for kind, found_kind in pairs)
    names = {gap["keyword"] for gap in gaps}
    lost = [
        keyword["keyword"]
        for keyword in planted["keywords"]
        if keyword["kind"] not in ("met", "unsure") and keyword["keyword"] not in names
    ]
    unknown = [gap["keyword"] for gap in gaps if gap["gap_kind"] != "met" and gap["keyword"] not in kinds_of(planted)]
    assert both / (found + len(unknown)) >= 0.9, "precision"
    assert both / (true + len(lost)) >= 0.9, "recall"


def test_intervals_hold_and_sum_up(gaps: list[Gap], planted: dict[str, Any]) -> None:
    """Nine of ten intervals of planted gaps hold the true number of unmet searches, and their sum is right."""
    true = {keyword["keyword"]: keyword for keyword in planted["keywords"]}
    pairs = [
        (gap, true[gap["keyword"]]["unmet_share"] * gap["demand_per_week"])
        for gap in gaps
        if gap["keyword"] in true and true[gap["keyword"]]["kind"] not in ("met", "unsure")
    ]
    held = [gap["unmet_low"] <= unmet <= gap["unmet_high"] for gap, unmet in pairs]
    assert len(pairs) >= 45
    assert sum(held) / len(held) >= 0.9
    assert sum(gap["unmet_per_week"] for gap, _ in pairs) == pytest.approx(sum(unmet for _, unmet in pairs), rel=0.05)


def test_kinds_are_right(gaps: list[Gap], planted: dict[str, Any]) -> None:
    pairs = [(true, found) for true, found in judged(gaps, planted) if true != "met"]
    for kind in ("missing", "wording", "weak", "stale", "ads_only"):
        own = [found for true, found in pairs if true == kind]
        assert own.count(kind) / len(own) >= 0.7, kind
    assert sum(true == found for true, found in pairs) / len(pairs) >= 0.8


def test_kinds_and_learned_synonyms_hold_as_a_whole(gaps: list[Gap], planted: dict[str, Any], market_url: str) -> None:
    """The kinds, unsure among them, and the pairs that the store proves without looking at the shipped list."""
    scores = macro_f1(judged_kinds(gaps, planted))
    assert set(scores) == {*GAP_KINDS, "macro"}
    assert scores["macro"] >= 0.85
    assert wording_auc(gaps, planted) >= 0.95
    with open_store(market_url) as store:
        found = learned_synonyms(store.runs()[0].manifest, planted)
    assert found["precision"] >= 0.8
    assert found["recall"] >= 0.7


def test_the_advice_about_another_wording_names_it(gaps: list[Gap]) -> None:
    gap = next(gap for gap in gaps if gap["keyword"] == "祛斑精华")
    assert (gap["gap_kind"], gap["verdict"]) == ("wording", "retitle")
    assert "淡斑" in gap["synonyms"]
    assert "淡斑" in advice_of(gap)


def test_bots_typos_and_dust_do_not_show_up(gaps: list[Gap], planted: dict[str, Any]) -> None:
    names = {gap["keyword"] for gap in gaps}
    assert not names & set(planted["dust"])
    typos = {
        variant["query"]
        for keyword in planted["keywords"]
        for variant in keyword["variants"]
        if variant["how"] == "typo"
    }
    assert not names & typos
    shown = [gap["keyword"] for gap in gaps if gap["gap_kind"] != "met"]
    for bot in planted["bots"]:
        assert bot["keyword"] not in shown
    for gap in gaps:
        if gap["keyword"] in {bot["keyword"] for bot in planted["bots"]}:
            assert gap["demand"] < gap["searches"] / 5
            assert "bot" in gap["flags"]


def test_variants_are_folded(gaps: list[Gap], planted: dict[str, Any]) -> None:
    by_name = {gap["keyword"]: gap for gap in gaps}
    missed = []
    for keyword in planted["keywords"]:
        gap = by_name.get(keyword["keyword"])
        if gap is None:
            continue
        known = {variant["query"] for variant in gap["variants"]}
        others = set(by_name) - {keyword["keyword"]}
        missed += [
            variant["query"]
            for variant in keyword["variants"]
            if variant["how"] in ("script", "space", "order", "typo")
            and variant["query"] not in known
            and variant["query"] in others
        ]
    assert missed == []


def test_every_number_carries_its_parts(gaps: list[Gap]) -> None:
    for gap in gaps:
        assert set(gap["score_parts"]) == set(PARTS)
        assert sum(gap["score_parts"].values()) == pytest.approx(gap["unmet_per_week"], abs=0.001)
        assert 0 <= gap["unmet_low"] <= gap["unmet_per_week"] <= gap["unmet_high"]
        assert sum(gap["kind_probabilities"].values()) == pytest.approx(1, abs=0.001)
        assert gap["satisfied"] + gap["unsatisfied"] + gap["unknown"] == gap["demand"] <= gap["searches"]
        assert sum(gap["daily"]) == gap["searches"]
        assert gap["notes_phrase"] <= gap["notes_matching"]
        assert gap["notes_headline"] <= gap["notes_matching"]
        if gap["notes_matching"]:
            assert gap["demand_supply_ratio"] == pytest.approx(gap["searches"] / gap["notes_matching"], abs=1e-4)
        else:
            assert gap["demand_supply_ratio"] is None
        assert sum(query["searches"] for query in gap["evidence_queries"]) <= gap["searches"]


def test_evidence_is_the_very_notes(gaps: list[Gap], planted: dict[str, Any]) -> None:
    answers = {keyword["keyword"]: set(keyword["answers"]) for keyword in planted["keywords"]}
    right = shown = 0
    for gap in gaps:
        true = answers.get(gap["keyword"])
        if true and gap["gap_kind"] == "met":
            notes = [note["note_id"] for note in gap["evidence_notes"]]
            right += len(true & set(notes))
            shown += min(len(notes), len(true))
    assert right / shown >= 0.8


def test_undisclosed_advertising_is_told_from_experience(market_url: str, planted: dict[str, Any]) -> None:
    columns = ("note_id", "title", "content", "brand", "disclosed")
    with open_store(market_url) as store, store.snapshot() as snapshot:
        notes = pa.Table.from_batches(list(snapshot.scan("note", columns))).combine_chunks().to_batches()[0]
    found, _ = undisclosed_probability(*(notes[column] for column in columns[1:]))
    hidden = np.isin(notes["note_id"].to_pylist(), planted["undisclosed"])
    taken_out = found >= SETTINGS["undisclosed_threshold"].default
    assert taken_out[hidden].mean() >= 0.8
    assert taken_out[~hidden].mean() <= 0.01


def test_advertising_is_out_of_supply(gaps: list[Gap], planted: dict[str, Any]) -> None:
    hidden = set(planted["undisclosed"])
    for gap in gaps:
        for note in gap["evidence_notes"]:
            if note["visibility"] == 0:
                assert note["supply"] == 0
                assert note["note_id"] in hidden
            elif note["disclosed"]:
                assert note["supply"] <= SETTINGS["disclosed_weight"].default


def test_rising_and_falling_keywords_are_told(gaps: list[Gap], planted: dict[str, Any]) -> None:
    true = {keyword["keyword"]: keyword["trend"] for keyword in planted["keywords"] if keyword["searches"] >= 200}
    told = [(true[gap["keyword"]], gap["trend"]["direction"]) for gap in gaps if gap["keyword"] in true]
    moving = [found for planted_trend, found in told if planted_trend != "flat"]
    assert not [pair for pair in told if set(pair) == {"rising", "falling"}], "never the wrong way"
    assert sum(found != "flat" for found in moving) / len(moving) >= 0.7
