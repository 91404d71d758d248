"""Results of benchmarks as files: figures in JSON, a short table in Markdown, with versions and machine beside them."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import orjson
import psutil

RESULTS: Final = Path(__file__).with_name("results")
_PACKAGES: Final = ("deltalake", "duckdb", "elasticsearch", "numba", "numpy", "polars", "pyarrow", "rjieba")


def machine() -> dict[str, Any]:
    """What the figures depend on: processor, memory, system, Python and packages."""
    return {
        "processor": _processor(),
        "processors": _processors(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: _version(package) for package in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # what only some benchmarks need
        return "not installed"


def _processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"


def keep(
    name: str, title: str, figures: dict[str, Any], columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Write ``results/NAME.json`` and ``results/NAME.md``, and print the table.

    Args:
        name: Of the benchmark.
        title: One sentence that says what was measured.
        figures: Everything measured.
        columns: Heads of the table for people.
        rows: Its rows.
    """
    on = machine()
    RESULTS.mkdir(exist_ok=True)
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    (RESULTS / f"{name}.json").write_bytes(orjson.dumps({**figures, "machine": on}, option=options))
    lines = [columns, ["---"] * len(columns), *rows]
    table = "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
    where = ", ".join(f"{key} {value}" for key, value in on.items())
    text = f"# {name}\n\n{title}\n\n{table}\n\nMeasured on: {where}.\n"
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    print(f"{title}\n\n{table}\n")
