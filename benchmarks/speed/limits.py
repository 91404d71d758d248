"""What this machine can do at the most, measured on the spot: reading memory and files, and gathering at random."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

_WORDS: Final = 1 << 27  # a gibibyte of 8-byte numbers
_GATHERED: Final = 1 << 24
_BLOCK: Final = 1 << 24
_FILE_BLOCKS: Final = 64


def _least(work: Callable[[], Any], rounds: int = 3) -> float:
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def limits(folder: Path) -> dict[str, float]:
    """Gigabytes a second of summing memory and of reading a cached file; million gathers a second from a gibibyte."""
    numbers = np.ones(_WORDS)
    places = np.random.default_rng(1).integers(0, _WORDS, _GATHERED)
    file = folder / "zeros"
    with file.open("wb") as sink:
        for _ in range(_FILE_BLOCKS):
            sink.write(bytes(_BLOCK))

    def read() -> None:
        with file.open("rb", buffering=0) as source:
            while source.read(_BLOCK):
                pass

    def gather() -> None:
        numbers[places].sum()

    return {
        "memory_gb_per_second": round(numbers.nbytes / _least(numbers.sum) / 1e9, 1),
        "file_gb_per_second": round(_FILE_BLOCKS * _BLOCK / _least(read) / 1e9, 1),
        "gathers_million_per_second": round(_GATHERED / _least(gather) / 1e6, 1),
    }
