"""How time and memory grow with notes and with keywords: a first run at three sizes of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import log
from pathlib import Path
from typing import Any, Final

from benchmarks.speed.children import Taken, alternating
from benchmarks.speed.part import Goal, Part
from benchmarks.speed.supply import ours_first, prepare

STEPS: Final = (4, 2, 1)  # the full size over these
MOST: Final = 1.05
FLAT: Final = 1.1  # times the memory of a quarter of the notes
_WAY: Final = "first run"


def exponent(seconds: Mapping[int, float]) -> float:
    """By which power time grows, from the smallest to the largest size."""
    small, large = min(seconds), max(seconds)
    return log(seconds[large] / seconds[small]) / log(large / small)


def measure(folder: Path, note_count: int, keyword_count: int, rounds: int) -> Part:
    """Time first runs of a quarter, a half and all of the notes, then of the keywords."""
    sizes = {(note_count // step, keyword_count) for step in STEPS}
    sizes |= {(note_count, keyword_count // step) for step in STEPS}
    found: dict[tuple[int, int], Taken] = {}
    for notes, keywords in sorted(sizes):
        place = folder / f"{notes}-{keywords}"
        place.mkdir(parents=True)
        prepare(place, notes, keywords)
        found[notes, keywords] = alternating({_WAY: ours_first}, place, rounds)[_WAY]
    by_notes = {notes: one for (notes, keywords), one in found.items() if keywords == keyword_count}
    by_keywords = {keywords: one for (notes, keywords), one in found.items() if notes == note_count}
    memory = by_notes[max(by_notes)].peak_mib / by_notes[min(by_notes)].peak_mib
    rows: list[Sequence[object]] = [
        (f"{notes:,}", f"{keywords:,}", f"{one.seconds:.1f}", f"{one.peak_mib:,.0f}")
        for (notes, keywords), one in sorted(found.items())
    ]
    figures: dict[str, Any] = {
        f"{notes} notes, {keywords} keywords": asdict(one) for (notes, keywords), one in sorted(found.items())
    }
    return Part(
        about="A first run of the project (segmenting, forward index, all statistics) at several sizes.",
        columns=("notes", "keywords", "seconds", "peak MiB"),
        rows=rows,
        goals=(
            Goal("growth in notes, exponent", exponent(_seconds(by_notes)), MOST, least=False),
            Goal("growth in keywords, exponent", exponent(_seconds(by_keywords)), MOST, least=False),
            Goal("memory of all notes against a quarter of them", memory, FLAT, least=False),
        ),
        figures=figures,
    )


def _seconds(taken: Mapping[int, Taken]) -> dict[int, float]:
    return {size: one.seconds for size, one in taken.items()}
