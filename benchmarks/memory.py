"""What a large import and analysis need: peak memory of the whole process tree, and seconds, through the command line.

The mark is 200,000 notes and 2,000,000 searches under 2 GB of summed memory. Two sums are kept: resident memory (RSS),
which counts pages that processes share once for each of them, and proportional memory (PSS, Linux only), which counts
them once.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.record import keep
from benchmarks.synthetic import write_market

NOTES: Final = 200_000
SEARCHES: Final = 2_000_000
LIMIT: Final = 2e9  # bytes
_PAUSE: Final = 0.1  # seconds between two looks at the process tree
_PROPORTIONAL: Final = 20  # every so many looks PSS is read too, which takes the kernel some time


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took: bytes at their peak (``pss`` None where the system has no such figure) and seconds."""

    command: str
    seconds: float
    rss: int
    pss: int | None
    processes: int


def run(command: str, *arguments: str) -> Cost:
    """Run a command of gapfinder and watch its process tree.

    Raises:
        SystemExit: The command failed; what it said is shown.
    """
    started = time.perf_counter()
    rss = pss = processes = 0
    with tempfile.TemporaryFile() as said:
        line = [sys.executable, "-m", "gapfinder", command, *arguments]
        child = subprocess.Popen(line, stdout=said, stderr=subprocess.STDOUT)
        for look in count():
            if child.poll() is not None:
                break
            seen = _tree(psutil.Process(child.pid), proportional=look % _PROPORTIONAL == 0)
            rss, pss, processes = max(rss, seen[0]), max(pss, seen[1]), max(processes, seen[2])
            time.sleep(_PAUSE)
        seconds = time.perf_counter() - started
        said.seek(0)
        text = said.read().decode(errors="replace")
    if child.returncode != 0:
        raise SystemExit(f"gapfinder {command} ended with {child.returncode}:\n{text}")
    print(f"{command}: {seconds:.1f} s, RSS {rss / 1e6:.0f} MB, PSS {pss / 1e6:.0f} MB, {processes} processes")
    return Cost(command, round(seconds, 1), rss, pss or None, processes)


def _tree(root: psutil.Process, *, proportional: bool) -> tuple[int, int, int]:
    """Summed RSS and (where asked for) PSS of a process and all below it, and how many they are."""
    rss = pss = alive = 0
    try:
        members = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0, 0, 0
    for process in members:
        try:
            rss += process.memory_info().rss
            pss += getattr(process.memory_full_info(), "pss", 0) if proportional else 0
        except psutil.Error:  # it has just ended
            continue
        alive += 1
    return rss, pss, alive


def main(scale: float = 1.0, *, folder: Path | None = None) -> None:
    """Make a market, import it, analyze it, and keep what that took.

    Args:
        scale: Share of 200,000 notes and 2,000,000 searches.
        folder: Where the files and the store go; default: a temporary folder that is removed.
    """
    notes, searches = int(NOTES * scale), int(SEARCHES * scale)
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        files = write_market(place, notes, searches)
        store = ["--store", str(place / "store")]
        costs = [run("import", *map(str, files), *store), run("analyze", *store)]
        sizes = {path.name: path.stat().st_size for path in files}
    peak = max(cost.rss for cost in costs)
    figures: dict[str, Any] = {
        "notes": notes,
        "searches": searches,
        "file_bytes": sizes,
        "commands": [asdict(cost) for cost in costs],
        "peak_rss": peak,
        "limit": LIMIT,
        "within_limit": peak < LIMIT,
    }
    title = (
        f"{notes:,} notes and {searches:,} searches through the command line: peak summed memory of the process tree"
        f" {peak / 1e9:.2f} GB ({'within' if peak < LIMIT else 'OVER'} the limit of {LIMIT / 1e9:.0f} GB)."
    )
    rows = [
        [
            f"`gapfinder {cost.command}`",
            f"{cost.seconds:.0f}",
            f"{cost.rss / 1e6:.0f}",
            "" if cost.pss is None else f"{cost.pss / 1e6:.0f}",
            cost.processes,
        ]
        for cost in costs
    ]
    keep("memory", title, figures, ["command", "seconds", "RSS MB", "PSS MB", "processes"], rows)
