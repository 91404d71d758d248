"""Plots of the result, as SVG: the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib import pyplot as plt

from benchmarks.drawing import LINE, OURS, PEER, save, style
from benchmarks.truth.planted import BEHAVIOUR, CONTENT, SHARES
from benchmarks.truth.rules import RULES
from benchmarks.truth.table import Seeds

_BAND: Final = "#fde8d7"
_AUC: Final = (
    ("missing.ours", "missing.ratio", "titles,\nall hidden"),
    ("answers.ours", "answers.ratio", "texts,\nall hidden"),
    ("one.ours", "one.ratio", "texts,\nall but one"),
    ("near.ours", "near.ratio", "near\nmisses"),
    ("near.ours_labels", "near.ratio", "near misses,\nwith labels"),
    ("behaviour.ours", "behaviour.clicks", "with 2-5\nsearches"),
)
_PLAIN_RULES: Final = frozenset({"demand", "ratio", "KEI", "log residual", "gamma-Poisson", "empty searches"})


def draw(out: Path, seeds: Seeds, curves: Mapping[str, Sequence[Any]]) -> list[Path]:
    """Draw every plot whose figures are there."""
    drawn = []
    with style("truth"):
        for name, figure in (
            ("truth-auc.svg", _auc(seeds)),
            ("truth-planted.svg", _planted(seeds)),
            ("truth-reliability.svg", _reliability(curves)),
            ("truth-coverage.svg", _coverage(seeds)),
        ):
            if figure is None:
                continue
            path = out / name
            save(figure, path)
            drawn.append(path)
    return drawn


def _spread(values: Sequence[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _auc(seeds: Seeds) -> Any | None:
    """Bars of ours and the naive way, a dot for each seed."""
    there = [one for one in _AUC if one[0] in seeds and one[1] in seeds]
    if not there:
        return None
    figure, axes = plt.subplots(figsize=(7.2, 3.2))
    for offset, which, colour, label in ((-0.2, 1, PEER, "plain way"), (0.2, 0, OURS, "gapfinder")):
        for place, one in enumerate(there):
            mean, deviation = _spread(seeds[one[which]])
            axes.bar(place + offset, mean - 0.5, 0.36, bottom=0.5, color=colour, label=label if place == 0 else None)
            axes.errorbar(place + offset, mean, yerr=deviation, color=LINE, capsize=2, linewidth=1)
            axes.annotate(
                f"{mean:.2f}", (place + offset, mean + deviation), (0, 2), textcoords="offset points",
                ha="center", va="bottom", fontsize=7.5,
            )  # fmt: skip
    axes.set_xticks(range(len(there)), [one[2] for one in there])
    axes.set_ylim(0.5, 1.1)
    axes.set_yticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    axes.set_ylabel("ROC AUC (0.5: chance)")
    axes.set_title("Are queries without an answer told from answered ones?")
    axes.legend(loc="upper left", ncols=2, bbox_to_anchor=(0.0, 1.0))
    return figure


def _planted(seeds: Seeds) -> Any | None:
    """Precision by share hidden, one line a rule, content and behaviour side by side."""
    if f"planted.{CONTENT}/100/precision/ratio" not in seeds:
        return None
    figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.6), sharey=True)
    greys = iter(["#475569", "#64748b", "#94a3b8", "#a8b4c4", "#cbd5e1", "#b8a48f"])
    marks = iter("osv^DP")
    style = {rule.name: (next(greys), next(marks), 1.0) for rule in RULES if rule.name in _PLAIN_RULES} | {
        "unmet_per_week": ("#fdba74", ".", 1.2),
        "unmet_low": ("#fb923c", ".", 1.2),
        "excess": ("#ea580c", ".", 1.2),
        "excess_low": ("#dc2626", ".", 1.2),
        "unmet_probability": ("#9a3412", ".", 2.4),
    }
    for axes, mode, title in zip(
        panels, (CONTENT, BEHAVIOUR), ("Content only", "With simulated searchers"), strict=True
    ):
        for rule in RULES:
            names = [f"planted.{mode}/{share}/precision/{rule.name}" for share in SHARES]
            if not all(name in seeds for name in names):
                continue
            colour, mark, width = style[rule.name]
            means = [_spread(seeds[name])[0] for name in names]
            axes.plot(SHARES, means, color=colour, marker=mark, markersize=4, linewidth=width, label=rule.name)
        axes.axhline(0.05, color=LINE, linewidth=0.8, linestyle=":")
        axes.set_title(title)
        axes.set_xticks(SHARES, [f"{share}%" for share in SHARES])
        axes.set_xlabel("answers hidden")
        axes.set_ylim(0, 1)
    panels[0].set_ylabel("precision at 5% (dotted: chance)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center")
    return figure


def _reliability(curves: Mapping[str, Sequence[Any]]) -> Any | None:
    """One line a seed: mean probability against what was true, bin by bin."""
    if not any(curves.values()):
        return None
    figure, axes = plt.subplots(figsize=(4.2, 4.0))
    axes.plot([0, 1], [0, 1], color=LINE, linewidth=0.8, linestyle=":")
    for name, colour, label in (
        ("labels", PEER, "300 labels"),
        ("behaviour", OURS, "2 to 5 searches a query"),
    ):
        for number, curve in enumerate(curves.get(name, ())):
            said, true = zip(*curve, strict=True)
            axes.plot(
                said, true, color=colour, marker=".", linewidth=1.2, alpha=0.7, label=label if number == 0 else None
            )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    axes.set_xlabel("unmet probability as said")
    axes.set_ylabel("share truly unmet")
    axes.set_title("Does a probability mean what it says?")
    axes.legend(loc="upper left")
    return figure


def _coverage(seeds: Seeds) -> Any | None:
    """Bars by share hidden for all and planted keywords; the band is what is asked for."""
    names = [(share, f"planted.{BEHAVIOUR}/{share}/coverage") for share in SHARES]
    if not all(f"{stem}/all" in seeds for _, stem in names):
        return None
    figure, axes = plt.subplots(figsize=(5.4, 3.0))
    axes.axhspan(0.87, 0.97, color=_BAND, zorder=0)
    axes.axhline(0.9, color=LINE, linewidth=0.8, linestyle=":")
    for offset, which, colour in ((-0.2, "all", PEER), (0.2, "planted", OURS)):
        for place, (_, stem) in enumerate(names):
            mean, deviation = _spread(seeds[f"{stem}/{which}"])
            label = f"{which} keywords" if place == 0 else None
            axes.bar(place + offset, mean, 0.36, color=colour, label=label)
            axes.errorbar(place + offset, mean, yerr=deviation, color=LINE, capsize=2, linewidth=1)
    axes.set_xticks(range(len(names)), [f"{share}% hidden" for share, _ in names])
    axes.set_ylim(0, 1.12)
    axes.set_ylabel("intervals that hold")
    axes.set_title("90% intervals of unmet searches a week, with searchers")
    axes.legend(loc="upper left", ncols=2)
    return figure
