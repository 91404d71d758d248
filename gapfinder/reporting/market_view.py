"""What the page shows of the market, worked out before any template: points, heat maps, brands and audiences."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gapfinder.market.branches import brands_of, in_tree_order, widest
from gapfinder.market.metrics import AUDIENCE_METRICS, MARKET_METRICS, POINT_METRICS
from gapfinder.market.results import Audience, MarketRow, PointKeyword, SellingPoint, Share, Standing, Tail
from gapfinder.metric import Metric
from gapfinder.reporting.market_part import MarketPart
from gapfinder.reporting.view import Interval, sparkline

MOST_CATEGORIES: Final = 20
MOST_POINTS: Final = 20
MOST_UNSEARCHED: Final = 16
MOST_CELLS: Final = 12  # rows and columns of a heat map on the page
MOST_BRANDS: Final = 12
MOST_GROUPS: Final = 12
MOST_WANTED: Final = 5
MOST_JUDGED: Final = 12
OPEN_CATEGORIES: Final = 2
DEEPEST: Final = 4  # levels that are indented
STEPS: Final = 5  # of the colour of a heat map
_LEAST_UNMET: Final = 0.05  # what would be written as 0.0 is no gap


@dataclass(frozen=True, slots=True)
class PointRow:
    """One selling point of the table, its shares on a scale of 0 to 100."""

    point: SellingPoint
    interval: Interval
    spark: str
    demand: float
    supply: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A keyword that asks for a point; ``step`` is the depth of its colour."""

    keyword: PointKeyword
    step: int


@dataclass(frozen=True, slots=True)
class Heat:
    """Selling points by keywords: unmet searches a week, None where the keyword does not ask for the point."""

    keywords: list[str]
    rows: list[tuple[str, list[Cell | None]]]
    most: float


@dataclass(frozen=True, slots=True)
class CategoryPoints:
    """The selling points of a category."""

    category: MarketRow
    rows: list[PointRow]
    underserved: int
    more: int
    unsearched: list[SellingPoint]
    more_unsearched: int
    heat: Heat | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A share with its interval on a scale of 0 to 100."""

    share: Share
    low: float
    mid: float
    high: float


@dataclass(frozen=True, slots=True)
class BrandRow:
    """A brand with its two shares."""

    brand: MarketRow
    search: Bar | None
    voice: Bar | None


@dataclass(frozen=True, slots=True)
class Branch:
    """A category in the tree with its two shares among those beside it; ``step`` is how far it is indented."""

    category: MarketRow
    step: int
    search: Bar | None
    voice: Bar | None


@dataclass(frozen=True, slots=True)
class Mouth:
    """What is said of a brand on one selling point."""

    brand: str
    standing: Standing
    praised: int
    complained: int


@dataclass(frozen=True, slots=True)
class CategoryBrands:
    """The brands of a category, and what is said most of them."""

    category: MarketRow
    rows: list[BrandRow]
    more: int
    tail: str
    mouth: list[Mouth]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A keyword that a group searches more than others do."""

    keyword: str
    audience: Audience
    interval: Interval


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people with what it searches."""

    name: str
    found: bool
    wanted: list[Wanted]
    categories: list[tuple[str, Audience]]
    points: list[str]


@dataclass(frozen=True, slots=True)
class MarketView:
    """The market part of the page; ``links`` leads from a keyword to its gap; a ``tree`` is only where there is one."""

    categories: list[CategoryPoints]
    more_categories: int
    tree: list[Branch]
    brands: list[CategoryBrands]
    groups: list[Group]
    more_groups: int
    caveats: list[str]
    method: list[Metric]
    links: Mapping[str, str]


def market_view(part: MarketPart, links: Mapping[str, str], floor: int) -> MarketView:
    """What the page shows of a market.

    Args:
        part: What may be shown of it.
        links: Where the gap of a keyword stands on the page.
        floor: People below which nothing is shown.
    """
    every = [row for row in part.market if row["level"] == "category"]
    pointed = {point["category"] for point in part.points}
    telling = [row for row in every if not row["children"] or row["name"] in pointed]
    largest = {row["name"] for row in telling[:MOST_CATEGORIES]}
    shown = [row for row in in_tree_order(every) if row["name"] in largest]
    groups = _groups(part)
    hidden = f"有 {part.hidden_points} 个卖点因搜索人数不足 {floor} 人，或疑似含个人信息，未在本页展示。"
    return MarketView(
        categories=[_category(row, _own(part.points, row)) for row in shown],
        more_categories=len(telling) - len(shown),
        tree=_tree(widest(every, MOST_CATEGORIES)),
        brands=[found for row in shown if (found := _brands(row, part)).rows],
        groups=groups[:MOST_GROUPS],
        more_groups=max(0, len(groups) - MOST_GROUPS),
        caveats=[hidden] if part.hidden_points else [],
        method=[
            *(POINT_METRICS[name] for name in ("demand_share", "supply_share", "lift", "underserved", "polarity")),
            *(MARKET_METRICS[name] for name in ("share_of_search", "share_of_voice", "newcomer", "tail")),
            *(AUDIENCE_METRICS[name] for name in ("lift", "q_value")),
        ],
        links=links,
    )


def heat_of(points: Sequence[SellingPoint], most: int = MOST_CELLS) -> Heat | None:
    """The first points by the keywords with most unmet searches among theirs; None where nothing is unmet.

    Keywords stand in the order of the first point that they ask for, so that what belongs together stands together.
    """
    asked = [
        (point, own)
        for point in points
        if (own := [one for one in point["keywords"] if one["unmet_per_week"] >= _LEAST_UNMET])
    ][:most]
    unmet = {one["keyword"]: one["unmet_per_week"] for _, own in asked for one in own}
    chosen = sorted(unmet, key=lambda keyword: (-unmet[keyword], keyword))[:most]
    first = {one["keyword"]: place for place, (_, own) in reversed(list(enumerate(asked))) for one in own}
    keywords = sorted(chosen, key=lambda keyword: (first[keyword], -unmet[keyword], keyword))
    if not keywords:
        return None
    largest = unmet[chosen[0]]
    rows: list[tuple[str, list[Cell | None]]] = []
    for point, own in asked:
        by_name = {one["keyword"]: Cell(one, _step(one["unmet_per_week"], largest)) for one in own}
        cells = [by_name.get(keyword) for keyword in keywords]
        if any(cells):
            rows.append((point["selling_point"], cells))
    return Heat(keywords, rows, largest)


def tail_words(tail: Tail | None) -> str:
    """How a category's voice is spread over its brands, in one sentence."""
    if tail is None or not tail["brands"]:
        return "还没有笔记提到品牌。"
    said = f"{tail['brands']:,} 个品牌有笔记在讲"
    if tail["brands"] > 3:  # noqa: PLR2004 - of three brands the first three are all
        said += f"，前三名占 {tail['top3']:.0%} 的声量"
    said += f"，集中度相当于 {1 / tail['hhi']:.1f} 个品牌平分（HHI\u00a0{tail['hhi']:.2f}）" if tail["hhi"] else ""
    if tail["last_tenth"]:
        said += f"；最后 10% 的声量由 {tail['last_tenth']:,} 个品牌分"
    if tail["once"]:
        said += f"，{tail['once']:,} 个只被讲过一次，估计还有 {tail['unseen']:.1%} 的声量属于没见过的品牌"
    return said + "。"


def _step(value: float, largest: float) -> int:
    """Depth of colour, 1 to :data:`STEPS`, by the square root as other scales of the page."""
    return max(1, math.ceil(STEPS * math.sqrt(value / largest) - 1e-9))


def _own(points: Sequence[SellingPoint], category: MarketRow) -> list[SellingPoint]:
    return [point for point in points if point["category"] == category["name"]]


def _category(category: MarketRow, points: Sequence[SellingPoint]) -> CategoryPoints:
    asked = [point for point in points if point["searches"]]
    silent = [point for point in points if not point["searches"]]
    shown = asked[:MOST_POINTS]
    longest = max((point["unmet_high"] for point in shown), default=0.0) or 1.0
    widest = max((max(point["demand_share"], point["supply_share"] or 0.0) for point in shown), default=0.0) or 1.0
    return CategoryPoints(
        category,
        [
            PointRow(
                point,
                _interval(point["unmet_low"], point["unmet_per_week"], point["unmet_high"], longest),
                sparkline(point["trend"]["weekly"]),
                round(100 * point["demand_share"] / widest, 2),
                round(100 * (point["supply_share"] or 0.0) / widest, 2),
            )
            for point in shown
        ],
        sum(point["underserved"] for point in asked),
        len(asked) - len(shown),
        silent[:MOST_UNSEARCHED],
        max(0, len(silent) - MOST_UNSEARCHED),
        heat_of(asked),
    )


def _interval(low: float, mid: float, high: float, longest: float) -> Interval:
    """An interval on a square-root scale, as those of gaps."""
    ends = (round(100 * math.sqrt(min(max(0.0, value) / longest, 1.0)), 2) for value in (low, mid, high))
    return Interval(*ends)


def _brands(category: MarketRow, part: MarketPart) -> CategoryBrands:
    brands = brands_of(part.market, category, part.weeks)
    shown = brands[:MOST_BRANDS]
    ends = [share["high"] or 0.0 for row in shown for share in (row["share_of_search"], row["share_of_voice"])]
    widest = max(ends, default=0.0) or 1.0
    rows = [BrandRow(row, _bar(row["share_of_search"], widest), _bar(row["share_of_voice"], widest)) for row in shown]
    return CategoryBrands(category, rows, len(brands) - len(shown), tail_words(category["tail"]), _mouth(shown))


def _mouth(brands: Sequence[MarketRow]) -> list[Mouth]:
    """The brands and points that most texts judge, brand by brand."""
    found = []
    for row in brands:
        for one in row["points"]:
            if one["positive"]["share"] is not None:
                praised = one["praised"] + (one["comments_praised"] or 0)
                complained = one["complained"] + (one["comments_complained"] or 0)
                found.append(Mouth(row["name"], one, praised, complained))
    most = sorted(found, key=lambda one: -(one.praised + one.complained))[:MOST_JUDGED]
    return [one for one in found if one in most]


def _tree(categories: Sequence[MarketRow]) -> list[Branch]:
    """Categories from the top down; none where all stand beside each other."""
    if not any(row["depth"] for row in categories):
        return []
    return [
        Branch(row, min(row["depth"], DEEPEST), _bar(row["share_of_search"], 1.0), _bar(row["share_of_voice"], 1.0))
        for row in categories
    ]


def _bar(share: Share, widest: float) -> Bar | None:
    mid, low, high = share["share"], share["low"], share["high"]
    if mid is None or low is None or high is None:
        return None
    return Bar(share, *(round(100 * value / widest, 2) for value in (low, mid, high)))


def _groups(part: MarketPart) -> list[Group]:
    """All groups with what they search beyond doubt more than others, the strongest first."""
    wanted: dict[str, list[tuple[str, Audience]]] = defaultdict(list)
    categories: dict[str, list[tuple[str, Audience]]] = defaultdict(list)
    points: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for keyword in part.audiences:
        for audience in keyword["audiences"]:
            if audience["lift_low"] > 1:
                wanted[audience["audience"]].append((keyword["keyword"], audience))
    for row in part.market:
        for audience in row["audiences"] if row["level"] == "category" else ():
            if audience["lift_low"] > 1:
                categories[audience["audience"]].append((row["name"], audience))
    for point in part.points:
        for audience in point["audiences"]:
            if audience["lift_low"] > 1:
                points[audience["audience"]].append((-audience["lift_low"], point["selling_point"]))
    paths = {row["name"]: row["path"] for row in part.market if row["level"] == "category"}
    found = []
    for name, own in wanted.items():
        own.sort(key=lambda one: (-one[1]["lift_low"], one[0]))
        longest = own[0][1]["lift_high"]
        rows = [
            Wanted(keyword, one, _interval(one["lift_low"], one["lift"], max(one["lift_high"], one["lift"]), longest))
            for keyword, one in own[:MOST_WANTED]
        ]
        liked = list(dict.fromkeys(point for _, point in sorted(points[name], key=lambda one: one[0])))
        near = _narrowest(sorted(categories[name], key=lambda one: (-one[1]["lift_low"], one[0])), paths)
        found.append(Group(name, own[0][1]["found"], rows, near[:2], liked[:MOST_WANTED]))
    return sorted(found, key=lambda group: (-_strength(group), group.name))


def _narrowest(own: list[tuple[str, Audience]], paths: dict[str, list[str]]) -> list[tuple[str, Audience]]:
    """The categories without those that stand above others of them: these are the same people."""
    above = {name for category, _ in own for name in paths[category][:-1]}
    return [(category, audience) for category, audience in own if category not in above]


def _strength(group: Group) -> float:
    """How many times more than others the group searches for a keyword or a category, at least."""
    return max(one["lift_low"] for one in (group.wanted[0].audience, *(own for _, own in group.categories)))
