"""Run the benchmarks: ``python -m benchmarks [NAME ...] [--scale 0.1]``; results go to ``benchmarks/results``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final

from benchmarks import backtest, cost, kernel, memory, scale

BENCHMARKS: Final[dict[str, Callable[[float], None]]] = {
    "backtest": backtest.main,
    "cost": cost.main,
    "kernel": kernel.main,
    "memory": memory.main,
    "scale": scale.main,
}


def main() -> None:
    """Run those that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure and keep the results.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size (default: %(default)s)")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    for name in chosen.names or BENCHMARKS:
        BENCHMARKS[name](chosen.scale)


if __name__ == "__main__":
    main()
