"""The market part of a stored run, read back: selling points, audiences, market rows, suggestions, neighbours.

Runs of named keywords and runs of older versions have none; that is said, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson
from rapidfuzz import fuzz, process

from gapfinder.market.results import (
    AUDIENCES,
    MARKET,
    PARTS,
    SELLING_POINTS,
    SUGGESTIONS,
    TOGETHER,
    KeywordAudience,
    MarketRow,
    NameSuggestion,
    QueryParts,
    SearchedTogether,
    SellingPoint,
)
from gapfinder.older import whole_audience, whole_point, whole_row, whole_suggestion
from indexer.errors import DataError, NotFoundError
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo, Store

_CLOSE: Final = 45.0  # of 100, from which a name is close to another
_MOST_CLOSE: Final = 3
_MOST_NAMED: Final = 10


def read_points(store: Store, info: RunInfo, category: str | None = None) -> list[SellingPoint]:
    """The selling points of a run in their order, of one category or of all.

    Raises:
        NotFoundError: The run has no market, or no such category; close ones are named.
        DataError: The category has too few searches for a list that means something; how many more it needs is said.
    """
    rows = [*stored_points(store, info)]
    if category is None:
        return rows
    market = read_market(store, info, "category")
    wanted = normalize(category)
    chosen = next((row for row in market if normalize(row["name"]) == wanted), None)
    if chosen is None:
        names = [row["name"] for row in market]
        raise NotFoundError(f"the run has no category {category!r}", hint=hint_of(wanted, names, "categories"))
    if chosen["too_little"]:
        raise DataError(
            f"too little data for selling points of {chosen['name']!r}: {chosen['too_little']:,} more searches",
            hint="import a longer query log, or lower --set point_searches and read the list with care",
        )
    return [row for row in rows if row["category"] == chosen["name"]]


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
    return map(whole_row, stored_rows(store, info, MARKET))


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
    found: QueryParts | None = _row(store, info, PARTS, keyword)
    return found


def has_market(info: RunInfo) -> bool:
    """Whether a run has a market part."""
    return bool(info.manifest.get("market"))


def _spellings(keyword: str) -> list[str]:
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
    _check(info)
    for body in store.run_rows(info.run, section).column("body"):
        yield orjson.loads(body.as_py())


def _row(store: Store, info: RunInfo, section: str, keyword: str) -> Any:
    _check(info)
    for spelling in _spellings(keyword):
        body = store.run_row(info.run, section, spelling)
        if body is not None:
            return orjson.loads(body)
    return None


def _check(info: RunInfo) -> None:
    if has_market(info):
        return
    named = (info.manifest.get("settings") or {}).get("keywords") is not None
    why = "it looks at named keywords only" if named else "an older version made it"
    raise NotFoundError(f"run {info.run} has no market: {why}", hint="run: gapfinder analyze")


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
