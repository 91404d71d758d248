"""What search ads for a keyword cost, as observed, and imported volumes in their own unit; both stand beside the gap.

Nothing is estimated here: clicks and cost are summed over the window, a bid range is shown as it was imported. Figures
are joined by the keyword's key (its distinct terms), so word order and script don't matter.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pyarrow as pa

from gapfinder.results import Price, Volume
from indexer.stores.contract import Snapshot


def observed_prices(snapshot: Snapshot, first: date, end: date) -> dict[str, Price]:
    """Price of every keyword key with ads in the window or an imported bid; costs are summed in a fixed order."""
    clicks: dict[str, int] = defaultdict(int)
    costs: dict[str, list[float]] = defaultdict(list)
    if snapshot.count("ad"):
        columns = ("keyword_key", "clicks", "cost")
        for row in _rows(snapshot, "ad", columns, ("date", first, end)):
            clicks[row["keyword_key"]] += row["clicks"] or 0
            costs[row["keyword_key"]].append(row["cost"] or 0.0)
    # The newest period stands; of several sources for it, the last by name.
    bids: dict[str, tuple[float | None, float | None]] = {}
    if snapshot.count("volume"):
        bid_columns = ("keyword_key", "bid_low", "bid_high", "period_start", "period_end", "source")
        for row in sorted(_rows(snapshot, "volume", bid_columns, None), key=_age):
            if row["bid_low"] is not None or row["bid_high"] is not None:
                bids[row["keyword_key"]] = (row["bid_low"], row["bid_high"])
    prices: dict[str, Price] = {}
    for key in sorted(costs.keys() | bids.keys()):
        low, high = bids.get(key, (None, None))
        cost = round(sum(sorted(costs.get(key, ()))), 2)
        clicked = clicks.get(key, 0)
        prices[key] = Price(
            clicks=clicked,
            cost=cost,
            cpc=round(cost / clicked, 4) if clicked else None,
            bid_low=low,
            bid_high=high,
            source="+".join(name for name, there in (("ads", key in costs), ("volumes", key in bids)) if there),
        )
    return prices


def _age(row: dict[str, Any]) -> tuple[date, str, float, float]:
    """Order of bids, oldest first; ties end with the figures themselves, never with a hash."""
    period = row["period_end"] or row["period_start"] or date.min
    return period, row["source"] or "", row["bid_low"] or 0.0, row["bid_high"] or 0.0


def imported_volumes(snapshot: Snapshot) -> dict[str, list[Volume]]:
    """Imported figures of every keyword key, by period, source and unit."""
    found: dict[str, list[Volume]] = defaultdict(list)
    if not snapshot.count("volume"):
        return found
    columns = (
        "keyword_key", "volume", "unit", "volume_low", "volume_high", "period_start", "period_end", "source",
        "competition",
    )  # fmt: skip
    for row in _rows(snapshot, "volume", columns, None):
        found[row["keyword_key"]].append(
            Volume(
                source=row["source"],
                unit=row["unit"],
                volume=row["volume"],
                low=row["volume_low"],
                high=row["volume_high"],
                period_start=_iso(row["period_start"]),
                period_end=_iso(row["period_end"]),
                competition=row["competition"],
            )
        )
    for volumes in found.values():
        volumes.sort(key=lambda v: (v["period_start"] or "", v["source"] or "", v["unit"], v["volume"]))
    return found


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _rows(
    snapshot: Snapshot, record: str, columns: tuple[str, ...], window: tuple[str, date, date] | None
) -> list[dict[str, Any]]:
    batches = list(snapshot.scan(record, columns, window=window))
    return pa.Table.from_batches(batches).to_pylist() if batches else []
