"""Tables on a terminal: as many columns as fit, the keyword always whole as far as possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

_LEAST_KEYWORD: Final = 12  # cells a keyword keeps before columns are left out
_MOST_KEYWORD: Final = 40
_BETWEEN: Final = 2  # cells between two columns

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[_Row]):
    """A column: title, how it is read, and when it is left out on a narrow screen (0: never, 1: first)."""

    title: str
    read: Callable[[_Row], Text]
    leave: int = 0
    justify: Literal["left", "center", "right"] = "right"


def fitted_table(chosen: Sequence[Column[_Row]], rows: Sequence[_Row], width: int) -> Table:
    """The table for a screen of ``width`` cells; numbers are never cut, columns are left out instead.

    The first column is the keyword, the only one that may be folded into several lines.
    """
    first, columns = chosen[0], list(chosen)
    cells = {column.title: [column.read(row) for row in rows] for column in chosen}

    def needed(column: Column[_Row]) -> int:
        return max([cell_len(column.title), *(text.cell_len for text in cells[column.title])])

    number = len(str(len(rows)))
    keyword = min(needed(first), _MOST_KEYWORD)
    while True:
        others = sum(needed(column) + _BETWEEN for column in columns[1:])
        room = width - number - _BETWEEN - others
        droppable = [column for column in columns if column.leave]
        if room >= keyword or (room >= _LEAST_KEYWORD and not droppable) or not droppable:
            break
        least = min(column.leave for column in droppable)
        columns = [column for column in columns if column.leave != least]
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, _BETWEEN, 0, 0))
    table.add_column("#", justify="right", no_wrap=True)
    for column in columns:
        if column is first:
            table.add_column(column.title, overflow="fold", max_width=max(room, 4))
        else:
            table.add_column(column.title, justify=column.justify, no_wrap=True, min_width=needed(column))
    for place in range(len(rows)):
        table.add_row(str(place + 1), *(cells[column.title][place] for column in columns))
    return table
