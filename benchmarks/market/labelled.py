"""The labelled lists, read, and the tools that the product reads texts with."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from indexer.dictionary import shipped_dictionary
from indexer.normalize import normalize
from indexer.segment import Segmenter, segmenter_of

GOLD: Final = Path(__file__).with_name("gold")
JUDGES: Final = ("first", "second")
NONE: Final = "-"
_SURE: Final = 100_000  # frequency of the words of a catalogue in the dictionary

Row = dict[str, str]


@cache
def rows_of(name: str, judge: str = "") -> tuple[Row, ...]:
    """The rows of a list.

    Args:
        name: Of its file, without ending.
        judge: One of the two judges; empty: what was settled.
    """
    with (GOLD / judge / f"{name}.tsv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def has(name: str) -> bool:
    """Whether there is such a list."""
    return (GOLD / f"{name}.tsv").is_file()


def parted(cell: str | None) -> list[str]:
    """The parts of a cell whose parts are parted by a bar."""
    return [part for part in (cell or "").split("|") if part and part != NONE]


def segmenter(names: Iterable[str] = ()) -> Segmenter:
    """What cuts texts as the product does, with the names of a catalogue whole."""
    return segmenter_of(shipped_dictionary().extended([(normalize(name), _SURE) for name in names]))
