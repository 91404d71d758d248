"""What HTTP takes and gives of gaps by selling point, keyword and product, as pydantic models."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from api.market_asked import Category
from api.market_models import MarketPage, described_by
from api.models import Answer, Cursor, GapKind, Limit, RunAsked, Verdict
from gapfinder.market.product_metrics import PRODUCT_GAP_METRICS

_cell: Final = described_by(PRODUCT_GAP_METRICS)


class ProductGapsAsked(RunAsked):
    """Which gaps by selling point, keyword and product."""

    category: Category = None
    product: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="Only of this product, by name or id, or of all products of this brand.",
        examples=["云朵熊云柔纸尿裤"],
    )
    kind: list[GapKind] = Field(default=[], max_length=7, description="Only these kinds; repeatable.")
    limit: Limit = 50
    cursor: Cursor = None


class ProductGap(Answer):
    """Searches for a keyword that ask for a selling point and that no note about one product answers."""

    category: str = _cell("category", "纸尿裤")
    selling_point: str = _cell("selling_point", "缓解红屁股")
    keyword: str = _cell("keyword", "缓解红屁股纸尿裤")
    product_id: str = _cell("product_id", "p001")
    product: str = _cell("product", "云朵熊云柔纸尿裤")
    brand: str | None = _cell("brand", "云朵熊")
    claims: bool = _cell("claims")
    searches: int = _cell("searches", 397, ge=0)
    demand_per_week: float = _cell("demand_per_week", 33.0833, ge=0)
    notes: int = _cell("notes", 1, ge=0)
    supply: float = _cell("supply", 0.4096, ge=0)
    unmet_probability: float = _cell("unmet_probability", 0.94, ge=0, le=1)
    unmet_per_week: float = _cell("unmet_per_week", 31.2093, ge=0)
    unmet_low: float = _cell("unmet_low", 15.677, ge=0)
    unmet_high: float = _cell("unmet_high", 39.2849, ge=0)
    gap_kind: GapKind = _cell("gap_kind")
    verdict: Verdict = _cell("verdict")
    market_unmet_per_week: float = _cell("market_unmet_per_week", 25.0319, ge=0)
    market_gap_kind: GapKind = _cell("market_gap_kind")


class ProductGapList(MarketPage):
    """A page of gaps by selling point, keyword and product, in the order of points, of each the surest first."""

    items: list[ProductGap]
