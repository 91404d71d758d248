"""The market part of a run as far as it may be shown: what page and workbook tell of points, audiences and brands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from gapfinder.market.public import (
    Limits,
    keys_of,
    published_audiences,
    published_market,
    published_points,
    published_product_gaps,
)
from gapfinder.market.results import KeywordAudience, MarketRow, ProductGap, SellingPoint
from gapfinder.market.stored import (
    has_market,
    read_audiences,
    read_market,
    read_points,
    read_product_gaps,
    read_suggestions,
    weeks_of,
)
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
        product_gaps: Gaps by selling point, keyword and product, in the order of points.
        weeks: Weeks of the run's window.
    """

    points: list[SellingPoint]
    audiences: list[KeywordAudience]
    market: list[MarketRow]
    hidden_points: int = 0
    product_gaps: list[ProductGap] = field(default_factory=list)
    weeks: float = 1.0


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
    keys = keys_of(shown)
    suggested = {row["name"] for row in read_suggestions(store, info) if row["kind"] == "brand"}
    return MarketPart(
        shown,
        list(published_audiences(read_audiences(store, info), limits)),
        list(published_market(read_market(store, info), limits, keys, suggested)),
        len(points) - len(shown),
        list(published_product_gaps(read_product_gaps(store, info), limits, keys)),
        weeks_of(info),
    )
