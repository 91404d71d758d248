"""How true are the gaps? ``python -m benchmarks.truth [--data FOLDER] [--seeds 1 2 3] [--only ROW ...] [--quick]``.

Writes ``truth.json``, ``truth.md`` and plots. Without ``--data`` only what the sample market gives is measured.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.record import RESULTS, machine
from benchmarks.truth.experiments import EXPERIMENTS, Sets, measured
from benchmarks.truth.plots import draw
from benchmarks.truth.report import figures_json, markdown, page
from benchmarks.truth.table import COLUMNS, table


def main() -> None:
    """Measure what was asked for, and write it down."""
    rows = tuple(dict.fromkeys(one.row for one in EXPERIMENTS))
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description="Measure how true gaps are.")
    parser.add_argument("--data", type=Path, help="folder of the labelled sets; without it: the sample market only")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5], help="default: 1 2 3 4 5")
    parser.add_argument("--only", nargs="+", choices=rows, default=rows, metavar="ROW", help=", ".join(rows))
    parser.add_argument("--quick", action="store_true", help="one seed, few draws: does it run?")
    parser.add_argument("--processes", type=int, default=1, help="seeds at a time (default: %(default)s)")
    parser.add_argument("--out", type=Path, help="folder of the result; default: benchmarks/results for a full run")
    chosen = parser.parse_args()
    if chosen.data is not None and not chosen.data.is_dir():
        parser.error(f"there is no folder {chosen.data}")
    seeds = chosen.seeds[:1] if chosen.quick else chosen.seeds
    figures, curves, about = measured(Sets(chosen.data, chosen.quick), seeds, chosen.only, chosen.processes)
    print("\n" + markdown(COLUMNS, table(figures)))
    for name, why in about["not_run"].items():
        print(f"not measured: {name}: {why}")
    full = not chosen.quick and set(chosen.only) == set(rows) and chosen.data is not None
    out = chosen.out or (RESULTS if full else None)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        plots = [path.name for path in draw(out, figures, curves)]
        on = machine()
        (out / "truth.json").write_bytes(figures_json(figures, curves, about, on))
        (out / "truth.md").write_text(page(figures, about, on, plots), encoding="utf-8")
        print(f"written to {out}")
    else:
        print("not a full run: nothing was written (--out FOLDER writes it)")


if __name__ == "__main__":
    main()
