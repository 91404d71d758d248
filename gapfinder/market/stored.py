"""The market part of a stored run, read back: selling points, audiences, market rows, suggestions, neighbours.

Runs of named keywords and runs of older versions have none; that is said, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

import orjson
from rapidfuzz import fuzz, process

from gapfinder.market.branches import branch
from gapfinder.market.results import (
    AUDIENCES,
    MARKET,
    PARTS,
    PRODUCT_GAPS,
    SELLING_POINTS,
    SUGGESTIONS,
    TOGETHER,
    KeywordAudience,
    MarketRow,
    NameSuggestion,
    ProductGap,
    QueryParts,
    SearchedTogether,
    SellingPoint,
)
from gapfinder.older import whole_audience, whole_market_row, whole_parts, whole_point, whole_suggestion
from gapfinder.window import DAYS_A_WEEK
from indexer.errors import DataError, NotFoundError
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo, Store

_CLOSE: Final = 45.0  # of 100, from which a name is close to another
_MOST_CLOSE: Final = 3
_MOST_NAMED: Final = 10


def read_points(store: Store, info: RunInfo, category: str | None = None) -> list[SellingPoint]:
    """The selling points of a run in their order, of one category with all below it or of all.

    Of several categories the underserved points come first, as they do within one.

    Raises:
        NotFoundError: The run has no market, or no such category; close ones are named.
        DataError: The category, and any below it, has too few searches for a list that means something; how many more
            each needs is said.
    """
    rows = [*stored_points(store, info)]
    if category is None:
        return rows
    market = read_market(store, info, "category")
    own = branch(market, category)
    if not own:
        names = [row["name"] for row in market]
        hint = hint_of(category, names, "categories")
        raise NotFoundError(f"the run has no category {category!r}", hint=hint)
    if own[0]["too_little"]:
        raise DataError(
            f"too little data for selling points of {own[0]['name']!r}: {_missing(own)}",
            hint="import a longer query log, or lower --set point_searches and read the list with care",
        )
    below = {row["name"] for row in own}
    chosen = [row for row in rows if row["category"] in below]
    if len({row["category"] for row in chosen}) > 1:  # sorted is stable: those of one category keep their order
        chosen.sort(key=lambda row: (not row["underserved"], -round(row["unmet_low"]), -row["demand_per_week"]))
    return chosen


def read_category_names(store: Store, info: RunInfo, category: str) -> list[str]:
    """The names of a category and of all below it; where the run's market does not know it, the given one."""
    rows = read_market(store, info, "category") if has_market(info) else []
    return [row["name"] for row in branch(rows, category)] or [category]


def read_product_gaps(
    store: Store, info: RunInfo, category: str | None = None, product: str | None = None
) -> list[ProductGap]:
    """Gaps by selling point, keyword and product: of a category with all below it, of a product or a brand.

    A product goes by its name or id; a brand stands for all that it sells.

    Raises:
        NotFoundError: The run has no market, or none of its products with a selling point is called so.
    """
    rows = cast("list[ProductGap]", list(stored_rows(store, info, PRODUCT_GAPS)))
    below = None if category is None else set(read_category_names(store, info, category))
    chosen = [row for row in rows if below is None or row["category"] in below]
    if product is None:
        return chosen
    if not chosen:
        raise NotFoundError(
            f"the run tells no gaps of products{'' if category is None else f' in {category!r}'}",
            hint="products need selling_points in the catalogue, or notes that speak of them; then: gapfinder analyze",
        )
    wanted = normalize(product)
    found = [row for row in chosen if wanted in {normalize(name) for name in names_of(row)}]
    if not found or not wanted:
        sold = list(dict.fromkeys(row["category"] for row in rows if wanted in map(normalize, names_of(row))))
        if sold:
            raise NotFoundError(
                f"{product!r} has no selling point in {category!r} that people search for",
                hint="it has in: " + ", ".join(sold),
            )
        names = list(dict.fromkeys(row["product"] for row in chosen))
        why = f"no product {product!r} with a selling point that people search for"
        raise NotFoundError(f"the run has {why}", hint=hint_of(wanted, names, "products"))
    return found


def names_of(row: ProductGap) -> list[str]:
    """What the product of a row is found by: its name, its id, its brand."""
    return [name for name in (row["product"], row["product_id"], row["brand"]) if name]


def read_audiences(store: Store, info: RunInfo) -> list[KeywordAudience]:
    """The audiences of all keywords, in the order of their gaps."""
    return [*stored_audiences(store, info)]


def read_audience(store: Store, info: RunInfo, keyword: str) -> KeywordAudience:
    """The audiences of one keyword.

    Raises:
        NotFoundError: The run has no market, or no such keyword; close ones are named.
    """
    found = _row(store, info, AUDIENCES, keyword)
    if found is not None:
        return whole_audience(found)
    names = [row["keyword"] for row in read_audiences(store, info)]
    raise NotFoundError(f"the run has no keyword {keyword!r}", hint=hint_of(keyword, names, "keywords"))


def read_market(store: Store, info: RunInfo, level: str | None = None) -> list[MarketRow]:
    """Categories, brands and products, of one level or of all, largest first."""
    return [row for row in market_rows(store, info) if level in (None, row["level"])]


def stored_points(store: Store, info: RunInfo) -> Iterator[SellingPoint]:
    """Selling points, one at a time."""
    return map(whole_point, stored_rows(store, info, SELLING_POINTS))


def stored_audiences(store: Store, info: RunInfo) -> Iterator[KeywordAudience]:
    """The audiences of keywords, one at a time."""
    return map(whole_audience, stored_rows(store, info, AUDIENCES))


def market_rows(store: Store, info: RunInfo) -> Iterator[MarketRow]:
    """Categories, brands and products, one at a time."""
    return map(whole_market_row, stored_rows(store, info, MARKET))


def find_market(store: Store, info: RunInfo, name: str) -> list[MarketRow]:
    """The rows that a name stands for (a category, a brand in each of its categories, a product by name or id).

    Raises:
        NotFoundError: The run has no market, or nothing of that name; close ones are named.
    """
    wanted = normalize(name)
    rows = read_market(store, info)
    found = [row for row in rows if wanted in {normalize(one) for one in (row["name"], row["product_id"]) if one}]
    if not found or not wanted:
        names = list(dict.fromkeys(row["name"] for row in rows))
        raise NotFoundError(f"the run's market has no {name!r}", hint=hint_of(wanted, names, "names"))
    return found


def read_suggestions(store: Store, info: RunInfo) -> list[NameSuggestion]:
    """Brands, then products that the catalogue lacks, of each the sure ones first."""
    return [whole_suggestion(row) for row in stored_rows(store, info, SUGGESTIONS)]


def read_together(store: Store, info: RunInfo, keyword: str) -> SearchedTogether | None:
    """What people searched before and after a keyword; None where too few did."""
    found: SearchedTogether | None = _row(store, info, TOGETHER, keyword)
    return found


def read_parts(store: Store, info: RunInfo, keyword: str) -> QueryParts | None:
    """A keyword taken apart; None where it is no query of its own, or the run tells nothing of it."""
    if not has_market(info):
        return None
    found = _row(store, info, PARTS, keyword)
    return None if found is None else whole_parts(found)


def has_market(info: RunInfo) -> bool:
    """Whether a run has a market part."""
    return bool(info.manifest.get("market"))


def weeks_of(info: RunInfo) -> float:
    """Weeks of a run's window; 1 where it does not say."""
    days = (info.manifest.get("window") or {}).get("days")
    return float(days) / DAYS_A_WEEK if days else 1.0


def spellings(keyword: str) -> list[str]:
    """The keyword as it was typed, and its normal form; none where it is no text at all (bytes of another encoding)."""
    try:
        keyword.encode()
    except UnicodeEncodeError:
        return []
    return list(dict.fromkeys((keyword, normalize(keyword))))


def stored_rows(store: Store, info: RunInfo, section: str) -> Iterator[Any]:
    """The rows of a section, one at a time.

    Raises:
        NotFoundError: The run has no market.
    """
    check_market(info)
    for body in store.run_rows(info.run, section).column("body"):
        yield orjson.loads(body.as_py())


def _row(store: Store, info: RunInfo, section: str, keyword: str) -> Any:
    check_market(info)
    for spelling in spellings(keyword):
        body = store.run_row(info.run, section, spelling)
        if body is not None:
            return orjson.loads(body)
    return None


def check_market(info: RunInfo) -> None:
    """``NotFoundError`` when a run has no market; why, and what to do."""
    if has_market(info):
        return
    named = (info.manifest.get("settings") or {}).get("keywords") is not None
    why = "it looks at named keywords only" if named else "an older version made it"
    raise NotFoundError(f"run {info.run} has no market: {why}", hint="run: gapfinder analyze")


def _missing(own: Sequence[MarketRow]) -> str:
    """How many searches a category lacks; of several, each of those that lack fewer than all below them."""
    if len(own) == 1:
        return f"{own[0]['too_little']:,} more searches"
    below: dict[str | None, int] = {}
    for row in own:
        below[row["parent"]] = min(row["too_little"], below.get(row["parent"], row["too_little"]))
    lacking = [row for row in own if row["too_little"] < below.get(row["name"], row["too_little"] + 1)]
    lacking.sort(key=lambda row: row["too_little"])
    named = ", ".join(f"{row['name']} {row['too_little']:,}" for row in lacking[:_MOST_NAMED])
    return f"more searches are needed ({named}{', ...' if len(lacking) > _MOST_NAMED else ''})"


def close_names(wanted: str, names: Sequence[str]) -> list[str]:
    """The names that are written most like one."""
    found = process.extract(normalize(wanted), names, scorer=fuzz.ratio, score_cutoff=_CLOSE, limit=_MOST_CLOSE)
    return [name for name, _, _ in found]


def hint_of(wanted: str, names: Sequence[str], what: str) -> str:
    """What may have been meant, or what there is; empty where there is nothing."""
    close = close_names(wanted, names)
    if close:
        return "close: " + ", ".join(close)
    return f"{what}: " + ", ".join(names[:_MOST_NAMED]) if names else ""
