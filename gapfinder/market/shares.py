"""How much of a category's searches ask for each selling point, and how much of its notes speak of it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.gaps import Measured
from gapfinder.market.lift import ratio, ratio_interval
from gapfinder.market.measure import Market
from gapfinder.market.notes import THOUSAND, WAYS

Floats = npt.NDArray[np.float64]

_LEAST_SEARCHES: Final = 5  # demand below which a point is not called underserved
_LEAST_LIFT: Final = 1.1  # below, more is asked for than offered, but hardly; many people make any difference sure


class PointShares:
    """Demand and supply of each point, as arrays with one entry a point.

    Attributes:
        searches, demand: Of the queries that ask for it.
        notes, weight: Notes that speak of it, and their weight in thousandths.
        ways: How often notes speak of it in each way.
        demand_share, supply_share: Among the points of its category that somebody asks for.
        lift, low, high: Ratio of the two with its 90% interval.
        offered: Whether any point of its category that somebody asks for is written of.
        underserved: Whether the interval lies above 1.1 and enough people ask.
        category_notes: Notes of each category.
        name_notes: Notes of each (category, brand or product).
    """

    def __init__(self, market: Market, measured: Measured) -> None:
        points, demand = market.wants.points, measured.demand.queries
        figures = [demand[name].to_numpy().astype(np.float64) for name in ("searches", "demand")]
        self.searches, self.demand = (np.array([figure[p.queries].sum() for p in points]) for figure in figures)
        category = np.array([point.category for point in points], np.int64)
        categories = len(market.wants.catalogue.categories)
        self.notes, self.weight = np.zeros(len(points)), np.zeros(len(points))
        self.ways = np.zeros((len(points), WAYS))
        keys, sums = market.notes.points.rows()
        self.notes[keys[0]], self.weight[keys[0]], self.ways[keys[0]] = sums[0], sums[1], sums[2:].T
        asked = np.bincount(category, self.demand, categories)[category]
        # What notes speak of and nobody asks for takes no part: it would make all that is asked for look underserved.
        wanted = np.where(self.demand > 0, self.weight, 0.0)
        offered = np.bincount(category, wanted, categories)[category]
        self.demand_share = np.divide(self.demand, asked, out=np.zeros(len(points)), where=asked > 0)
        self.supply_share = np.divide(wanted, offered, out=np.zeros(len(points)), where=offered > 0)
        # People are independent of each other, searches of one person are not: counts are people where they are known.
        people = market.askers.people[market.sets.rows("point")].astype(np.float64)
        asking: Floats = np.where(self.demand > 0, people if people.any() else self.demand, 0.0).astype(np.float64)
        asking_all: Floats = np.bincount(category, asking, categories)[category].astype(np.float64)
        own, offered_all = wanted / THOUSAND, offered / THOUSAND
        # The interval is as wide as so many people and notes make it, around the very shares that are shown.
        self.low, self.high = ratio_interval(self.demand_share * asking_all, asking_all, own, offered_all)
        smooth = ratio(self.demand_share * asking_all, asking_all, own, offered_all)
        self.lift = np.divide(self.demand_share, self.supply_share, out=smooth, where=self.supply_share > 0)
        self.offered = offered > 0
        self.underserved = (self.low > _LEAST_LIFT) & (self.demand >= _LEAST_SEARCHES) & self.offered
        self.category_notes = np.zeros(categories)
        keys, sums = market.notes.categories.rows()
        self.category_notes[keys[0]] = sums[0]
        keys, sums = market.notes.names.rows()
        self.name_notes = dict(zip(map(tuple, keys.T.tolist()), sums[0].tolist(), strict=True))
