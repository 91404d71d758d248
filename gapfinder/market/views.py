"""The rows of the market: categories, brands and products, each with what is asked and what is written of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, TypedDict

import numpy as np
import numpy.typing as npt

from gapfinder.gaps import Measured
from gapfinder.market.measure import Market
from gapfinder.market.notes import THOUSAND
from gapfinder.market.results import LEAST_JUDGED, Audience, MarketRow, SellingPoint, Share, Standing, Tail
from gapfinder.market.rollup import counted, missing, rolled_up, shares_of
from gapfinder.market.selling import daily_of
from gapfinder.market.tail import tail_of
from gapfinder.settings import Settings
from gapfinder.trend.slope import trends_of, weekly_of
from gapfinder.understanding.catalogue import BRAND, PRODUCT, Name

Ints = npt.NDArray[np.int64]

NEW_DAYS: Final = 180  # a brand or product launched since then is a newcomer
MOST_STANDINGS: Final = 30
_SPEAKS: Final = 0.05  # share of a point's notes from which a brand speaks of it
_LEAST_NOTES: Final = 2


def market_rows(
    market: Market,
    measured: Measured,
    points: list[tuple[int, SellingPoint]],
    settings: Settings,
    audiences: dict[str, list[list[Audience]]],
) -> Iterator[MarketRow]:
    """All rows: categories, brands and products, each level by searches, then notes, then name.

    Args:
        market: What was measured of the market.
        measured: What was measured of the keywords.
        points: Selling points with their numbers, in their order.
        settings: How much data a list of selling points needs.
        audiences: Audiences of the sets of each kind.
    """
    view = _View(market, measured, points, settings, audiences)
    yield from sorted(view.categories(), key=_by_size)
    for level in (BRAND, PRODUCT):
        yield from sorted(view.names(level), key=_by_size)


def _by_size(row: MarketRow) -> tuple[Any, ...]:
    return (
        -row["demand_per_week"],
        -row["searches"],
        -row["notes"],
        row["category"] or "",
        row["name"],
        row["product_id"] or "",
    )


class _Place(TypedDict):
    """Where a row's category stands in the tree."""

    path: list[str]
    depth: int


class _View:
    def __init__(
        self,
        market: Market,
        measured: Measured,
        points: list[tuple[int, SellingPoint]],
        settings: Settings,
        audiences: dict[str, list[list[Audience]]],
    ) -> None:
        self._market, self._points, self._settings, self._audiences = market, points, settings, audiences
        self._weeks = measured.demand.window.weeks
        self._end: date = measured.demand.window.end
        self._launched = market.wants.catalogue.launched
        queries = measured.demand.queries
        self._searches, self._demand = (queries[name].to_numpy().astype(np.int64) for name in ("searches", "demand"))
        self._tree = market.wants.catalogue.tree
        keys, sums = market.notes.categories.rows()
        own = np.zeros((len(self._tree.names), len(sums)), np.int64)
        own[keys[0]] = sums.T
        self._of_category = rolled_up(self._tree, own)
        keys, sums = market.notes.names.rows()
        self._of_name = dict(zip(map(tuple, keys.T.tolist()), sums.T.tolist(), strict=True))
        self._set_of = {pair: place for place, pair in enumerate(market.sets.names)}
        self._by_category: dict[str, list[SellingPoint]] = defaultdict(list)
        for _, row in points:
            self._by_category[row["category"]].append(row)
        keys, sums = market.notes.owned.rows()
        self._owned: dict[int, dict[int, list[int]]] = defaultdict(dict)
        for (point, name), figures in zip(keys.T.tolist(), sums.T.tolist(), strict=True):
            self._owned[point][name] = figures
        self._asked: dict[int, list[tuple[int, SellingPoint]]] = defaultdict(list)
        for number, row in points:
            if row["searches"]:
                self._asked[market.wants.points[number].category].append((number, row))
        self._speaking = {
            number: self._speaking_of(number, row["notes"]) for own in self._asked.values() for number, row in own
        }
        names = market.wants.catalogue.names
        self._products: dict[str, list[str]] = defaultdict(list)
        for one in names:
            if one.level == PRODUCT and one.brand:
                self._products[one.brand].append(one.name)
        self._brand_notes: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for (category, name), figures in self._of_name.items():
            if names[name].level == BRAND and figures[0]:
                for above in self._tree.path(category):
                    self._brand_notes[above][name] += figures[0]
        self._trends = {kind: trends_of(weekly_of(daily_of(market, measured, kind))) for kind in ("category", "name")}

    def categories(self) -> Iterator[MarketRow]:
        """A row for each category, with what stands below it."""
        tree, least = self._tree, self._settings.whole("point_searches")
        rows = self._market.sets.rows("category")
        queries = self._market.sets.queries[rows]
        searches = np.array([self._searches[own].sum() for own in queries], np.int64)
        demand = np.array([self._demand[own].sum() for own in queries], np.int64)
        voices = self._of_category[:, 1]
        of_search, of_voice = (shares_of(part, self._of_siblings(part)) for part in (demand, voices / THOUSAND))
        itself = self._market.own_demand(self._demand)
        for number, name in enumerate(tree.names):
            notes, weight, recent = self._of_category[number].tolist()
            yield MarketRow(
                name=name,
                level="category",
                category=name,
                parent=tree.names[tree.parents[number]] if tree.parents[number] >= 0 else None,
                **self._place(number),
                children=len(tree.children[number]),
                brand=None,
                product_id=None,
                searches=int(searches[number]),
                searchers=self._market.searchers(rows.start + number, int(searches[number])),
                people=self._market.people(rows.start + number, int(searches[number])),
                demand_per_week=round(int(demand[number]) / self._weeks, 4),
                notes=notes,
                recent_notes=recent,
                supply=round(weight / THOUSAND, 3),
                share_of_search=of_search[number],
                share_of_voice=of_voice[number],
                trend=self._trends["category"][number],
                newcomer=False,
                tail=self._tail(number),
                rising_points=[
                    one["selling_point"] for one in self._by_category[name] if one["trend"]["direction"] == "rising"
                ],
                points=[],
                comments=counted(tree, number, self._market.comments.intents),
                audiences=self._audiences["category"][number],
                too_little=missing(tree, number, itself, least),
                flags=[],
            )

    def _place(self, category: int) -> _Place:
        """Where a category stands in the tree."""
        path = self._tree.path(category)
        return _Place(path=[self._tree.names[one] for one in path], depth=len(path) - 1)

    def _of_siblings(self, part: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Sums over the categories with the same parent, of each category."""
        whole = np.zeros_like(part)
        for parent in np.unique(self._tree.siblings).tolist():
            rows = self._tree.siblings == parent
            whole[rows] = part[rows].sum()
        return whole

    def names(self, level: str) -> Iterator[MarketRow]:
        """A row for each brand or product of each category that it is named in."""
        names = self._market.wants.catalogue.names
        pairs = sorted(
            pair for pair in {*self._set_of, *self._of_name, *self._sold(level)} if names[pair[1]].level == level
        )
        first = self._market.sets.first["name"]
        totals: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
        found = []
        for category, name in pairs:
            place = self._set_of.get((category, name))
            queries = self._market.sets.queries[first + place] if place is not None else np.empty(0, np.int64)
            notes, weight, recent = self._of_name.get((category, name), [0, 0, 0])
            searches = int(self._searches[queries].sum())
            demand = int(self._demand[queries].sum())
            totals[category][0] += demand
            totals[category][1] += weight / THOUSAND
            found.append((category, name, place, searches, demand, notes, weight, recent))
        asked = np.array([float(demand) for _, _, _, _, demand, *_ in found])
        spoken = np.array([weight / THOUSAND for *_, weight, _ in found])
        of_search, of_voice = (
            shares_of(part, np.array([totals[category][side] for category, *_ in found]))
            for part, side in ((asked, 0), (spoken, 1))
        )
        unknown = trends_of(np.zeros((1, 0), np.int64))[0]
        for row, (category, name, place, searches, demand, notes, weight, recent) in enumerate(found):
            own = names[name]
            trend = self._trends["name"][place] if place is not None else unknown
            yield MarketRow(
                name=own.name if level == BRAND else self._market.wants.catalogue.product_names[own.name],
                level=level,
                category=self._tree.names[category],
                parent=None,
                **self._place(category),
                children=0,
                brand=own.brand,
                product_id=own.name if level == PRODUCT else None,
                searches=searches,
                searchers=self._market.searchers(first + place, searches) if place is not None else 0,
                people=self._market.people(first + place, searches) if place is not None else 0,
                demand_per_week=round(demand / self._weeks, 4),
                notes=notes,
                recent_notes=recent,
                supply=round(weight / THOUSAND, 3),
                share_of_search=of_search[row],
                share_of_voice=of_voice[row],
                trend=trend,
                newcomer=self._is_new(own),
                tail=None,
                rising_points=[],
                points=self._standings(category, name) if level == BRAND else [],
                comments={},
                audiences=self._audiences["name"][place] if place is not None else [],
                too_little=0,
                flags=["ambiguous_name"] if own.ambiguous and level == BRAND else [],
            )

    def _sold(self, level: str) -> set[tuple[int, int]]:
        catalogue = self._market.wants.catalogue
        return {
            (category, number)
            for number, name in enumerate(catalogue.names)
            if name.level == level
            for category in catalogue.category_numbers(number)
        }

    def _is_new(self, name: Name) -> bool:
        """Whether all that a brand sells, or the product itself, was launched lately."""
        own = [name.name] if name.level == PRODUCT else self._products.get(name.name, [])
        days = [self._launched.get(product) for product in own]
        known = [(self._end - day.date()).days for day in days if day is not None]
        return bool(known) and len(known) == len(days) and max(known) <= NEW_DAYS

    def _tail(self, category: int) -> Tail:
        return tail_of(np.array(sorted(self._brand_notes.get(category, {}).values(), reverse=True), np.int64))

    def _standings(self, category: int, name: int) -> list[Standing]:
        """Which points of the category are the brand's, shared with rivals, theirs alone, or nobody's."""
        names = self._market.wants.catalogue.names
        asked = self._asked.get(category, [])[:MOST_STANDINGS]
        own_of = [self._owned.get(number, {}).get(name, [0, 0, 0, 0]) for number, _ in asked]
        said_of = [self._market.comments.of_brand(number, name) for number, _ in asked]
        judged = [[*own[2:], said.praised, said.complained] for own, said in zip(own_of, said_of, strict=True)]
        found = []
        for (number, row), own, said, positive in zip(asked, own_of, said_of, _positive(judged), strict=True):
            speaking = self._speaking[number]
            rivals = [other for other in speaking if other != name]
            standing = {(True, False): "theirs", (True, True): "shared", (False, True): "rivals"}.get(
                (name in speaking, bool(rivals)), "untapped"
            )
            found.append(
                Standing(
                    selling_point=row["selling_point"],
                    standing=standing,
                    notes=own[0],
                    rivals=[names[other].name for other in rivals[:5]],
                    praised=own[2],
                    complained=own[3],
                    comments_praised=said.praised,
                    comments_complained=said.complained,
                    positive=positive,
                    unmet_per_week=row["unmet_per_week"],
                    unmet_low=row["unmet_low"],
                    gap_kind=row["gap_kind"],
                )
            )
        return found

    def _speaking_of(self, number: int, notes: int) -> dict[int, int]:
        """The brands that speak of a point, with their notes; most notes first."""
        names = self._market.wants.catalogue.names
        speaking = {
            name: figures[0]
            for name, figures in self._owned.get(number, {}).items()
            if names[name].level == BRAND and figures[0] >= max(_LEAST_NOTES, _SPEAKS * notes)
        }
        return dict(sorted(speaking.items(), key=lambda one: (-one[1], names[one[0]].name)))


def _positive(judged: list[list[int]]) -> list[Share]:
    """The share of praise among judgements, given as notes that praise, that complain, comments that do either."""
    figures = np.array(judged, np.int64).reshape(-1, 4)
    whole = figures.sum(axis=1)
    enough = whole >= LEAST_JUDGED
    return shares_of(np.where(enough, figures[:, 0] + figures[:, 2], 0), np.where(enough, whole, 0))
