"""The compiled kernel beside the same in C (``kernel.c``, -O3): the share of the machine's speed that is reached.

Both get the same encoded notes and the same plan, on one processor, and have to leave the same tally behind.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable
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
from indexer.stores.matching.kernel import Scratch, Tally, add_frequencies, match_chunk
from indexer.stores.matching.match import Encoder, empty_tally, weights_of
from indexer.stores.matching.plan import I8, Plan, make_plan
from indexer.stores.matching.spill import Chunk

_LIBRARY: Final = "kernel.so"
_SOURCE: Final = Path(__file__).with_name("kernel.c")
_PLAN: Final = (
    "filed", "also_starts", "also_keyword", "also_place", "also_bound", "term_starts", "terms", "weights", "total",
    "sequence_starts", "sequence", "anchor", "heap_starts",
)  # fmt: skip  # the fields of plan_t
_SINCE: Final = date(2026, 1, 1)

Array = npt.NDArray[Any]
Matcher = Callable[[Chunk, I8, Plan, Tally, Scratch], None]


def compile_it(folder: Path) -> None:
    """Compile the C source into the folder."""
    command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", "-o", str(folder / _LIBRARY), str(_SOURCE)]
    subprocess.run(command, check=True)


def _pointers(arrays: list[Array]) -> Any:
    """A C structure of pointers."""
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))


def _matcher_in_c(folder: Path) -> Matcher:
    library = ctypes.CDLL(str(folder / _LIBRARY))

    def match(chunk: Chunk, preference: I8, plan: Plan, tally: Tally, scratch: Scratch) -> None:
        planned = _pointers([getattr(plan, name) for name in _PLAN])
        tallied = _pointers(list(tally))
        plain = [ctypes.c_void_p(array.ctypes.data) for array in (*chunk, preference)]
        room = [ctypes.c_void_p(array.ctypes.data) for array in scratch]
        library.match_chunk(ctypes.c_int64(len(chunk.fresh)), *plain, planned, tallied, *room)

    return match


def _work(folder: Path, matcher: Matcher) -> Work:
    queries = asked_of(folder)
    vocabulary, keywords = number_terms(queries.terms)
    encoder = Encoder(vocabulary, _SINCE)
    # Copies, since the kernel is compiled for arrays that can be written to, as those are that come from a file.
    encoded = [Chunk(*map(np.array, encoder(batch)[1])) for batch in chunks(indexed_notes(folder))]
    frequency = np.zeros(len(vocabulary), np.int64)
    for chunk in encoded:
        add_frequencies(chunk.text_starts, chunk.text_ids, frequency, np.zeros(len(vocabulary), np.int32))
    weights = weights_of(vocabulary, keywords, queries)
    numbers = np.arange(len(keywords))
    plan = make_plan(numbers, keywords, frequency, weights, floor_per_mille=500, best=50)
    preferences = np.arange(sum(len(chunk.fresh) for chunk in encoded), dtype=np.int64)[::-1].copy()
    starts = np.cumsum([0, *(len(chunk.fresh) for chunk in encoded)])
    longest = max(max(len(chunk.text_ids), len(chunk.headline_ids)) for chunk in encoded)

    def work() -> list[int]:
        tally = empty_tally(plan)
        scratch = Scratch(*np.zeros((2, len(vocabulary)), np.int32), *np.empty((2, longest), np.int32))
        for chunk, start in zip(encoded, starts.tolist(), strict=False):
            scratch.stamp[:] = 0
            matcher(chunk, preferences[start : start + len(chunk.fresh)], plan, tally, scratch)
        return [*tally.counts.sum(0).tolist(), int(tally.cutoff.sum()), int(tally.heap.sum())]

    work()  # compiles the kernel, and warms the caches of both
    return work


def in_numba(folder: Path) -> Work:
    """The project's kernel."""
    return _work(folder, match_chunk)


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
