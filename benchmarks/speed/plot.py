"""The ratios of the parts as one plot: the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from matplotlib import pyplot as plt

from benchmarks.drawing import OURS, PEER, save, style

_BAR: Final = 0.32  # inches of a bar


def draw(path: Path, groups: Mapping[str, Mapping[str, float]]) -> None:
    """Bars of how fast each way is against the peer of its group, on a logarithmic scale.

    Args:
        path: An SVG file.
        groups: By the title of a group, its ways (one at least) and their ratios; the project is named in its ways.
    """
    heights = [len(bars) + 1.2 for bars in groups.values()]
    with style("speed"):
        figure, axes = plt.subplots(
            len(groups), 1, figsize=(7.2, _BAR * sum(heights)), height_ratios=heights, squeeze=False
        )
        for (title, bars), (axis,) in zip(groups.items(), axes, strict=True):
            names = list(bars)[::-1]
            colours = [OURS if "gapfinder" in name else PEER for name in names]
            drawn = axis.barh(names, [bars[name] for name in names], color=colours, height=0.7)
            axis.bar_label(drawn, [f" {bars[name]:.3g} x" for name in names], fontsize=8)
            axis.set_xscale("log")
            axis.set_title(title)
            axis.margins(x=0.12)
        save(figure, path)
