"""How true are the gaps? ``python -m benchmarks.truth [--data FOLDER] [--seeds 1 2 3] [--only ROW ...] [--quick]``.

Writes ``truth.json``, ``truth.md`` and plots. Without ``--data`` only what the sample market gives is measured.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from benchmarks.record import RESULTS
from benchmarks.truth.experiments import EXPERIMENTS, Sets, Unavailable
from benchmarks.truth.plots import draw
from benchmarks.truth.report import markdown, write
from benchmarks.truth.table import COLUMNS, ROWS, table


def main() -> None:
    """Measure what was asked for, and write it down."""
    rows = tuple(dict.fromkeys(one.row for one in EXPERIMENTS))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description="Measure how true gaps are.")
    parser.add_argument("--data", type=Path, help="folder of the labelled sets; without it: the sample market only")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5], help="default: 1 2 3 4 5")
    parser.add_argument("--only", nargs="+", choices=rows, default=rows, metavar="ROW", help=", ".join(rows))
    parser.add_argument("--quick", action="store_true", help="one seed, few draws: does it run?")
    parser.add_argument("--out", type=Path, help="folder of the result; default: benchmarks/results for a full run")
    chosen = parser.parse_args()
    seeds = chosen.seeds[:1] if chosen.quick else chosen.seeds
    figures, curves, about = measured(Sets(chosen.data, chosen.quick), seeds, chosen.only)
    print("\n" + markdown(COLUMNS, table(figures)))
    for name, why in about["not_run"].items():
        print(f"not measured: {name}: {why}")
    full = not chosen.quick and set(chosen.only) == set(rows) and chosen.data is not None
    out = chosen.out or (RESULTS if full else None)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        draw(out, figures, curves)
        write(out, figures, curves, about)
        print(f"written to {out}")
    else:
        print("not a full run: nothing was written (--out FOLDER writes it)")


def measured(
    sets: Sets, seeds: list[int], only: tuple[str, ...] | list[str]
) -> tuple[dict[str, list[float]], dict[str, list[Any]], dict[str, Any]]:
    """Run the experiments for each seed.

    Returns:
        Figures by name and curves by experiment, one value a seed; and what is to be said about the run.
    """
    figures: dict[str, list[float]] = {}
    curves: dict[str, list[Any]] = {}
    not_run: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for seed in seeds:
        for one in EXPERIMENTS:
            if one.row not in only or one.name in not_run:
                continue
            begun = time.monotonic()
            try:
                found, curve = one.run(sets, seed)
            except Unavailable as error:
                not_run[one.name] = str(error)
                continue
            took = time.monotonic() - begun
            seconds[one.name] = round(seconds.get(one.name, 0.0) + took, 1)
            for name, value in found.items():
                figures.setdefault(f"{one.name}.{name}", []).append(round(value, 6))
            if curve:
                curves.setdefault(one.name, []).append([(round(x, 4), round(y, 4)) for x, y in curve])
            _tell(seed, one.name, found, took)
    return figures, curves, {"seeds": seeds, "seconds": seconds, "not_run": not_run}


def _tell(seed: int, name: str, found: dict[str, float], took: float) -> None:
    """A line of what the table will show."""
    asked = {goal.figure for row in ROWS for goal in (*row.naive, *row.goals)}
    told = "  ".join(f"{key} {value:.4f}" for key, value in found.items() if f"{name}.{key}" in asked)
    print(f"seed {seed}  {name}: {told}  ({took:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
