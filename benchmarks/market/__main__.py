"""How well is the market understood? ``python -m benchmarks.market [--data FOLDER] [--pool FILE] [--out FOLDER]``.

Writes ``market.json`` and ``market.md``, and ``agreement.md`` beside the labelled lists. Without ``--data`` what needs
real texts is not measured, and no result is written. ``--pool`` only writes the terms that are still to be judged.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.market.agreement import write_agreement
from benchmarks.market.experiments import measured
from benchmarks.market.points import pool
from benchmarks.market.report import figures_json, markdown, page
from benchmarks.market.table import COLUMNS, short, table
from benchmarks.record import RESULTS, machine


def main() -> None:
    """Measure, and write it down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.market", description="Measure what is understood.")
    parser.add_argument("--data", type=Path, help="folder of real texts; without it: labelled lists and sample market")
    parser.add_argument("--pool", type=Path, metavar="FILE", help="write the terms to judge there, and stop")
    parser.add_argument("--out", type=Path, help="folder of the result; default: benchmarks/results with --data")
    chosen = parser.parse_args()
    if chosen.data is not None and not chosen.data.is_dir():
        parser.error(f"there is no folder {chosen.data}")
    if chosen.pool is not None:
        if chosen.data is None:
            parser.error("--pool needs --data")
        print(f"{pool(chosen.data, chosen.pool)} terms to judge: {chosen.pool}")
        return
    write_agreement()
    result = measured(chosen.data)
    print("\n" + markdown(COLUMNS, table(result.figures)) + "\n")
    for line in (*short(result.figures), *(f"not measured: {why}" for why in result.missing)):
        print(line)
    out = chosen.out or (RESULTS if chosen.data is not None else None)
    if out is None:
        print("no real texts: no result was written (--out FOLDER writes it)")
        return
    out.mkdir(parents=True, exist_ok=True)
    on = machine()
    (out / "market.json").write_bytes(figures_json(result, on))
    (out / "market.md").write_text(page(result, on), encoding="utf-8")
    print(f"written to {out}")


if __name__ == "__main__":
    main()
