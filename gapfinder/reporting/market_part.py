"""The market part of a run as far as it may be shown: what page and workbook tell of points, audiences and brands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gapfinder.market.public import Limits, keys_of, published_audiences, published_market, published_points
from gapfinder.market.results import KeywordAudience, MarketRow, SellingPoint
from gapfinder.market.stored import has_market, read_audiences, read_market, read_points, read_suggestions
from gapfinder.reporting.privacy import PublishedRun
from indexer.stores.contract import RunInfo, Store


@dataclass(frozen=True, slots=True)
class MarketPart:
    """What a run tells of the market, without what few people searched.

    Attributes:
        points: Selling points in their order.
        audiences: Audiences of keywords, in the order of the gaps.
        market: Categories, brands and products, largest first.
        hidden_points: Selling points left out.
    """

    points: list[SellingPoint]
    audiences: list[KeywordAudience]
    market: list[MarketRow]
    hidden_points: int = 0


def market_of(store: Store, run: PublishedRun) -> MarketPart | None:
    """The market part of a run that may be shown; None where the run has none."""
    return published_market_part(store, run.info, {gap["keyword"] for gap in run.gaps})


def published_market_part(store: Store, info: RunInfo, keywords: Collection[str]) -> MarketPart | None:
    """The market part of a run, of which these keywords are shown; None where the run has none."""
    if not has_market(info):
        return None
    limits = Limits.of(info, keywords)
    points = read_points(store, info)
    shown = list(published_points(points, limits))
    suggested = {row["name"] for row in read_suggestions(store, info) if row["kind"] == "brand"}
    return MarketPart(
        shown,
        list(published_audiences(read_audiences(store, info), limits)),
        list(published_market(read_market(store, info), limits, keys_of(shown), suggested)),
        len(points) - len(shown),
    )
