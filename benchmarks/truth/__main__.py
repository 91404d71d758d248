"""How true are the gaps? ``python -m benchmarks.truth [--data DIR] [--seeds 1 2 3] [--only missing ...] [--quick]``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.truth.data import ANSWERS, PAIRS, read_answers, read_pairs
from benchmarks.truth.missing import all_but_one, hidden_answers, near_misses


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--only", nargs="+", default=["missing", "answers", "near"])
    chosen = parser.parse_args()
    pairs, answers = read_pairs(chosen.data / PAIRS), read_answers(chosen.data / ANSWERS)
    for seed in chosen.seeds:
        for name, function, data in (
            ("missing", hidden_answers, pairs),
            ("answers", hidden_answers, answers),
            ("answers", all_but_one, answers),
            ("near", near_misses, pairs),
        ):
            if name in chosen.only:
                begun = time.monotonic()
                figures = function(data, seed)
                told = "  ".join(f"{key} {value:.4f}" for key, value in figures.items())
                print(f"seed {seed}  {name} {function.__name__}: {told}  ({time.monotonic() - begun:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
