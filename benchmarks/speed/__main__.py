"""Measure speed against peers in one run: ``python -m benchmarks.speed [--notes N] [--keywords N] [--texts N]``.

Ratios hold; seconds depend on the machine and on what else it does. The result is ``benchmarks/results/speed.md``.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.record import keep
from benchmarks.speed import segmentation, supply
from benchmarks.speed.children import Taken
from benchmarks.speed.limits import limits

Row = list[object]


def _row(part: str, name: str, taken: Taken, amount: int, unit: str, first: float) -> Row:
    speed = amount / taken.seconds
    cells: Row = [part, name, round(taken.seconds, 2), f"{speed:,.0f} {unit}"]
    return [*cells, f"{speed / first:.2f}", f"{taken.peak_mib:,.0f}"]


def main() -> None:
    """Measure all parts and keep the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description="Speed against peers, in one run.")
    parser.add_argument("--notes", type=int, default=200_000, help="notes for matching (default: %(default)s)")
    parser.add_argument("--keywords", type=int, default=100_000, help="keywords for matching (default: %(default)s)")
    parser.add_argument("--texts", type=int, default=segmentation.NOTES, help="notes to cut (default: %(default)s)")
    chosen = parser.parse_args()
    rows: list[Row] = []
    figures: dict[str, Any] = {"sizes": vars(chosen)}
    with tempfile.TemporaryDirectory(prefix="speed-") as name:
        folder = Path(name)
        figures["limits"] = limits(folder)
        cut = segmentation.measure(folder, chosen.texts)
        slowest = chosen.texts / cut["jieba"].seconds
        rows += [_row("segmenting", way, taken, chosen.texts, "notes/s", slowest) for way, taken in cut.items()]
        counted, asked = supply.measure(folder, chosen.notes, chosen.keywords)
        peer = "tantivy, counts only, 1 processor"
        one = asked(peer) / counted[peer].seconds
        rows += [_row("matching", way, taken, asked(way), "keywords/s", one) for way, taken in counted.items()]
    figures["segmenting"] = {way: asdict(taken) for way, taken in cut.items()}
    figures["matching"] = {way: asdict(taken) | {"keywords": asked(way)} for way, taken in counted.items()}
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures["limits"].items())
    title = (
        f"Speed against peers: {chosen.texts:,} notes cut, {chosen.keywords:,} keywords matched against "
        f"{chosen.notes:,} notes. Ways take turns, each in a process of its own, the least of three; all give equal "
        f"counts. Against: jieba, and one tantivy query a keyword. The machine: {told}."
    )
    keep("speed", title, figures, ["part", "way", "seconds", "speed", "against", "peak MiB"], rows)


if __name__ == "__main__":
    main()
