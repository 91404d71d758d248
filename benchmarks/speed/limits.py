"""What this machine can do at the most, measured on the spot: reading memory and files, and gathering at random."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.kernel import seconds
from benchmarks.speed.part import Part

_WORDS: Final = 1 << 27  # a gibibyte of 8-byte numbers
_GATHERED: Final = 1 << 24
_BLOCK: Final = 1 << 24
_FILE_BLOCKS: Final = 64


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
        "memory, GB/s summed": round(numbers.nbytes / seconds(numbers.sum) / 1e9, 1),
        "cached file, GB/s read": round(_FILE_BLOCKS * _BLOCK / seconds(read) / 1e9, 1),
        "random reads of memory, million/s": round(_GATHERED / seconds(gather) / 1e6, 1),
    }


def measure(folder: Path) -> Part:
    """The limits of the machine on one processor."""
    found = limits(folder)
    return Part(
        about="What one processor of this machine does at the most.",
        columns=("limit", "reached"),
        rows=list(found.items()),
        figures=found,
    )
