"""What is measured, declared once: name, formula and which way is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    Attributes:
        name: As tables call it.
        formula: How it is made.
        better: ``high``, ``low`` or ``near`` (a share that has a nominal value).
        of: The function.
    """

    name: str
    formula: str
    better: str
    of: Callable[..., float]


def auc(score: Floats, positive: Flags) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting one half.

    By ranks (Mann-Whitney): (sum of the positives' mean ranks - P (P + 1) / 2) / (P N).
    """
    hits = int(positive.sum())
    misses = positive.size - hits
    if hits == 0 or misses == 0:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def _chance_taken(score: Floats, top: int) -> Floats:
    """Chance of each item to be among the ``top`` highest when ties fall at random."""
    order = np.sort(score)[::-1]
    edge = order[min(top, score.size) - 1]
    above = score > edge
    tied = score == edge
    taken: Floats = above.astype(np.float64)
    taken[tied] = (top - above.sum()) / tied.sum()
    return taken


def precision_at(score: Floats, positive: Flags, top: int) -> float:
    """Expected share of positives among the ``top`` highest scores, ties falling at random."""
    return float(_chance_taken(score, top)[positive].sum() / top)


def captured(score: Floats, value: Floats, top: int) -> float:
    """Value held by the ``top`` highest scores (ties at random) over the most that so many could hold."""
    best = np.sort(value)[::-1][:top].sum()
    return float((_chance_taken(score, top) * value).sum() / best) if best > 0 else float("nan")


def calibration_error(probability: Floats, happened: Floats, bins: int = BINS) -> float:
    """Expected calibration error: mean |mean probability - mean of what happened| over bins of equal size."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    gaps = [abs(probability[part].mean() - happened[part].mean()) * part.size for part in parts]
    return float(sum(gaps) / probability.size)


def reliability(probability: Floats, happened: Floats, bins: int = BINS) -> list[tuple[float, float]]:
    """Mean probability and mean of what happened, bin by bin of equal size."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    return [(float(probability[part].mean()), float(happened[part].mean())) for part in parts]


def coverage(low: Floats, high: Floats, truth: Floats) -> float:
    """Share of intervals that hold the truth; ends belong to them, up to the fourth decimal that a run keeps."""
    kept = 1e-4
    return float(np.mean((low - kept <= truth) & (truth <= high + kept)))


MEASURES: Final[dict[str, Measure]] = {
    measure.name: measure
    for measure in (
        Measure("ROC AUC", "chance that a query without an answer ranks above one with an answer", "high", auc),
        Measure("precision", "planted keywords among the first 5% over 5% of all keywords", "high", precision_at),
        Measure("captured", "unmet searches in the first 5% over those in the best 5%", "high", captured),
        Measure(
            "calibration error",
            "mean distance of probability and truth over 10 bins of equal size",
            "low",
            calibration_error,
        ),
        Measure("coverage", "share of 90% intervals that hold the true unmet searches a week", "near", coverage),
    )
}
