"""The command ``daily`` with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gapfinder.cli.options import DEFAULT_STORE, JsonOption, MemoryOption, StoreOption, day_of
from gapfinder.memory import MEMORY


def daily(
    out: Annotated[Path, typer.Option(help="Where to: a .parquet or .csv file.")],
    first: Annotated[str | None, typer.Option("--from", help="First day; default: that of the log.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Day after the last.")] = None,
    memory: MemoryOption = MEMORY,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Write the log by query and day: searches, searches with a click, and distinct searchers, all exact.

    It holds every query, also those that only one person searched: keep it to yourself.

    \b
    Examples:
      gapfinder daily --out daily.parquet
      gapfinder daily --from 2026-06-01 --to 2026-07-01 --out june.csv --memory 2GB
    """
    from gapfinder.cli.daily import write_daily

    write_daily(store, out, day_of(first, "--from"), day_of(end, "--to"), memory=memory, as_json=as_json)
