"""Failures of the engines (deltalake, Arrow, DuckDB, the file system) as errors a user can read."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from indexer.errors import StoreError
from indexer.stores.delta.place import as_written

_LONGEST: Final = 400
_COLOUR: Final = re.compile("\x1b\\[[0-9;]*m")
# What follows the first line is advice of the engine's own, or where in its code it stood (RUST_BACKTRACE); a line that
# begins with an arrow is a cause.
_BACKTRACE: Final = re.compile(r"\n(?!\s*↳)|\s(?:stack )?backtrace:|\s0: <", re.IGNORECASE)
_FULL: Final = re.compile(r"no space left|disk quota exceeded|\(os error (?:28|122)\)|not enough space", re.IGNORECASE)
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
DAMAGED: Final = "see what is wrong with: gapfinder doctor"


class OvertakenError(Exception):
    """Another process committed to the table in between; the commit was not made."""


@contextmanager
def engine_faults(place: str, doing: str) -> Iterator[None]:
    """Turn whatever an engine raises inside into a :class:`StoreError`.

    Args:
        place: Address of the table or store, for the message.
        doing: What was being done, for example ``reading``.
    """
    place = as_written(place)
    try:
        yield
    except CommitFailedError as error:
        raise OvertakenError(place) from error
    except TableNotFoundError as error:
        raise StoreError(f"{place}: there is no table", hint=DAMAGED) from error
    except (DeltaError, pa.ArrowException, duckdb.Error, OSError) as error:
        raise StoreError(f"{place}: {doing} failed: {_one_line(error)}", hint=_hint(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the Rust engine; it is no subclass of Exception
            raise
        raise StoreError(f"{place}: {doing} failed: {_one_line(error)}", hint=DAMAGED) from error


def _one_line(error: BaseException) -> str:
    text = _COLOUR.sub("", str(error)).strip()  # deltalake paints some messages for a terminal
    text = " ".join(_BACKTRACE.split(text, maxsplit=1)[0].split())
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _hint(error: Exception) -> str:
    if getattr(error, "errno", None) in _NO_ROOM or _FULL.search(str(error)):
        return "make room on the disk"
    if isinstance(error, PermissionError):
        return "give yourself the right to read and write the store's directory"
    return DAMAGED
