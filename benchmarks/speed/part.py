"""One part of the speed benchmark: ways that did the same work, and what was to be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.speed.children import Taken


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to be reached.

    Attributes:
        name: What.
        reached: The figure.
        limit: What it is held against.
        least: Whether the figure has to be at least the limit, or at most.
        why: Where it is not reached, why not.
    """

    name: str
    reached: float
    limit: float
    least: bool
    why: str = ""

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.reached >= self.limit if self.least else self.reached <= self.limit


@dataclass(frozen=True, slots=True)
class Part:
    """What one part measured.

    Attributes:
        about: What was measured, in a sentence or two.
        columns: Heads of the table.
        rows: Its rows.
        goals: What was to be reached.
        figures: Everything measured, as JSON values.
        bars: For a plot: a label and a figure each.
    """

    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    goals: Sequence[Goal] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    bars: Mapping[str, float] = field(default_factory=dict)


WAYS: Sequence[str] = ("way", "seconds", "speed", "ratio", "peak MiB")


def way_rows(
    taken: Mapping[str, Taken], amount: Callable[[str], int], unit: str, against: str
) -> list[Sequence[object]]:
    """A row for each way: its time, what it did in a second, that against another way, and its memory."""
    first = amount(against) / taken[against].seconds
    return [
        (
            name,
            f"{one.seconds:.2f}",
            f"{amount(name) / one.seconds:,.0f} {unit}/s",
            f"{amount(name) / one.seconds / first:.2f}",
            f"{one.peak_mib:,.0f}",
        )
        for name, one in taken.items()
    ]
