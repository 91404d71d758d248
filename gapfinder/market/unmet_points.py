"""Unmet searches of selling points: the sum over the queries that ask for one, by the fits of the whole log.

A point is to its queries what a head term is to those that hold it, so it is measured in the same way and with the same
honesty: probability, searches a week with an interval, kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gapfinder.gaps import Measured, kinds_of
from gapfinder.interval import counted_demand, weekly_variation
from gapfinder.settings import Settings
from gapfinder.unmet import Members, Unmet, unmet_searches

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PointGaps:
    """The gaps of some sets of queries; arrays with one entry a set.

    Attributes:
        unmet: Unmet searches of each.
        kinds: Kind of each.
        need: The need whose answers stand for it: that of its most searched query; -1: nobody asks for it.
    """

    unmet: Unmet
    kinds: list[str]
    need: Ints


def point_gaps(measured: Measured, queries: list[Ints], weekly: Ints, settings: Settings) -> PointGaps:
    """The gaps of sets of queries.

    Args:
        measured: The analysis.
        queries: The queries of each set, by number.
        weekly: Demand of each set in each full week.
        settings: Thresholds.
    """
    members, own = _members(measured, queries)
    demand = np.bincount(members.keyword, members.demand, len(queries)).astype(np.float64)
    weeks = measured.demand.window.weeks
    counted = counted_demand(demand, weekly_variation(weekly, len(queries)), weeks)
    unmet = unmet_searches(
        members,
        measured.supply,
        measured.alternatives,
        counted,
        weeks,
        exact=np.ones(len(queries), bool),
        at_least=measured.unmet.at_least,
        labels=settings.whole("calibration_labels"),
        like=measured.unmet,
    )
    return PointGaps(unmet, kinds_of(unmet, settings)[1], own)


def _members(measured: Measured, queries: list[Ints]) -> tuple[Members, Ints]:
    """The queries of each set with their needs and outcomes, and the need of its most searched one."""
    known = measured.members
    row_of = np.full(measured.demand.queries.num_rows, -1, np.int64)
    order = np.argsort(known.own, kind="stable")  # of a query's rows the one that counts it as a need of its own
    row_of[known.query[order]] = order
    sets = np.repeat(np.arange(len(queries), dtype=np.int64), [one.size for one in queries])
    rows = row_of[np.concatenate([np.empty(0, np.int64), *queries])]
    sets, rows = sets[rows >= 0], rows[rows >= 0]
    need = np.full(len(queries), -1, np.int64)
    most = np.argsort(known.demand[rows], kind="stable")
    need[sets[most]] = known.need[rows[most]]
    members = Members(
        keyword=sets,
        query=known.query[rows],
        need=known.need[rows],
        head=known.head[rows],
        own=known.own[rows],
        demand=known.demand[rows],
        unsatisfied=known.unsatisfied[rows],
        known=known.known[rows],
    )
    return members, need
