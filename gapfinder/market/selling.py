"""The rows of selling points: what is asked for and who offers it, the underserved ones first."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gapfinder.evidence import Asking as EvidenceAsked
from gapfinder.evidence import EvidenceNotes
from gapfinder.gaps import Measured, kinds_of
from gapfinder.kinds import VERDICT_OF
from gapfinder.market.lift import ratio, ratio_interval
from gapfinder.market.measure import Market
from gapfinder.market.notes import THOUSAND
from gapfinder.market.results import (
    Audience,
    Owner,
    PointKeyword,
    PointProduct,
    Polarity,
    SellingPoint,
)
from gapfinder.market.shares import PointShares
from gapfinder.market.unmet_points import PointGaps, point_gaps
from gapfinder.points.roles import COMPLAINED, LACKING, PRAISED, PROMISED, SPARED
from gapfinder.settings import Settings
from gapfinder.trend.slope import trends_of, weekly_of
from gapfinder.understanding.catalogue import BRAND, PRODUCT
from gapfinder.variants import Variants
from indexer.normalize import normalize
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST_VARIANTS: Final = 12
SHORTEST_NAMED: Final = 2  # characters of a word that says a point without being searched
MOST_OWNERS: Final = 5
MOST_PRODUCTS: Final = 8
MOST_KEYWORDS: Final = 20


class SellingPoints:
    """All selling points of an analysis, written out row by row.

    Args:
        market: What was measured of the market.
        measured: What was measured of the keywords.
        snapshot: Where the notes are.
        settings: Thresholds.
        audiences: Audiences of each point.
    """

    def __init__(
        self,
        market: Market,
        measured: Measured,
        snapshot: Snapshot,
        settings: Settings,
        audiences: list[list[Audience]],
    ) -> None:
        self._market, self._measured, self._settings = market, measured, settings
        self._audiences = audiences
        self._points = market.wants.points
        weekly = weekly_of(daily_of(market, measured, "point"))
        self._trends = trends_of(weekly)
        self.gaps: PointGaps = point_gaps(measured, [point.queries for point in self._points], weekly, settings)
        self._shared = PointShares(market, measured)
        self._variants = Variants(measured.demand.variants, measured.demand.queries.num_rows)
        asked = np.flatnonzero(self.gaps.need >= 0)
        self._evidence_of = {int(point): place for place, point in enumerate(asked)}
        words = [tuple(dict.fromkeys(self._terms(int(point)))) for point in asked]
        self._evidence = EvidenceNotes(
            snapshot,
            measured.supply.answers,
            measured.duplicates,
            EvidenceAsked(words, self.gaps.need[asked], np.full(asked.size, -1, np.int64), [""] * asked.size),
        )
        self._keyword_rows = _exact_keywords(measured)
        self._kinds = kinds_of(measured.unmet, settings)[1]
        self._owned = _owned(market)

    def _terms(self, point: int) -> list[str]:
        """Words of the most searched query that asks for a point."""
        query = int(self._points[point].queries.min())  # queries are numbered most searched first
        terms: list[str] = self._measured.demand.queries["terms"][query].as_py()
        return terms

    def order(self) -> list[int]:
        """Points by category; the underserved first, then by the lower end of their unmet searches, then by demand.

        Less than one search a week is no difference.
        """
        low = self.gaps.unmet.low.round()
        under = self._shared.underserved
        enough, only = self._enough(), self._only()
        kept = [
            n
            for n, point in enumerate(self._points)
            if enough[point.category]
            and (only is None or point.category in only)
            and (self._shared.searches[n] or self._shared.notes[n])
        ]
        return sorted(
            kept,
            key=lambda n: (
                *(self._points[n].category, not under[n], -low[n]),
                *(-self._shared.demand[n], -self._shared.notes[n], self._points[n].name),
            ),
        )

    def _only(self) -> set[int] | None:
        """The categories that the analysis is about; what others leave unmet it does not know."""
        if self._settings.category is None:
            return None
        wanted, tree = normalize(self._settings.category), self._market.wants.catalogue.tree
        found = next((number for number, name in enumerate(tree.names) if normalize(name) == wanted), None)
        return None if found is None else set(tree.below(found))

    def _enough(self) -> list[bool]:
        """Whether each category itself has the searches that a list of selling points needs."""
        demand = self._measured.demand.queries["demand"].to_numpy()
        return [own >= self._settings["point_searches"] for own in self._market.own_demand(demand)]

    def row(self, number: int) -> SellingPoint:
        """One row."""
        point, shares, unmet = self._points[number], self._shared, self.gaps.unmet
        queries = point.queries.tolist()
        _, evidence = self._variants.shown(queries) if queries else ([], [])
        asked = bool(queries) and shares.demand[number] > 0
        compared = asked and bool(shares.offered[number])
        place = self._evidence_of.get(number)
        notes = self._evidence.of(np.array([place]))[0] if place is not None else []
        kind = self.gaps.kinds[number] if asked else "met"
        row = SellingPoint(
            category=self._market.wants.catalogue.categories[point.category],
            selling_point=point.name,
            variants=self._variants_of(number),
            searches=int(shares.searches[number]),
            searchers=self._market.searchers(number, int(shares.searches[number])),
            people=self._market.people(number, int(shares.searches[number])),
            demand_per_week=round(float(shares.demand[number] / self._measured.demand.window.weeks), 4),
            demand_share=round(float(shares.demand_share[number]), 4),
            notes=int(shares.notes[number]),
            supply=round(float(shares.weight[number]) / THOUSAND, 3),
            supply_share=round(float(shares.supply_share[number]), 4) if compared else None,
            lift=_figure(shares.lift[number]) if compared else None,
            lift_low=_figure(shares.low[number]) if compared else None,
            lift_high=_figure(shares.high[number]) if compared else None,
            underserved=bool(shares.underserved[number]),
            trend=self._trends[number],
            unmet_probability=round(float(unmet.probability[number]), 4) if asked else None,
            unmet_per_week=round(float(unmet.per_week[number]), 4) if asked else 0.0,
            unmet_low=round(float(unmet.low[number]), 4) if asked else 0.0,
            unmet_high=round(float(unmet.high[number]), 4) if asked else 0.0,
            gap_kind=kind,
            verdict=VERDICT_OF[kind],
            polarity=self._polarity(number),
            brands=self._brands(number),
            products=self._products(number),
            keywords=self._keywords(number),
            audiences=self._audiences[number],
            evidence_queries=evidence,
            evidence_notes=notes,
            flags=self._flags(number, asked=asked),
            reason="",
        )
        row["reason"] = reason_of(row)
        return row

    def _variants_of(self, number: int) -> list[str]:
        """How queries word the point, most searched first, then what else notes may call it (红屁股)."""
        point, grammar, needs = self._points[number], self._market.wants.grammar, self._market.wants.needs
        named = sorted(grammar.wording(needs.values[need]) for need in point.needs)
        told = [*point.wordings, *(word for word in named if len(word) >= SHORTEST_NAMED)]
        return list(dict.fromkeys(told))[:MOST_VARIANTS]

    def _polarity(self, number: int) -> Polarity:
        praised, complained, spared, promised, lacking = (
            int(self._shared.ways[number, way]) for way in (PRAISED, COMPLAINED, SPARED, PROMISED, LACKING)
        )
        said = self._market.comments.of_point(number)
        return Polarity(
            praised=spared + said.praised,
            complained=lacking + said.complained,
            asked=said.asked + int(self._shared.searches[number] > 0) * int(self._points[number].queries.size),
            named=praised + complained + promised + said.named,
        )

    def _brands(self, number: int) -> list[Owner]:
        """Brands whose notes speak of the point more than those of others do, surest first."""
        names, totals = self._market.wants.catalogue.names, self._shared.name_notes
        category = self._points[number].category
        rows = [(name, notes) for name, notes in self._owned.get(number, []) if names[name].level == BRAND]
        if not rows:
            return []
        part = np.array([notes for _, notes in rows], np.float64)
        whole = np.array([totals.get((category, name), 0) for name, _ in rows], np.float64)
        point_notes = max(float(self._shared.notes[number]), 1.0)
        all_notes = max(float(self._shared.category_notes[category]), 1.0)
        other = np.maximum(point_notes - part, 0.0)
        other_whole = np.maximum(all_notes - whole, 1.0)
        lift = ratio(part, whole, other, other_whole)
        low, high = ratio_interval(part, np.maximum(whole, part), other, np.maximum(other_whole, other))
        found = [
            Owner(
                brand=names[name].name,
                notes=notes,
                share=round(float(notes / max(whole[place], 1.0)), 4),
                lift=_figure(lift[place]),
                lift_low=_figure(low[place]),
                lift_high=_figure(high[place]),
            )
            for place, (name, notes) in enumerate(rows)
        ]
        found.sort(key=lambda one: (-one["lift_low"], -one["notes"], one["brand"]))
        return found[:MOST_OWNERS]

    def _products(self, number: int) -> list[PointProduct]:
        """Products that claim the point or whose notes speak of it."""
        wants, point = self._market.wants, self._points[number]
        notes = {
            name: count for name, count in self._owned.get(number, []) if wants.catalogue.names[name].level == PRODUCT
        }
        claimed = set(wants.claimed.get(number, ()))
        found = [
            PointProduct(
                product_id=wants.catalogue.names[name].name,
                name=wants.catalogue.product_names[wants.catalogue.names[name].name],
                brand=wants.catalogue.names[name].brand,
                claims=name in claimed,
                notes=notes.get(name, 0),
            )
            for name in sorted({*notes, *claimed})
            if point.category in wants.catalogue.category_numbers(name)
        ]
        found.sort(key=lambda one: (not one["claims"], -one["notes"], one["product_id"]))
        return found[:MOST_PRODUCTS]

    def _keywords(self, number: int) -> list[PointKeyword]:
        """The keywords that ask for the point, with their gaps, most unmet searches first."""
        unmet, names = self._measured.unmet, self._measured.demand.keywords
        rows = [
            self._keyword_rows[query] for query in self._points[number].queries.tolist() if query in self._keyword_rows
        ]
        rows.sort(key=lambda row: (-round(float(unmet.low[row]), 4), -round(float(unmet.per_week[row]), 4), row))
        return [
            PointKeyword(
                keyword=names["keyword"][row].as_py(),
                searches=names["searches"][row].as_py(),
                unmet_per_week=round(float(unmet.per_week[row]), 4),
                unmet_low=round(float(unmet.low[row]), 4),
                unmet_high=round(float(unmet.high[row]), 4),
                gap_kind=self._kinds[row],
            )
            for row in rows[:MOST_KEYWORDS]
        ]

    def _flags(self, number: int, *, asked: bool) -> list[str]:
        floor = self._settings.whole("few_searchers")
        searchers = self._market.searchers(number, int(self._shared.searches[number]))
        flags = []
        if not asked:
            flags.append("not_searched")
        if asked and searchers is not None and searchers < floor:
            flags.append("few_searchers")
        if asked and self._shared.demand[number] < self._settings["min_searches"]:
            flags.append("few_searches")
        return flags


def daily_of(market: Market, measured: Measured, kind: str) -> Ints:
    """Demand of each set of a kind (rows) on each day of the window (columns)."""
    rows = market.sets.rows(kind)
    days: pa.Table = market.askers.days
    place, day, demand = (days[name].to_numpy() for name in ("keyword_id", "day_index", "demand"))
    own = (place >= rows.start) & (place < rows.stop)
    matrix = np.zeros((rows.stop - rows.start, measured.demand.window.days), np.int64)
    matrix[place[own] - rows.start, day[own]] = demand[own]
    return matrix


def reason_of(row: SellingPoint) -> str:
    """One Chinese sentence that says where a selling point stands."""
    if not row["searches"]:
        return f"{row['notes']:,} 篇笔记在讲，还没有人这样搜。"
    asked = f"每周约 {row['demand_per_week']:,.0f} 次搜索（占该品类卖点搜索的 {row['demand_share']:.1%}）"
    held = f"{row['notes']:,} 篇笔记提到（占 {row['supply_share'] or 0:.1%}）" if row["notes"] else "没有笔记提到"
    if row["underserved"]:
        unmet = f"约 {row['unmet_per_week']:,.0f} 次没有得到满足" if row["unmet_low"] >= 1 else "现有内容大体能满足"
        return f"{asked}，{held}：要的人多、写的人少，{unmet}。"
    if row["lift_high"] is not None and row["lift_high"] < 1:
        return f"{asked}，{held}：写的比搜的多。"
    return f"{asked}，{held}。"


def _figure(value: float) -> float:
    return round(float(value), 3)


def _owned(market: Market) -> dict[int, list[tuple[int, int]]]:
    """Of each point the names whose notes speak of it, and how many do."""
    keys, sums = market.notes.owned.rows()
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (point, name), notes in zip(keys.T.tolist(), sums[0].tolist(), strict=True):
        found[point].append((name, notes))
    return found


def _exact_keywords(measured: Measured) -> dict[int, int]:
    """The keyword that each query is by itself."""
    exact = set(measured.demand.exact_queries())
    match = measured.demand.keywords["match"].to_pylist()
    pairs = zip(measured.members.query.tolist(), measured.members.keyword.tolist(), strict=True)
    return {query: keyword for query, keyword in pairs if query in exact and match[keyword] == "exact"}
