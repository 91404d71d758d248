"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from indexer.errors import UsageError

MOST_ROWS: Final = 1_000_000_000  # that --top may name
DEFAULT_STORE: Final = "gapfinder-data"
_YEARS: Final = range(1900, 2200)  # weeks can be added to and taken from any of their days

StoreOption = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="GAPFINDER_STORE",
        help="Where the data is: a directory, an object-store url, or http(s)://host:9200 of Elasticsearch.",
        show_default=True,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
MemoryOption = Annotated[
    str, typer.Option("--memory", help="Most that the log may take in memory before it spills to disk.")
]
RunOption = Annotated[str, typer.Option("--run", help="Run by id or name.")]


def day_of(text: str | None, option: str) -> date | None:
    """A day as users write it (2026-06-01)."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is not a day", hint="write it as 2026-06-01") from error
    if day.year not in _YEARS:
        raise UsageError(f"{option} {text!r} is no day of a log", hint="write it as 2026-06-01")
    return day


def mapping_of(pairs: list[str]) -> dict[str, str]:
    """``theirs=ours`` pairs as a dictionary."""
    mapping = {}
    for pair in pairs:
        theirs, sign, ours = pair.partition("=")
        if not sign or not theirs.strip() or not ours.strip():
            raise UsageError(f"--map {pair!r} is not theirs=ours", hint="for example --map 标题=title")
        mapping[theirs.strip()] = ours.strip()
    return mapping


def keywords_of(path: Path | None) -> tuple[str, ...] | None:
    """Keywords of a file, one a line; blank lines and ``#`` comments are passed over."""
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(f"{path}: the keywords can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: the keywords are not UTF-8", hint="save the file as UTF-8") from error
    found = tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")))
    if not found:
        raise UsageError(f"{path}: there is no keyword in it", hint="write one keyword a line")
    return found


TopOption = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_ROWS, help="At most so many; by default a table shows the first ones, JSON all."),
]
