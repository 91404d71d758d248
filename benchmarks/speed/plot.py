"""The ratios of the parts as one plot: the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

_OURS, _PEER, _LINE = "#c2410c", "#94a3b8", "#334155"
_STYLE: Final = {
    "svg.hashsalt": "speed",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _LINE,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "figure.constrained_layout.use": True,
}
_BAR: Final = 0.32  # inches of a bar


def draw(path: Path, groups: Mapping[str, Mapping[str, float]]) -> None:
    """Bars of how fast each way is against the peer of its group, on a logarithmic scale.

    Args:
        path: An SVG file.
        groups: By the title of a group, its ways (one at least) and their ratios; the project is named in its ways.
    """
    heights = [len(bars) + 1.2 for bars in groups.values()]
    with plt.rc_context(_STYLE):
        figure, axes = plt.subplots(
            len(groups), 1, figsize=(7.2, _BAR * sum(heights)), height_ratios=heights, squeeze=False
        )
        for (title, bars), (axis,) in zip(groups.items(), axes, strict=True):
            names = list(bars)[::-1]
            colours = [_OURS if "gapfinder" in name else _PEER for name in names]
            drawn = axis.barh(names, [bars[name] for name in names], color=colours, height=0.7)
            axis.bar_label(drawn, [f" {bars[name]:.3g} x" for name in names], fontsize=8)
            axis.set_xscale("log")
            axis.set_title(title)
            axis.margins(x=0.12)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
    # matplotlib ends lines of paths with blanks, which no file of the project does
    lines = [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
