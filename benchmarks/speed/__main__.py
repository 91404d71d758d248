"""Measure speed against peers in one run: ``python -m benchmarks.speed [PART ...] [--notes N] [--keywords N] ...``.

Ratios hold; seconds depend on the machine and on what else it does. Each part is one run of its own, in which all ways
take turns; parts that are not named keep their last result. All of it is ``benchmarks/results/speed.md``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.record import RESULTS, machine
from benchmarks.speed import daily, elastic, growth, imports, in_c, limits, logs, reads, segmentation, supply
from benchmarks.speed.children import ROUNDS
from benchmarks.speed.part import Goal, Part

_FILE: Final = "speed.json"
_PLOT: Final = "speed.svg"


def _kernel(folder: Path, chosen: argparse.Namespace) -> Part:
    supply.prepare(folder, min(chosen.notes, 200_000), chosen.keywords)
    return in_c.measure(folder, chosen.rounds)


PARTS: Final[dict[str, tuple[str, Callable[[Path, argparse.Namespace], Part]]]] = {
    "limits": ("The machine", lambda folder, _: limits.measure(folder)),
    "segmenting": ("Segmenting", lambda folder, of: segmentation.measure(folder, of.texts, of.rounds)),
    "import": ("Import", lambda folder, of: imports.measure(folder, of.imported, of.imported * 5, of.rounds)),
    "log": ("Log", lambda folder, of: logs.measure(folder, of.rows, of.rounds)),
    "large-log": ("A large log", lambda folder, of: logs.large(folder, of.large)),
    "supply": ("Supply", lambda folder, of: supply.measure(folder, of.notes, of.keywords, of.rounds)),
    "elasticsearch": ("Elasticsearch", lambda folder, of: elastic.measure(folder, of.notes, of.keywords, of.rounds)),
    "kernel": ("Kernel", _kernel),
    "growth": ("Growth", lambda folder, of: growth.measure(folder, of.notes, of.keywords, 1)),
    "daily": ("A day", lambda folder, of: daily.measure(folder, of.notes, of.searches, of.min_searches)),
    "http": ("Reads over HTTP", lambda folder, of: reads.part(folder, of.rounds)),
}


def main() -> None:
    """Measure the parts that are named, or all, and keep the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description="Speed against peers, in one run.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; default: all")
    sizes: dict[str, tuple[int, str]] = {
        "notes": (200_000, "notes that keywords are counted against"),
        "keywords": (100_000, "keywords"),
        "texts": (20_000, "notes to cut"),
        "imported": (40_000, "notes to import; five times as many searches"),
        "rows": (5_000_000, "rows of the log"),
        "large": (100_000_000, "rows of the large log"),
        "searches": (1_200_000, "searches of the store that gets a day more"),
        "min-searches": (2, "what makes a query a keyword there"),
        "rounds": (ROUNDS, "turns of each way"),
    }
    for name, (size, told) in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size, help=f"{told} (default: %(default)s)")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    for name in chosen.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="speed-") as folder:
            part = PARTS[name][1](Path(folder), chosen)
        _keep(name, part)
        print(f"{_table(name, asdict(part))}\n")


def _keep(name: str, part: Part) -> None:
    """Put a part among the kept ones, and write the page and the plot anew."""
    path = RESULTS / _FILE
    kept: dict[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {"parts": {}}
    kept["parts"][name] = asdict(part)
    kept["machine"] = machine()
    RESULTS.mkdir(exist_ok=True)
    path.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    there = {name: kept["parts"][name] for name in PARTS if name in kept["parts"]}
    (RESULTS / "speed.md").write_text(page(there, kept["machine"]), encoding="utf-8")
    from benchmarks.speed import plot  # noqa: PLC0415 - a library that tests do not need

    if bars := {PARTS[name][0]: part["bars"] for name, part in there.items() if part["bars"]}:
        plot.draw(RESULTS / _PLOT, bars)


def page(parts: Mapping[str, Any], on: Mapping[str, Any]) -> str:
    """The page of results: what was to be reached, then each part."""
    goals = [Goal(**goal) for part in parts.values() for goal in part["goals"]]
    rows = [
        (
            goal.name,
            f"{goal.reached:.2f}",
            f"{'>=' if goal.least else '<='} {goal.limit:g}",
            "yes" if goal.met else "no",
        )
        for goal in goals
    ]
    missed = [f"- {goal.name}: {goal.why}." for goal in goals if not goal.met and goal.why]
    where = ", ".join(f"{key} {value}" for key, value in on.items())
    head = (
        "# speed\n\nWays that do the same work take turns in processes of their own; the least time counts, and all "
        "have to give the same answer.\nRatios hold on other machines, seconds do not.\n\n"
    )
    return (
        head
        + _lines(("to reach", "reached", "limit", "met"), rows)
        + ("\n\nNot reached:\n\n" + "\n".join(missed) if missed else "")
        + f"\n\n![How fast each way is against its peer]({_PLOT})\n\n"
        + "\n\n".join(_table(name, part) for name, part in parts.items())
        + f"\n\nMeasured on: {where}.\n"
    )


def _table(name: str, part: Mapping[str, Any]) -> str:
    return f"## {PARTS[name][0]}\n\n{part['about']}\n\n{_lines(part['columns'], part['rows'])}"


def _lines(columns: Any, rows: Any) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    main()
