"""The rows of the result table: what is measured, what it has to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.truth.planted import SHARES

Seeds = Mapping[str, Sequence[float]]  # figures by name, one value a seed

MISSED: Final = "not measured"


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure with the bounds it has to keep.

    Attributes:
        figure: Its name.
        label: What tells it from the others of its row; empty when it is the only one.
        least, most: Bounds for the mean over seeds; None: shown only.
        better_least, better_most: Bounds that are more than is asked.
        every: The lower bound has to be passed strictly, by every seed; its least value is shown.
        heading: Shown instead of the label.
        joined: Shown behind the one before it, parted by a stroke and without its label.
    """

    figure: str
    label: str = ""
    least: float | None = None
    most: float | None = None
    better_least: float | None = None
    better_most: float | None = None
    every: bool = False
    heading: str = ""
    joined: bool = False

    def lacks(self, seeds: Seeds, *, better: bool = False) -> float | None:
        """By how much the bounds are missed (0: kept); None when it was not measured or there is no bound."""
        low, high = (self.better_least, self.better_most) if better else (self.least, self.most)
        values = seeds.get(self.figure)
        if not values or (low is None and high is None):
            return None
        value = min(values) if self.every else sum(values) / len(values)
        under = max(0.0, low - value) if low is not None else 0.0
        over = max(0.0, value - high) if high is not None else 0.0
        touches = self.every and low is not None and value <= low
        return max(under, over, 1e-9 if touches else 0.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        name: Of the row.
        measure: What is measured.
        naive: Figures of the plain way, shown without bounds.
        goals: Figures of the product.
        to_reach, beyond: The bounds in words.
    """

    name: str
    measure: str
    naive: tuple[Goal, ...]
    goals: tuple[Goal, ...]
    to_reach: str
    beyond: str


_G = Goal

ROWS: Final[tuple[Row, ...]] = (
    Row(
        "missing",
        "missing content, ROC AUC: query and title pairs, the relevant titles of half of the queries hidden",
        (_G("missing.ratio", "ratio"),),
        (_G("missing.ours", least=0.87, better_least=0.90),),
        "0.87",
        "0.90",
    ),
    Row(
        "answers",
        "the same with titles and full texts: all answers of a query hidden / all but one hidden",
        (_G("answers.ratio", "ratio, all"), _G("one.ratio", "all but one")),
        (_G("answers.ours", "all", least=0.99), _G("one.ours", "all but one", least=0.80, better_least=0.85)),
        "0.99 / 0.80",
        "- / 0.85",
    ),
    Row(
        "near",
        "near misses (only irrelevant titles) against answered queries, nothing hidden, ROC AUC: without labels / with "
        "the labels of the other half of the queries as clicks",
        (_G("near.ratio", "ratio"),),
        (_G("near.ours", "without", least=0.72), _G("near.ours_labels", "with", least=0.80, better_least=0.82)),
        "0.72 / 0.80",
        "- / 0.82",
    ),
    Row(
        "behaviour",
        "missing content with 2 to 5 simulated searches a query, ROC AUC",
        (_G("behaviour.clicks", "share of unsatisfied searches"),),
        (_G("behaviour.ours", least=0.93, better_least=0.95),),
        "0.93",
        "0.95",
    ),
    Row(
        "planted",
        "planted gaps, all answers hidden, precision at 5%, by unmet probability: content / with searchers",
        (_G("planted.content/100/precision/ratio", "ratio"),),
        (
            _G("planted.content/100/precision/unmet_probability", "content", least=0.55),
            _G("planted.behaviour/100/precision/unmet_probability", "with searchers", least=0.85, better_least=0.90),
        ),
        "0.55 / 0.85",
        "- / 0.90",
    ),
    Row(
        "partial",
        "planted gaps, 50% and 70% of the answers hidden, same order, with searchers",
        (
            _G("planted.behaviour/50/precision/ratio", "ratio, 50%"),
            _G("planted.behaviour/70/precision/ratio", "70%"),
        ),
        (
            _G("planted.behaviour/50/precision/unmet_probability", "50%", better_least=0.60),
            _G("planted.behaviour/70/precision/unmet_probability", "70%", better_least=0.75),
            _G(
                "planted.behaviour/50/above_ratio",
                "above the ratio, 50%",
                least=0.0,
                every=True,
                heading="least of the seeds above the ratio",
            ),
            _G("planted.behaviour/70/above_ratio", "above the ratio, 70%", least=0.0, every=True, joined=True),
        ),
        "above the ratio at every level and seed",
        "0.60 / 0.75",
    ),
    Row(
        "coverage",
        "coverage of 90% intervals with searchers, 50 / 70 / 90 / 100% of answers hidden: all keywords; planted ones",
        (),
        tuple(
            _G(
                f"planted.behaviour/{share}/coverage/{which}",
                f"{which}, {share}%",
                least=least,
                most=most,
                better_least=0.88,
                better_most=0.93,
                heading=f"{which} keywords",
                joined=share != SHARES[0],
            )
            for which, least, most in (("all", 0.87, 0.97), ("planted", 0.80, None))
            for share in SHARES
        ),
        "0.87 to 0.97 / 0.80",
        "0.88 to 0.93 both",
    ),
    Row(
        "calibration",
        "calibration error, 10 bins of equal size: with 300 labels / with searchers",
        (),
        (
            _G("labels.error", "300 labels", most=0.035, better_most=0.02),
            _G("behaviour.error", "searchers", most=0.035, better_most=0.02),
        ),
        "0.035",
        "0.02",
    ),
    Row(
        "kinds",
        "gap kinds on the sample market, macro F1",
        (),
        (_G("kinds.macro_f1", least=0.85, better_least=0.92),),
        "0.85",
        "0.92",
    ),
    Row(
        "wording",
        "wording against missing: AUC; precision / recall",
        (_G("reworded.ratio", "ratio"),),
        (
            _G("wording.auc", "AUC", least=0.88, better_least=0.91),
            _G("wording.precision", "precision", least=0.85),
            _G("wording.recall", "recall", least=0.75),
        ),
        "0.88; 0.85 / 0.75",
        "0.91",
    ),
)


def verdict(row: Row, seeds: Seeds) -> str:
    """Whether the row is met, or by how much not."""
    lacking = [(goal, goal.lacks(seeds)) for goal in row.goals]
    if not any(seeds.get(goal.figure) for goal in row.goals):
        return MISSED
    short = [f"{goal.label or 'mean'} by {shown_gap(by)}" for goal, by in lacking if by]
    unknown = [goal.label or goal.figure for goal in row.goals if not seeds.get(goal.figure)]
    if short or unknown:
        parts = ["not met: " + ", ".join(short)] if short else []
        return "; ".join([*parts, *(f"{MISSED}: {label}" for label in unknown)])
    better = [by for goal in row.goals if (by := goal.lacks(seeds, better=True)) is not None]
    return "met, and beyond" if better and not any(better) else "met"


def shown_gap(by: float) -> str:
    """A miss, never rounded to nothing."""
    return f"{by:.3f}" if by >= 0.001 else "less than 0.001"


def shown(goal: Goal, seeds: Seeds) -> str:
    """Mean and standard deviation over seeds, with the label."""
    values = seeds.get(goal.figure)
    if not values:
        return f"{goal.label}: -" if goal.label else "-"
    mean = sum(values) / len(values)
    if len(values) > 1:
        spread = (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5
        text = f"{mean:.3f} ± {spread:.3f}"
    else:
        text = f"{mean:.3f}"
    if goal.every:
        text = f"{min(values):+.3f}"
    return f"{goal.label}: {text}" if goal.label else text


def cell(goals: Sequence[Goal], seeds: Seeds) -> str:
    """All figures of a cell."""
    text = ""
    for goal in goals:
        if goal.joined and text:
            text += " / " + shown(replace(goal, label=""), seeds)
        else:
            text += ("; " if text else "") + shown(replace(goal, label=goal.heading or goal.label), seeds)
    return text


COLUMNS: Final = ("measure", "naive", "reached", "to reach", "beyond", "met")


def table(seeds: Seeds) -> list[tuple[str, ...]]:
    """The cells of all rows, in the order of :data:`COLUMNS`."""
    return [
        (
            row.measure,
            cell(row.naive, seeds) or "none",
            cell(row.goals, seeds),
            row.to_reach,
            row.beyond,
            verdict(row, seeds),
        )
        for row in ROWS
    ]
