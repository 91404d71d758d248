"""The market part of a run, section by section, as rows to store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from gapfinder.gaps import Measured
from gapfinder.market.asked_parts import query_parts
from gapfinder.market.audiences import LEAST_PEOPLE, Audiences, Crowd, find_audiences
from gapfinder.market.measure import Market
from gapfinder.market.product_gaps import product_gaps
from gapfinder.market.results import (
    AUDIENCES,
    MARKET,
    PARTS,
    PRODUCT_GAPS,
    SELLING_POINTS,
    SUGGESTIONS,
    TOGETHER,
    Audience,
    KeywordAudience,
    NameSuggestion,
)
from gapfinder.market.selling import SellingPoints
from gapfinder.market.together import searched_together
from gapfinder.market.views import market_rows
from gapfinder.settings import Settings
from gapfinder.understanding.catalogue import BRAND, PRODUCT
from indexer.stores.contract import Snapshot

Sections = Iterator[tuple[str, Callable[[Any], str], Iterator[Any]]]
MOST_EVIDENCE: Final = 5


def market_sections(market: Market, measured: Measured, snapshot: Snapshot, settings: Settings) -> Sections:
    """Name, key and rows of each section of the market part of a run."""
    audiences = all_audiences(market, settings)
    selling = SellingPoints(market, measured, snapshot, settings, audiences["point"])
    points = [(number, selling.row(number)) for number in selling.order()]
    yield SELLING_POINTS, lambda row: str(row["selling_point"]), iter([row for _, row in points])
    yield (
        PRODUCT_GAPS,
        lambda row: str(row["product_id"]),
        product_gaps([row for _, row in points], market, measured, settings),
    )
    yield AUDIENCES, lambda row: str(row["keyword"]), keyword_audiences(market, measured, audiences["keyword"])
    yield SUGGESTIONS, lambda row: str(row["name"]), _suggestions(market)
    yield PARTS, lambda row: str(row["keyword"]), query_parts(market, measured)
    yield TOGETHER, lambda row: str(row["keyword"]), searched_together(market, measured)
    yield (
        MARKET,
        lambda row: str(row["name"]),
        market_rows(market, measured, points, settings, audiences),
    )


def _suggestions(market: Market) -> Iterator[NameSuggestion]:
    """The brands, then the products that the catalogue lacks."""
    series = {product.short for product in market.wants.products}
    for one in market.suggested:
        if not one.sure and one.name in series:  # a brand with its series, which is proposed as a product
            continue
        yield NameSuggestion(
            kind=BRAND,
            name=one.name,
            latin=one.latin,
            brand=None,
            category=None,
            series="",
            functions=[],
            certainty=None,
            sure=one.sure,
            titles=one.titles,
            queries=one.queries,
            searches=one.searches,
            examples=one.examples,
        )
    for product in market.wants.products:
        yield NameSuggestion(
            kind=PRODUCT,
            name=product.name,
            latin="",
            brand=product.brand,
            category=product.category,
            series=product.series,
            functions=product.functions,
            certainty=product.certainty,
            sure=product.sure,
            titles=product.notes,
            queries=product.queries,
            searches=product.searches,
            examples=product.examples,
        )


def all_audiences(market: Market, settings: Settings) -> dict[str, list[list[Audience]]]:
    """The audiences of every set of searches, by kind of set."""
    names = market.askers.groups
    total = len(market.sets.queries)
    category = np.full(total, -1, np.int64)
    rows = market.sets.rows("point")
    category[rows] = [point.category for point in market.wants.points]
    category[market.sets.rows("name")] = [own for own, _ in market.sets.names]
    category[market.sets.rows("keyword")] = _category_of_keywords(market)
    found = find_audiences(
        Crowd(market.askers.grouped, market.askers.members),
        market.everybody(),
        category,
        market.crowd("category"),
        settings.whole("privacy_floor"),
    )
    telling = _telling(market, found)
    lists: list[list[Audience]] = [[] for _ in range(total)]
    made = _made_of(market)
    for row, of in enumerate(found.of.tolist()):
        if int(found.group[row]) not in made.get(of, ()):
            lists[of].append(_audience(found, row, names, telling, made_of_words=bool(market.askers.found)))
    return {kind: lists[market.sets.rows(kind)] for kind in ("point", "keyword", "category", "name")}


def _made_of(market: Market) -> dict[int, set[int]]:
    """Of each set the found groups that its own queries name: what names a group can't be news of it."""
    if not market.askers.found:
        return {}
    texts = {query: group for group, own in enumerate(market.askers.found) for query in own}
    named = {number: texts[text] for number, text in enumerate(market.queries) if text in texts}
    return {
        number: {named[query] for query in own.tolist() if query in named}
        for number, own in enumerate(market.sets.queries)
    }


def _audience(
    found: Audiences, row: int, names: list[str], telling: dict[int, list[str]], *, made_of_words: bool
) -> Audience:
    within = float(found.within[row])
    group = int(found.group[row])
    return Audience(
        audience=names[group],
        found=made_of_words,
        searchers=int(found.searchers[row]),
        share=round(float(found.share[row]), 4),
        lift=round(float(found.lift[row]), 3),
        lift_low=round(float(found.low[row]), 3),
        lift_high=round(float(found.high[row]), 3),
        category_lift=None if np.isnan(within) else round(within, 3),
        q_value=float(f"{found.q_value[row]:.3g}"),
        evidence_queries=telling.get(group, []),
    )


def _category_of_keywords(market: Market) -> list[int]:
    """The category of each keyword: that of its most searched query."""
    rows = market.sets.rows("keyword")
    return [int(market.wants.category[own.min()]) if own.size else -1 for own in market.sets.queries[rows]]


def _telling(market: Market, found: Audiences) -> dict[int, list[str]]:
    """What each group searches more than others: its keywords with the highest lower ends."""
    rows = market.sets.rows("keyword")
    best: dict[int, list[tuple[float, str]]] = {}
    for row, of in enumerate(found.of.tolist()):
        if rows.start <= of < rows.stop:
            best.setdefault(int(found.group[row]), []).append(
                (-float(found.low[row]), market.keywords[of - rows.start])
            )
    return {group: [keyword for _, keyword in sorted(own)[:MOST_EVIDENCE]] for group, own in best.items()}


def keyword_audiences(market: Market, measured: Measured, audiences: list[list[Audience]]) -> Iterator[KeywordAudience]:
    """A row for each keyword of the run, in the order of its gaps."""
    place = {keyword: number for number, keyword in enumerate(market.keywords)}
    first = market.sets.first["keyword"]
    keywords = measured.demand.keywords
    for row in measured.order.tolist():
        keyword = keywords["keyword"][row].as_py()
        number = place[keyword]
        grouped = int(market.askers.grouped[first + number])
        yield KeywordAudience(
            keyword=keyword,
            category=keywords["category"][row].as_py(),
            searchers=int(market.askers.searchers[first + number]),
            people=int(market.askers.people[first + number]),
            grouped=grouped,
            audiences=audiences[number],
            flags=["few_searchers"] if grouped < LEAST_PEOPLE else [],
        )
