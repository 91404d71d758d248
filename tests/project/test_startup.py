"""Starting costs little: help comes at once, and what was compiled once on a machine is read from its disk."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.project.tree import ROOT

HELP_SECONDS = 0.3

KERNELS = """
import json, pkgutil
from importlib import import_module
from numba.core.dispatcher import Dispatcher
import indexer.stores.matching as package
names = [found.name for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
found = {}
for module in map(import_module, names):
    for name, value in vars(module).items():
        if isinstance(value, Dispatcher) and value.stats.cache_path and value.__module__ == module.__name__:
            found[f"{module.__name__}.{name}"] = [sum(value.stats.cache_hits.values()), len(value.nopython_signatures)]
print(json.dumps(found))
"""


def processor_seconds(work: Callable[[], object]) -> float:
    """What the children of this process take for some work, whatever else the machine does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_comes_at_once() -> None:
    def ask() -> None:
        subprocess.run([sys.executable, "-m", "gapfinder", "--help"], cwd=ROOT, capture_output=True, check=True)

    assert min(processor_seconds(ask) for _ in range(3)) < HELP_SECONDS


def kernels(cache: Path) -> dict[str, list[int]]:
    """Of each kernel in a new process: how often it came from the disk, and how often it is there."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, "-c", KERNELS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


def test_kernels_are_compiled_once_a_machine(tmp_path: Path) -> None:
    first, second = kernels(tmp_path), kernels(tmp_path)
    assert len(first) >= 2
    assert all(hits == 0 for hits, _ in first.values()), "the folder was empty"
    assert all(hits == there > 0 for hits, there in second.values()), second
    assert set(first) == set(second)
