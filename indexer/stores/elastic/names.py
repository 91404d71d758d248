"""Names of indices, aliases and documents: the only place where strings are made into them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from indexer.errors import UsageError
from indexer.records import RECORDS, SEARCH

WHOLE: Final = ""  # the only part of a record that is not split by month
UNDATED: Final = "undated"
BY_MONTH: Final = (SEARCH.name,)  # records that lie in one index a month
_PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
DEFAULT_PREFIX: Final = "gapfinder"


@dataclass(frozen=True, slots=True)
class Names:
    """The names that belong to one store of a cluster.

    Args:
        prefix: What they all begin with.
    """

    prefix: str

    def __post_init__(self) -> None:
        if _PREFIX.fullmatch(self.prefix) is None:
            raise UsageError(
                f"{self.prefix!r} can't be the beginning of index names",
                hint="after the port, write small letters, digits, - and _ only: http://localhost:9200/gapfinder",
            )

    @property
    def meta(self) -> str:
        """Index of the store's own documents: what it is, its manifests, its lease."""
        return f"{self.prefix}-meta"

    @property
    def runs(self) -> str:
        """Index with one document a run."""
        return f"{self.prefix}-runs"

    @property
    def run_rows(self) -> str:
        """Index of the rows of runs."""
        return f"{self.prefix}-run-rows"

    @property
    def guard(self) -> str:
        """Index template that keeps a write from making an index."""
        return f"{self.prefix}-guard"

    def template(self, record: str) -> str:
        """Index template of a record that lies in one index a month."""
        return f"{self.prefix}-{record}-months"

    def alias(self, record: str) -> str:
        """Alias of a record's newest published indices, for people and other programs."""
        return f"{self.prefix}-{record}"

    def index(self, record: str, generation: int, mark: str, part: str = WHOLE) -> str:
        """The index of a record's part in a generation; the writer's mark keeps two writers apart for ever."""
        name = f"{self.prefix}-{record}-g{generation:06d}-{mark}"
        return f"{name}-{part}" if part else name

    def pattern(self, record: str) -> str:
        """Pattern of all indices of a record, of whatever generation."""
        return f"{self.prefix}-{record}-g*"

    def patterns(self) -> list[str]:
        """Patterns of all indices of the store that have no template of their own."""
        return [self.meta, self.runs, self.run_rows, *(self.pattern(one) for one in RECORDS if one not in BY_MONTH)]

    def generation(self, index: str) -> tuple[str, int, str] | None:
        """Record, generation and part of one of :meth:`index`'s names; None for any other name."""
        for record in RECORDS:
            found = re.fullmatch(
                rf"{re.escape(self.prefix)}-{record}-g(\d{{6,}})-[0-9a-f]+(?:-([0-9]{{6}}|{UNDATED}))?", index
            )
            if found and (found[2] is None or record in BY_MONTH):
                return record, int(found[1]), found[2] or WHOLE
        return None


def parts_of(names: Names, indices: Iterable[str]) -> dict[str, str]:
    """The indices of one record by part."""
    parts: dict[str, str] = {}
    for index in indices:
        found = names.generation(index)
        if found is not None:
            parts[found[2]] = index
    return parts
