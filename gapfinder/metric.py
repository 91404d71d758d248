"""What is declared of a column of a gap: name, Chinese label, unit, formula, range, direction and caveat."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """What a larger value says."""

    GAP = "gap"  # a larger value means a larger gap
    SERVED = "served"  # a larger value means that people are better served
    NONE = "none"  # says nothing by itself


@dataclass(frozen=True, slots=True)
class Metric:
    """One column of a gap.

    Attributes:
        name: Field name in :class:`gapfinder.results.Gap`.
        label: Chinese name, as the report and the workbook head the column.
        unit: Unit of the value; ``text``, ``list`` and ``object`` for columns that are no number.
        formula: How it is made, in English, for the command line, HTTP and docs.
        method: How it is made, in Chinese, for the page.
        least, most: Range of the value; None where there is no bound.
        direction: What a larger value says.
        caveat: What it does not say, in Chinese; empty when there is nothing to add.
    """

    name: str
    label: str
    unit: str
    formula: str
    method: str
    least: float | None = None
    most: float | None = None
    direction: Direction = Direction.NONE
    caveat: str = ""

    @property
    def header(self) -> str:
        """The bilingual column head, for example ``searches 搜索次数``."""
        return f"{self.name} {self.label}"

    @property
    def range(self) -> str:
        """The range in words, for example ``0 to 1`` or ``from 0``; empty when there is no bound."""
        if self.least is None:
            return ""
        return f"from {self.least:g}" if self.most is None else f"{self.least:g} to {self.most:g}"
