"""How plots of results look, and how they are kept: as SVG, where the same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

OURS, PEER, LINE = "#c2410c", "#94a3b8", "#334155"  # colours
_STYLE: Final = {
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": LINE,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.constrained_layout.use": True,
}


@contextmanager
def style(name: str) -> Iterator[None]:
    """The look of the plots of a benchmark; its name decides the ids within them."""
    with plt.rc_context({**_STYLE, "svg.hashsalt": name}):
        yield


def save(figure: Any, path: Path) -> None:
    """Keep a figure as SVG and close it."""
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    # matplotlib ends lines of paths with blanks, which no file of the project does
    lines = [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
