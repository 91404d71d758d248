"""Names that are close to one that is not there, for hints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rapidfuzz import fuzz, process

from indexer.normalize import normalize

_CLOSE: Final = 45.0  # of 100, from which a name is close to another
_MOST_CLOSE: Final = 3
_MOST_NAMED: Final = 10


def closest(wanted: str, names: Sequence[str]) -> list[str]:
    """The names that are closest to another, closest first; none where none is close."""
    found = process.extract(normalize(wanted), names, scorer=fuzz.ratio, score_cutoff=_CLOSE, limit=_MOST_CLOSE)
    return [name for name, _, _ in found]


def close_names(wanted: str, names: Sequence[str], what: str) -> str | None:
    """What may have been meant, or what there is; None where there is nothing."""
    close = closest(wanted, names)
    if close:
        return "close: " + ", ".join(close)
    return f"{what}: " + ", ".join(names[:_MOST_NAMED]) if names else None
