"""Ranking rules side by side: what others order keywords by, and what this product does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import gamma

from benchmarks.truth.store import column
from gapfinder.results import Gap

Floats = npt.NDArray[np.float64]

OURS: Final = "unmet_probability"
PLAIN: Final = "ratio"


@dataclass(frozen=True)
class Counted:
    """What the rules rank; arrays with one entry a keyword.

    Attributes:
        searches: Searches for it.
        notes: Notes that hold all its words.
        empty: Share of its searches whose query no note holds whole.
        rows: Its row of the run.
    """

    searches: Floats
    notes: Floats
    empty: Floats
    rows: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One order of keywords: larger scores first."""

    name: str
    formula: str
    of: Callable[[Counted], Floats]


def log_residual(counted: Counted) -> Floats:
    """How far ln(searches) lies above the line through ln(notes + 1), fitted to all keywords by least squares."""
    x: Floats = np.log1p(counted.notes)
    y: Floats = np.log(np.maximum(counted.searches, 1.0))
    slope, start = np.polyfit(x, y, 1) if np.ptp(x) > 0 else (0.0, y.mean())
    above: Floats = y - (start + slope * x)
    return above


def gamma_poisson_low(counted: Counted) -> Floats:
    """5% quantile of searches a note: Poisson counts with a gamma prior fitted to all keywords by moments."""
    notes = counted.notes + 1.0
    mean = counted.searches.sum() / notes.sum()
    excess = ((counted.searches - mean * notes) ** 2 - mean * notes).sum() / (notes**2).sum()
    variance = max(excess, 1e-6 * mean**2)
    quantile: Floats = gamma.ppf(0.05, mean**2 / variance + counted.searches, scale=1.0 / (mean / variance + notes))
    return quantile


def _of_run(name: str) -> Callable[[Counted], Floats]:
    return lambda counted: column(counted.rows, name)


RULES: Final[tuple[Rule, ...]] = (
    Rule("demand", "searches", lambda c: c.searches),
    Rule(PLAIN, "searches / (notes + 1)", lambda c: c.searches / (c.notes + 1.0)),
    Rule("KEI", "searches^2 / (notes + 1)", lambda c: c.searches**2 / (c.notes + 1.0)),
    Rule("log residual", "ln searches above the line through ln(notes + 1)", log_residual),
    Rule("gamma-Poisson", "5% quantile of searches a note, gamma prior by moments", gamma_poisson_low),
    Rule("empty searches", "share of searches whose words no note holds together", lambda c: c.empty),
    Rule("unmet_per_week", "ours: demand x unmet probability", _of_run("unmet_per_week")),
    Rule("unmet_low", "ours: its lower end, the default order", _of_run("unmet_low")),
    Rule("excess", "ours: unmet searches above what is usual in the store", _of_run("excess")),
    Rule("excess_low", "ours: its lower end", _of_run("excess_low")),
    Rule(OURS, "ours: probability that a search is not met", _of_run("unmet_probability")),
)
