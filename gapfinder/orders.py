"""The orders in which gaps can be listed, one table for the command line, HTTP and the page: largest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gapfinder.results import Gap

DEFAULT_ORDER: Final = "unmet_low"
UNKNOWN: Final = -1e18  # what a run does not know comes last, and can still be written as JSON
_SURGES_FIRST: Final = 1e6  # more than any change of a trend


def rising(gap: Gap) -> float:
    """What begins to rise first, by the low end of how much; then trends by theirs."""
    surge, low = gap["trend"]["surge"], gap["trend"]["low"]
    if surge is not None and surge["rising_early"]:
        return _SURGES_FIRST + surge["low"]
    return UNKNOWN if low is None else low


def _excess(gap: Gap) -> float:
    return UNKNOWN if gap["excess_low"] is None else gap["excess_low"]


def _ratio(gap: Gap) -> float:
    """The plain ratio; without any note it is the largest there is."""
    return float("inf") if gap["demand_supply_ratio"] is None else gap["demand_supply_ratio"]


ORDERS: Final[dict[str, Callable[[Gap], float]]] = {
    "unmet_low": lambda gap: gap["unmet_low"],
    "unmet_per_week": lambda gap: gap["unmet_per_week"],
    "unmet_probability": lambda gap: gap["unmet_probability"],
    "excess": _excess,
    "ratio": _ratio,
    "searches": lambda gap: gap["searches"],
    "rising": rising,
}
