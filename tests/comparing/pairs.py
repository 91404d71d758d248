"""Two runs made by hand, as gaps with chosen figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from gapfinder.comparing import Comparison, compare
from gapfinder.interval import Z90
from gapfinder.results import Gap
from indexer.stores.contract import RunInfo
from tests.reporting.made_run import made_gap, made_info

FIRST = date(2026, 3, 2)
DAYS = 84


def run_info(name: str, start: int = 0, days: int = DAYS, **manifest: Any) -> RunInfo:
    """A run whose window begins ``start`` days after FIRST; a later window was analyzed later."""
    first, end = FIRST + timedelta(days=start), FIRST + timedelta(days=start + days)
    window = {"from": first.isoformat(), "to": end.isoformat(), "days": days}
    info = made_info(name, window=window, **manifest)
    return replace(info, name=name, created_at=info.created_at + timedelta(days=start))


def gap(keyword: str, daily: Sequence[int], probability: float, spread: float = 0.0, **changes: Any) -> Gap:
    """A gap with exact counts of days, and an unmet probability with that standard deviation.

    Its interval is made as an analysis makes it: the sampling of the count and the rest add in square.
    """
    searches, weeks = sum(daily), len(daily) / 7
    deviation = ((probability**2 * searches) + (spread * searches) ** 2) ** 0.5
    unmet = probability * searches
    figures = {
        "variants": [{"query": keyword, "searches": searches, "folded_by": "same"}],
        "match": "exact",
        "searches": searches,
        "demand": float(searches),
        "demand_per_week": searches / weeks,
        "daily": list(daily),
        "unmet_probability": probability,
        "unmet_per_week": unmet / weeks,
        "unmet_low": max(0.0, unmet - Z90 * deviation) / weeks,
        "unmet_high": (unmet + Z90 * deviation) / weeks if searches else 3.0 * probability / weeks,
        "notes_matching": 10,
        "supply": 4.0,
        "score_parts": {"no_answer": unmet / weeks},
        "flags": [],
    }
    kind = "missing" if probability >= 0.5 else "met"
    return made_gap(1, keyword, changes.pop("kind", kind), **{**figures, **changes})


def compared(before: Sequence[Gap], after: Sequence[Gap], start: int = DAYS, **manifest: Any) -> Comparison:
    """Two runs compared; the window of the second begins ``start`` days after that of the first."""
    return compare(run_info("run-a"), before, run_info("run-b", start, **manifest), after)
