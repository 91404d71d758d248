"""What an older version stored of a run: what it does not hold is filled in here, and nowhere else.

What was not measured is null, never a figure that looks measured. What follows from other fields is worked out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from gapfinder.kinds import VERDICT_OF
from gapfinder.market.results import (
    KeywordAudience,
    MarketRow,
    NameSuggestion,
    QueryParts,
    SellingPoint,
    Share,
)
from gapfinder.results import GAP_KINDS, Gap

_UNKNOWN: Final = (
    "category",
    "people",
    "season",
    "forecast",
    "authors_effective",
    "excess",
    "excess_low",
    "rank_low",
    "rank_high",
)


def whole_gap(stored: dict[str, Any]) -> Gap:
    """A stored gap with all fields of today; one of today's is given back as it is."""
    for name in _UNKNOWN:
        stored.setdefault(name, None)
    _add_people(stored["evidence_queries"])
    stored.setdefault("verdict", VERDICT_OF[stored["gap_kind"]])
    trend = stored["trend"]
    trend.setdefault("festivals", [])
    trend.setdefault("surge", None)
    probabilities = stored["kind_probabilities"]
    if probabilities:  # a kind that the run did not know has no share in what adds up to 1
        for kind in GAP_KINDS:
            probabilities.setdefault(kind, 0.0)
    return cast("Gap", stored)


def whole_point(stored: dict[str, Any]) -> SellingPoint:
    """A stored selling point with all fields of today."""
    _add_people([stored, *stored["evidence_queries"]])
    return cast("SellingPoint", stored)


def whole_audience(stored: dict[str, Any]) -> KeywordAudience:
    """The stored audiences of a keyword with all fields of today."""
    _add_people([stored])
    return cast("KeywordAudience", stored)


def _add_people(rows: Iterable[dict[str, Any]]) -> None:
    """How many of the searchers are no bots was not told apart."""
    for row in rows:
        row.setdefault("people", None)


def whole_market_row(stored: dict[str, Any]) -> MarketRow:
    """A stored row of a market with all fields of today; categories of old runs stood beside each other."""
    _add_people([stored])
    stored.setdefault("parent", None)
    stored.setdefault("path", [stored["category"]] if stored["category"] is not None else [])
    stored.setdefault("depth", 0)
    stored.setdefault("children", 0)
    for standing in stored["points"]:
        standing.setdefault("comments_praised", None)
        standing.setdefault("comments_complained", None)
        standing.setdefault("positive", Share(share=None, low=None, high=None))
    return cast("MarketRow", stored)


def whole_parts(stored: dict[str, Any]) -> QueryParts:
    """A stored keyword taken apart, without places where none were kept."""
    stored.setdefault("places", [])
    return cast("QueryParts", stored)


def whole_suggestion(stored: dict[str, Any]) -> NameSuggestion:
    """A stored suggestion with all fields of today; those of older runs are brands."""
    stored.setdefault("kind", "brand")
    for name in ("brand", "category", "certainty"):
        stored.setdefault(name, None)
    stored.setdefault("series", "")
    stored.setdefault("functions", [])
    return cast("NameSuggestion", stored)
