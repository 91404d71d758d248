"""What of a run's market may leave the owner's command line: nothing few people searched, nothing that looks personal.

The same rules as for gaps (:mod:`gapfinder.reporting.privacy`); reports and HTTP show a market only through these
functions. The owner's own names (categories, brands, products) stay; what few people searched of them does not.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from gapfinder.market.passages import Passage
from gapfinder.market.results import (
    Audience,
    KeywordAudience,
    MarketRow,
    NameSuggestion,
    Neighbour,
    ProductGap,
    QueryParts,
    SearchedTogether,
    SellingPoint,
    Share,
)
from gapfinder.reporting.privacy import QUERIES_HIDDEN, is_few, looks_personal, masked, privacy_floor
from gapfinder.results import EvidenceNote, Trend
from gapfinder.settings import SETTINGS
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo

FEW_SEARCHERS: Final = "few_searchers"
PointKey = tuple[str, str]  # category and selling point


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be shown of a run.

    Attributes:
        floor: People below which nothing is shown.
        keywords: The keywords that are shown: those of the run's published gaps.
        point_searches: Searches from which a category has a list of selling points.
    """

    floor: int
    keywords: Collection[str]
    point_searches: int

    @classmethod
    def of(cls, info: RunInfo, keywords: Collection[str]) -> Limits:
        """The limits of a run, of which these keywords are shown."""
        settings = info.manifest.get("settings") or {}
        least = int(settings.get("point_searches", SETTINGS["point_searches"].default))
        return cls(privacy_floor(info), keywords, least)


def published_points(rows: Iterable[SellingPoint], limits: Limits) -> Iterator[SellingPoint]:
    """The selling points that enough people searched, and those that nobody searched, without their rare parts."""
    for row in rows:
        few = row["searches"] > 0 and is_few(row["searchers"], row["people"], limits.floor)
        if not few and not looks_personal(row["selling_point"]):
            yield _point(row, limits)


def keys_of(points: Iterable[SellingPoint]) -> set[PointKey]:
    """The names of some selling points, as :func:`published_market` takes them."""
    return {(row["category"], row["selling_point"]) for row in points}


def published_product_gaps(
    rows: Iterable[ProductGap], limits: Limits, points: Container[PointKey]
) -> Iterator[ProductGap]:
    """The gaps of the keywords and the selling points that are shown."""
    for row in rows:
        if row["keyword"] in limits.keywords and (row["category"], row["selling_point"]) in points:
            yield row


def published_audiences(rows: Iterable[KeywordAudience], limits: Limits) -> Iterator[KeywordAudience]:
    """The audiences of the keywords that are shown."""
    for row in rows:
        few = row["searchers"] > 0 and is_few(row["searchers"], row["people"], limits.floor)  # 0: users are not known
        if row["keyword"] in limits.keywords and not few:
            shown = row.copy()
            shown["audiences"] = _audiences(row["audiences"], limits)
            yield shown


def published_market(
    rows: Iterable[MarketRow],
    limits: Limits,
    points: Container[PointKey],
    suggested: Container[str] = (),
) -> Iterator[MarketRow]:
    """All rows of the market, those with few searchers as if nobody had searched for them, and flagged.

    Args:
        rows: Categories, brands and products.
        limits: What may be shown.
        points: The selling points that are shown.
        suggested: Brands that the catalogue lacks; such a name is left out where few people searched it and no note
            holds it, since nobody but these people knows it.
    """
    for row in _without_hidden_lacks(rows, limits):
        few = _searched_by_few(row, limits)
        if few and not row["notes"] and row["level"] == "brand" and row["name"] in suggested:
            continue
        shown = _unsearched(row, limits) if few else row.copy()
        category = row["category"] or ""
        shown["rising_points"] = [] if few else [name for name in row["rising_points"] if (category, name) in points]
        shown["points"] = [one for one in row["points"] if (category, one["selling_point"]) in points]
        shown["audiences"] = [] if few else _audiences(row["audiences"], limits)
        yield shown


def _searched_by_few(row: MarketRow, limits: Limits) -> bool:
    return row["searches"] > 0 and is_few(row["searchers"], row["people"], limits.floor)


def _without_hidden_lacks(rows: Iterable[MarketRow], limits: Limits) -> Iterator[MarketRow]:
    """The rows, categories first; what one above others lacks is told by those below it that are shown.

    It lacks what the category with most searches below it lacks, which would tell how often a hidden one was searched.
    """
    ordered = iter(rows)
    categories, following = [], None
    for row in ordered:
        if row["level"] != "category":
            following = row
            break
        categories.append(row.copy())
    lacks: dict[str | None, int] = {}
    for row in sorted(categories, key=lambda one: -one["depth"]):
        lack = row["too_little"]
        if lack and row["children"]:
            lack = lacks.get(row["name"], limits.point_searches)
            row["too_little"] = lack
        if not _searched_by_few(row, limits):
            lacks[row["parent"]] = min(lack, lacks.get(row["parent"], lack))
    yield from categories
    if following is not None:
        yield following
    yield from ordered


def published_suggestions(rows: Iterable[NameSuggestion], limits: Limits) -> Iterator[NameSuggestion]:
    """Suggested names without examples, which quote queries; of queries only what a shown keyword bears out."""
    shown_keywords = [keyword.replace(" ", "") for keyword in limits.keywords]
    together = "\n".join(shown_keywords)
    for row in rows:
        parts = _said_of(row)
        said = all(part in together for part in parts) and any(
            all(part in keyword for part in parts) for keyword in shown_keywords
        )
        if (not said and not row["titles"]) or looks_personal(row["name"]):
            continue
        shown = row.copy()
        shown["examples"] = []
        if not said:
            shown["queries"] = shown["searches"] = 0
            shown["certainty"] = None  # it comes from these queries as well
        # What stands beside a series may be what one person wanted; of it, too, only what a shown keyword bears out.
        shown["functions"] = [word for word in row["functions"] if said and word in together]
        yield shown


def published_together(rows: Iterable[SearchedTogether], limits: Limits) -> Iterator[SearchedTogether]:
    """What enough people searched before and after the keywords that are shown."""
    for row in rows:
        if row["keyword"] in limits.keywords:
            before, after = _neighbours(row["before"], limits), _neighbours(row["after"], limits)
            if before or after:
                yield SearchedTogether(keyword=row["keyword"], before=before, after=after)


def published_parts(rows: Iterable[QueryParts], limits: Limits) -> Iterator[QueryParts]:
    """The keywords that are shown, taken apart."""
    return (row for row in rows if row["keyword"] in limits.keywords)


def may_quote(query: str, searchers: int | None, people: int | None, limits: Limits) -> bool:
    """Whether a query may be shown: enough people searched it, where they are known, and it holds nothing personal."""
    return not is_few(searchers, people, limits.floor) and not looks_personal(query)


def published_note(passage: Passage) -> Passage:
    """A note that speaks of something, its title masked; what is personal in its marks is hidden as they are made."""
    shown = passage.copy()
    shown["title"] = None if passage["title"] is None else masked(passage["title"])
    return shown


def _said_of(row: NameSuggestion) -> list[str]:
    """What a keyword holds that names a suggestion: the name, or a side of the brand and the series of a product."""
    if row["kind"] == "brand":
        return [row["name"].replace(" ", "")]
    sides = [normalize(side).replace(" ", "") for side in (row["brand"] or "").split("/")]
    return [next((side for side in sides if not side.isascii()), sides[0]), row["series"]]


def _point(row: SellingPoint, limits: Limits) -> SellingPoint:
    queries = [
        query
        for query in row["evidence_queries"]
        if may_quote(query["query"], query["searchers"], query["people"], limits)
    ]
    # A wording has no count of people of its own: enough say it when a query or keyword that is shown does.
    said = [query["query"].replace(" ", "") for query in queries]
    said += [one["keyword"].replace(" ", "") for one in row["keywords"] if one["keyword"] in limits.keywords]
    variants = [
        wording
        for wording in row["variants"]
        if not looks_personal(wording)
        and (
            row["searchers"] is None
            or wording == row["selling_point"]
            or any(wording.replace(" ", "") in text for text in said)
        )
    ]
    shown = row.copy()
    shown["variants"] = variants
    shown["keywords"] = [one for one in row["keywords"] if one["keyword"] in limits.keywords]
    shown["audiences"] = _audiences(row["audiences"], limits)
    shown["evidence_queries"] = queries
    shown["evidence_notes"] = [_note(note) for note in row["evidence_notes"]]
    before, after = (
        sum(len(one[name]) for name in ("variants", "keywords", "evidence_queries")) for one in (row, shown)
    )
    if after < before:
        shown["flags"] = [*row["flags"], QUERIES_HIDDEN]
    return shown


def _note(note: EvidenceNote) -> EvidenceNote:
    shown = note.copy()
    shown["title"] = masked(note["title"])
    shown["reasons"] = [masked(reason) for reason in note["reasons"]]
    return shown


def _audiences(rows: Iterable[Audience], limits: Limits) -> list[Audience]:
    found = []
    for row in rows:
        if row["searchers"] < limits.floor or looks_personal(row["audience"]):
            continue
        shown = row.copy()
        shown["evidence_queries"] = [query for query in row["evidence_queries"] if query in limits.keywords]
        found.append(shown)
    return found


def _neighbours(rows: Iterable[Neighbour], limits: Limits) -> list[Neighbour]:
    return [row for row in rows if row["people"] >= limits.floor and not looks_personal(row["keyword"])]


def _unsearched(row: MarketRow, limits: Limits) -> MarketRow:
    """The row as if nobody had searched for it; what is written of it stays."""
    shown = row.copy()
    shown["searches"], shown["searchers"], shown["people"], shown["demand_per_week"] = 0, 0, 0, 0.0
    shown["share_of_search"] = Share(share=None, low=None, high=None)
    shown["trend"] = Trend(direction="unknown", change=None, low=None, high=None, weekly=[], festivals=[], surge=None)
    shown["too_little"] = limits.point_searches if row["level"] == "category" else 0
    shown["flags"] = [*row["flags"], *([] if FEW_SEARCHERS in row["flags"] else [FEW_SEARCHERS])]
    return shown
