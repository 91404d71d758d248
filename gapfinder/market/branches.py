"""The tree of a stored run's categories: what stands below one, in which order it is shown, and the brands of a branch.

A brand's figures in a branch are sums over its categories, since each search and each note has one category. How many
people searched in several of them no sum can tell (who searched twice would count twice), so that is null.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from gapfinder.market.results import MarketRow
from gapfinder.market.rollup import shares_of
from gapfinder.trend.slope import trend_of
from indexer.normalize import normalize


def in_tree_order(rows: Iterable[MarketRow]) -> list[MarketRow]:
    """Categories from the top down, each before those below it, in their order among those beside them."""
    children: dict[str | None, list[MarketRow]] = defaultdict(list)
    categories = [row for row in rows if row["level"] == "category"]
    names = {row["name"] for row in categories}
    for row in categories:
        children[row["parent"] if row["parent"] in names else None].append(row)
    found: list[MarketRow] = []
    waiting = children[None][::-1]
    while waiting:
        found.append(waiting.pop())
        waiting += children[found[-1]["name"]][::-1]
    return found


def widest(rows: Iterable[MarketRow], most: int) -> list[MarketRow]:
    """At most so many categories, wider ones before narrower ones, in the order of the tree."""
    ordered = in_tree_order(rows)
    chosen = sorted(range(len(ordered)), key=lambda place: (ordered[place]["depth"], place))[:most]
    return [ordered[place] for place in sorted(chosen)]


def branch(rows: Iterable[MarketRow], name: str) -> list[MarketRow]:
    """A category and all below it, in the order of the tree; none where there is no such category."""
    ordered, wanted = in_tree_order(rows), normalize(name)
    start = next((place for place, row in enumerate(ordered) if normalize(row["name"]) == wanted), None)
    if start is None:
        return []
    end = next((n for n in range(start + 1, len(ordered)) if ordered[n]["depth"] <= ordered[start]["depth"]), None)
    return ordered[start:end]


def brands_of(rows: Sequence[MarketRow], category: MarketRow, weeks: float) -> list[MarketRow]:
    """The brands of a category and of all below it, each once, largest first.

    Args:
        rows: All rows of the market.
        category: Where to look.
        weeks: Weeks of the run's window.
    """
    names = {row["name"] for row in branch(rows, category["name"])}
    own: dict[str, list[MarketRow]] = defaultdict(list)
    for row in rows:
        if row["level"] == "brand" and row["category"] in names:
            own[row["name"]].append(row)
    if not category["children"]:
        return [row for found in own.values() for row in found]
    found = [_summed(brand, category) for brand in own.values()]
    parts = ([round(row["demand_per_week"] * weeks) for row in found], [row["supply"] for row in found])
    of_search, of_voice = (shares_of(np.array(part), np.full(len(part), sum(part))) for part in parts)
    for row, searched, voiced in zip(found, of_search, of_voice, strict=True):
        row["share_of_search"], row["share_of_voice"] = searched, voiced
    return sorted(found, key=lambda row: (-row["demand_per_week"], -row["searches"], -row["notes"], row["name"]))


def _summed(rows: Sequence[MarketRow], category: MarketRow) -> MarketRow:
    """One brand over its categories; what sums don't tell is null or empty."""
    searched = [row for row in rows if row["searches"]]
    row = rows[0].copy()
    row["category"], row["path"], row["depth"] = category["name"], category["path"], category["depth"]
    row["searches"] = sum(one["searches"] for one in rows)
    for name in ("searchers", "people"):
        row[name] = searched[0][name] if len(searched) == 1 else (None if searched else rows[0][name])
    row["demand_per_week"] = round(sum(one["demand_per_week"] for one in rows), 4)
    row["notes"] = sum(one["notes"] for one in rows)
    row["recent_notes"] = sum(one["recent_notes"] for one in rows)
    row["supply"] = round(sum(one["supply"] for one in rows), 3)
    row["flags"] = list(dict.fromkeys(flag for one in rows for flag in one["flags"]))
    if len(rows) > 1:
        weekly = [one["trend"]["weekly"] for one in searched] or [rows[0]["trend"]["weekly"]]
        row["trend"] = trend_of(np.sum(weekly, axis=0).astype(int).tolist())
        row["points"], row["audiences"] = [], []
    return row
