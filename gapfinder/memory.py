"""How much memory the log may take, as users write it."""

from __future__ import annotations

import re
from typing import Final

from indexer.errors import UsageError

MEMORY: Final = "384MB"  # most that one takes before it spills, where the user says nothing
_SIZE: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(MB|GB)", re.IGNORECASE)
_MEGABYTE: Final = 1_000_000
_LEAST: Final = 64  # MB, below which DuckDB can't even begin some statements


def memory_of(text: str) -> str:
    """A size as users write it, for DuckDB.

    Raises:
        UsageError: It is none, or too small to work with.
    """
    megabytes = _megabytes_of(text)
    if megabytes < _LEAST:
        raise UsageError(f"--memory {text!r} is too little", hint=f"give {_LEAST}MB or more")
    return f"{megabytes:g}MB"


def bytes_of(text: str) -> int:
    """A size as users write it, in bytes.

    Raises:
        UsageError: It is none.
    """
    return round(_megabytes_of(text) * _MEGABYTE)


def _megabytes_of(text: str) -> float:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--memory {text!r} is no size", hint="write it as 512MB or 2GB")
    return float(found[1]) * (1000 if found[2].upper() == "GB" else 1)
