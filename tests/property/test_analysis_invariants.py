"""What every analysis keeps, whatever the notes, the log and the imported volumes are."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gapfinder.gaps import build_gaps
from gapfinder.measuring import measure
from gapfinder.results import GAP_KINDS, PARTS, Gap
from gapfinder.settings import Settings
from tests.backtest.market import SEGMENTER, moment, store_of

QUERIES = [
    "婴儿纸尿裤",
    "纸尿裤",
    "新生儿纸尿裤推荐",
    "面膜",
    "膜",
    "𠮷野家",
    "[red]面膜[/red]",
    "' OR 1=1 --",
    "a" * 256,
]
TEXTS = [
    *QUERIES,
    "",
    " ",
    "🎉",
    "面膜" * 900,
    "新生儿纸尿裤测评，不勒肚防侧漏",
    "广告合作 面膜",
    "\x1b[31m面膜",
    "%s{0}",
]
NOTES = [f"n{number}" for number in range(12)]
FIGURES = st.none() | st.integers(0, 10**13)

note = st.fixed_dictionaries(
    {
        "title": st.sampled_from(TEXTS),
        "content": st.none() | st.sampled_from(TEXTS),
        "tags": st.none() | st.lists(st.sampled_from(TEXTS), max_size=3),
        "author_id": st.none() | st.sampled_from(["a1", "a2"]),
        "published_at": st.none() | st.integers(-900, 400).map(moment),
        "disclosed": st.none() | st.booleans(),
        "reads": FIGURES,
        "likes": FIGURES,
        "collects": FIGURES,
    }
)
result = st.fixed_dictionaries(
    {
        "note_id": st.none() | st.sampled_from([*NOTES, "unknown"]),
        "position": st.none() | st.integers(0, 99),
        "clicked": st.none() | st.booleans(),
        "dwell_seconds": st.none() | st.floats(0, 1e6),
        "liked": st.none() | st.booleans(),
    }
)
search = st.fixed_dictionaries(
    {
        "query": st.sampled_from(QUERIES),
        "user_id": st.none() | st.sampled_from(["u1", "u2", "u3", "bot"]),
        "at": st.floats(0, 40),
        "results": st.none() | st.lists(result, max_size=4),
        "times": st.sampled_from([1, 1, 1, 4, 30]),
    }
)
figure = st.floats(0, 1e15)
volume = st.fixed_dictionaries(
    {
        "keyword": st.sampled_from([*QUERIES, "没人搜过的词"]),
        "volume": figure,
        "unit": st.sampled_from(["count", "index", "bucket", "rank"]),
        "volume_low": st.none() | figure,
        "volume_high": st.none() | figure,
    }
)


def rows_of(notes: list[Any], searches: list[Any], volumes: list[Any]) -> dict[str, list[dict[str, Any]]]:
    """The drawn market as rows of records."""
    acts = [{**act, "searched_at": moment(act["at"] + copy / 1000)} for act in searches for copy in range(act["times"])]
    return {
        "note": [{**row, "note_id": note_id} for note_id, row in zip(NOTES, notes, strict=False)],
        "search": [{**act, "search_id": f"s{number:04d}"} for number, act in enumerate(acts)],
        "volume": [{**row, "source": f"v{number}"} for number, row in enumerate(volumes)],
    }


def finite(value: object) -> bool:
    """Whether no number in a JSON value is none."""
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    if isinstance(value, list):
        return all(map(finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def check_demand(gap: Gap) -> None:
    assert gap["satisfied"] + gap["unsatisfied"] + gap["unknown"] == gap["demand"] <= gap["searches"]
    assert sum(gap["daily"]) == gap["searches"]
    for week in gap["forecast"] or ():
        assert 0 <= week["low"] <= week["searches"] <= week["high"]
    trend = gap["trend"]
    if trend["low"] is not None and trend["change"] is not None and trend["high"] is not None:
        assert trend["low"] <= trend["change"] <= trend["high"]


def check_supply(gap: Gap, notes: int) -> None:
    assert 0 <= gap["notes_phrase"] <= gap["notes_matching"] <= notes
    assert gap["notes_headline"] <= gap["notes_matching"] >= gap["notes_fresh"]
    assert 0 <= gap["supply"] <= notes
    assert (gap["demand_supply_ratio"] is None) == (gap["notes_matching"] == 0)
    for note in gap["evidence_notes"]:
        shares = (note["answers"], note["visibility"], note["freshness"], note["quality"], note["supply"])
        assert all(0 <= share <= 1 for share in shares)


def check_unmet(gap: Gap, gaps: int) -> None:
    assert 0 <= gap["unmet_probability"] <= 1
    assert 0 <= gap["unmet_low"] <= gap["unmet_per_week"] <= gap["unmet_high"]
    assert gap["unmet_per_week"] <= gap["demand_per_week"] + 0.001
    excess, excess_low, best, worst = gap["excess"], gap["excess_low"], gap["rank_low"], gap["rank_high"]
    assert excess is not None
    assert excess_low is not None
    assert best is not None
    assert worst is not None
    assert excess_low <= excess
    assert 1 <= best <= worst <= gaps
    assert set(gap["score_parts"]) == set(PARTS)
    assert sum(gap["score_parts"].values()) == pytest.approx(gap["unmet_per_week"], rel=1e-9, abs=1e-3)
    assert gap["gap_kind"] in GAP_KINDS
    assert all(0 <= share <= 1 for share in gap["kind_probabilities"].values())
    assert sum(gap["kind_probabilities"].values()) == pytest.approx(1.0, abs=1e-9)
    assert gap["reason"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(note, max_size=len(NOTES)),
    st.lists(search, min_size=1, max_size=20),
    st.lists(volume, max_size=3),
    st.booleans(),
)
def test_every_number_of_every_gap_keeps_its_range(
    notes: list[Any],
    searches: list[Any],
    volumes: list[Any],
    named: bool,  # noqa: FBT001 - drawn
) -> None:
    rows = rows_of(notes, searches, volumes)
    keywords = (*QUERIES, "没人搜过的词") if named else None
    chosen = Settings.of(min_searches=1, min_searchers=1, min_queries=2, keywords=keywords, end=moment(41).date())
    with store_of(rows).snapshot() as snapshot, warnings.catch_warnings():
        warnings.simplefilter("error")
        gaps = list(build_gaps(measure(snapshot, chosen, SEGMENTER), snapshot, chosen))
        again = list(build_gaps(measure(snapshot, chosen, SEGMENTER), snapshot, chosen))
    assert gaps
    assert gaps == again
    assert finite(gaps)
    for gap in gaps:
        check_demand(gap)
        check_supply(gap, len(rows["note"]))
        check_unmet(gap, len(gaps))
