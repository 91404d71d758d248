"""What an export looks like, as data: the columns it is known by, what each one becomes, and in which unit it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from indexer.reading.chunks import Chunk, Column
from indexer.reading.personal import folded_name


class Unit(StrEnum):
    """How the figures of a column are expressed, where it is not how they are stored."""

    PLAIN = "plain"
    FEN = "fen"  # hundredths of a yuan
    PERCENT = "percent"  # 50.00 is 0.5, with or without the sign
    RANGE_LOW = "range_low"  # the lower end of 0.35-2.17
    RANGE_HIGH = "range_high"
    LEVEL = "level"  # 低 1, 中 2, 高 3
    LEVEL_REVERSED = "level_reversed"  # 1 is high: stored as 4 - value
    NOTE_URL = "note_url"  # the id is the last part of the address' path


@dataclass(frozen=True, slots=True)
class Target:
    """The field a column becomes."""

    field: str
    unit: Unit = Unit.PLAIN


Targets = Mapping[str, tuple[Target, ...]]


def targets(text: str, **units: Unit) -> dict[str, tuple[Target, ...]]:
    """Targets from lines ``their column > our field``; ``units`` are by our field. A column may be named twice."""
    made: dict[str, tuple[Target, ...]] = {}
    for line in text.strip().splitlines():
        theirs, ours = (part.strip() for part in line.split(">"))
        name = folded_name(theirs)
        made[name] = (*made.get(name, ()), Target(ours, units.get(ours, Unit.PLAIN)))
    return made


def names(text: str) -> frozenset[str]:
    """Column names parted by commas, folded."""
    return frozenset(folded_name(name) for name in text.replace("\n", ",").split(",") if name.strip())


@dataclass(frozen=True, slots=True)
class Format:
    """One known export.

    Attributes:
        name: What users call it.
        record: The record its rows are.
        signature: Folded names of columns that are all there in this export and together in no other.
        columns: Folded column names and the fields they become.
        known: Folded names of columns that are known and have no place in the record.
        constants: Values of fields that no column holds.
        empties: Texts that mean "nothing" here.
        prepare: Changes a chunk before its columns are mapped (their names are as in the file).
        merge: Whether a row adds to a record that is there already instead of replacing it.
        split_by: Folded names of columns that part rows with the same id into records of their own.
        prefixed: A column is known by what stands behind its last ``-``.
    """

    name: str
    record: str
    signature: frozenset[str]
    columns: Targets
    known: frozenset[str] = frozenset()
    constants: Mapping[str, Any] = field(default_factory=dict)
    empties: frozenset[str] = frozenset()
    prepare: Callable[[Chunk], Chunk] | None = None
    merge: bool = False
    split_by: tuple[str, ...] = ()
    prefixed: bool = False


def column(chunk: Chunk, name: str) -> Column | None:
    """The column of a chunk whose folded name is ``name``."""
    found = chunk.columns.get(name)
    if found is not None:
        return found
    return next((column for theirs, column in chunk.columns.items() if folded_name(theirs) == name), None)


def cells(chunk: Chunk, name: str) -> list[Any]:
    """The values of that column, or as many None."""
    found = column(chunk, name)
    if found is None:
        return [None] * len(chunk)
    return found if isinstance(found, list) else found.to_pylist()
