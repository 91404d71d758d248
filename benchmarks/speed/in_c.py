"""The compiled kernel beside the same in C (``kernel.c``, -O3): the share of the machine's speed that is reached.

Both get the same blocks of notes and the same plan, on one processor, and have to leave the same tally behind.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.speed.children import Way, Work, alternating
from benchmarks.speed.part import WAYS as WAYS_COLUMNS
from benchmarks.speed.part import Goal, Part, way_rows
from benchmarks.speed.supply import asked_of, indexed_notes
from indexer.stores.matching.encode import chunks, number_terms
from indexer.stores.matching.kernel import Block, Room, Tally, block_of, match_block, room_for
from indexer.stores.matching.match import Encoder, empty_tally, weights_of
from indexer.stores.matching.plan import Plan, make_plan

_LIBRARY: Final = "kernel.so"
_SOURCE: Final = Path(__file__).with_name("kernel.c")
_SINCE: Final = date(2026, 1, 1)

Array = npt.NDArray[Any]
Matcher = Callable[[Block, Plan, Tally, Room], None]


def compile_it(folder: Path) -> None:
    """Compile the C source into the folder."""
    command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", "-o", str(folder / _LIBRARY), str(_SOURCE)]
    subprocess.run(command, check=True)


def _pointers(arrays: Sequence[Array]) -> Any:
    """A C structure of pointers."""
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))


def _matcher_in_c(folder: Path) -> Matcher:
    library = ctypes.CDLL(str(folder / _LIBRARY))

    def match(block: Block, plan: Plan, tally: Tally, room: Room) -> None:
        sizes = ctypes.c_int64(len(block.preference)), ctypes.c_int64(len(plan.keywords))
        library.match_block(
            *sizes,
            _pointers([*block.text, *block.headline, *block[2:]]),
            _pointers([plan.starts, plan.terms, plan.weights]),
            _pointers([tally.counts, *tally.heaps]),
            _pointers(room),
        )

    return match


def _work(folder: Path, matcher: Matcher) -> Work:
    queries = asked_of(folder)
    vocabulary, keywords = number_terms(queries.terms)
    terms = len(vocabulary)
    encoder = Encoder(vocabulary, _SINCE)
    encoded = [encoder(batch) for batch in chunks(indexed_notes(folder))]
    frequency = np.sum([held for _, _, held in encoded], axis=0)
    weights = weights_of(vocabulary, keywords, queries)
    plan = make_plan(np.arange(len(keywords)), keywords, frequency, weights, floor_per_mille=500, best=50)
    preferences = np.arange(sum(len(chunk) for _, chunk, _ in encoded), dtype=np.int64)[::-1].copy()
    ends = np.cumsum([len(chunk) for _, chunk, _ in encoded])[:-1]
    blocks = [
        block_of(chunk, preference, terms)
        for (_, chunk, _), preference in zip(encoded, np.split(preferences, ends), strict=True)
    ]

    def work() -> list[int]:
        tally = empty_tally(plan)
        for block in blocks:
            matcher(block, plan, tally, room_for(plan, len(block.preference)))
        return [*tally.counts.sum(0).tolist(), int(tally.heaps.cutoff.sum()), int(tally.heaps.keys.sum())]

    work()  # compiles the kernel, and warms the caches of both
    return work


def in_numba(folder: Path) -> Work:
    """The project's kernel."""
    return _work(folder, match_block)


def in_c(folder: Path) -> Work:
    """The same in C."""
    return _work(folder, _matcher_in_c(folder))


WAYS: Final[dict[str, Way]] = {"C -O3": in_c, "gapfinder": in_numba}


def measure(folder: Path, rounds: int) -> Part:
    """Time both on the notes that lie there (see :func:`benchmarks.speed.supply.prepare`)."""
    compile_it(folder)
    taken = alternating(WAYS, folder, rounds)
    ratio = taken["C -O3"].seconds / taken["gapfinder"].seconds
    keywords = len(asked_of(folder).terms)
    return Part(
        about="The compiled kernel alone, all statistics on one processor, beside the same in C (-O3 -march=native).",
        columns=WAYS_COLUMNS,
        rows=way_rows(taken, lambda _: keywords, "keywords", "C -O3"),
        goals=(Goal("the kernel against the same in C", ratio, 0.65, least=True),),
        figures={way: asdict(one) for way, one in taken.items()},
    )
