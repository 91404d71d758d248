"""A stored analysis, read back: its manifest and its gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, cast

import orjson

from gapfinder.results import Gap
from indexer.errors import NotFoundError, UsageError
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo, Store

LATEST: Final = "latest"
_NAME: Final = re.compile(r"[\w-]{1,64}")
SECTION: Final = "gaps"  # of the stored rows of a run


@dataclass(frozen=True, slots=True)
class Run:
    """One stored analysis with its gaps in the default order."""

    info: RunInfo
    gaps: list[Gap]


def check_name(name: str) -> None:
    """``UsageError`` when a run can't be called that; the empty name is none."""
    if name and (name == LATEST or name.startswith("run-") or not _NAME.fullmatch(name)):
        raise UsageError(
            f"a run can't be called {name!r}", hint="use letters, digits, - and _, at most 64, for example --run summer"
        )


def analyses(store: Store) -> list[RunInfo]:
    """All stored analyses, newest first; what else a store keeps among its runs, such as learned models, is none."""
    return [info for info in store.runs() if info.run.startswith("run-")]


def find_run(store: Store, run: str = LATEST) -> RunInfo:
    """The run of that id or name, the newest by default.

    Raises:
        NotFoundError: There is no such run, or none at all.
    """
    known = analyses(store)
    if not known:
        raise NotFoundError("the store holds no analysis yet", hint="run: gapfinder analyze")
    for info in known:
        if run in (LATEST, info.run, info.name):
            return info
    raise NotFoundError(
        f"there is no run {run!r}", hint="runs: " + ", ".join(dict.fromkeys(info.name for info in known[:10]))
    )


def load_run(store: Store, run: str = LATEST) -> Run:
    """A stored analysis with its gaps, by id or name.

    Raises:
        NotFoundError: There is no such run, or none at all.
    """
    info = find_run(store, run)
    return Run(info, list(read_gaps(store, info)))


def read_gaps(store: Store, info: RunInfo) -> Iterator[Gap]:
    """The gaps of a stored run in the default order, one at a time."""
    for body in store.run_rows(info.run, SECTION).column("body"):
        yield cast("Gap", orjson.loads(body.as_py()))


def find_gap(gaps: Iterable[Gap], keyword: str) -> Gap:
    """The gap of a keyword, or of the keyword that a variant was folded into; the gaps are gone through once.

    Raises:
        NotFoundError: The run knows neither; close keywords are named.
    """
    wanted = normalize(keyword)
    folded: Gap | None = None
    names = []
    for gap in gaps:
        if gap["keyword"] in (keyword, wanted):
            return gap
        if folded is None and gap["match"] == "exact":
            folded = gap if any(variant["query"] == wanted for variant in gap["variants"]) else None
        names.append(gap["keyword"])
    if folded is not None:
        return folded
    close = get_close_matches(wanted, names, n=3, cutoff=0.5)
    raise NotFoundError(
        f"the run has no keyword {keyword!r}",
        hint="close: " + ", ".join(close) if close else "gapfinder gaps lists the keywords; --keywords FILE adds some",
    )
