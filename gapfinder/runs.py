"""A stored analysis, read back: its manifest and its gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import orjson

from gapfinder.older import whole_gap
from gapfinder.results import Gap
from indexer.errors import NotFoundError, UsageError
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo, Store

LATEST: Final = "latest"
PREVIOUS: Final = "previous"
_NAME: Final = re.compile(r"[\w-]{1,64}")
SECTION: Final = "gaps"  # of the stored rows of a run
ANALYSIS: Final = "run-"  # how the id of an analysis begins
BACKTEST: Final = "backtest-"  # and that of a backtest, which is stored beside them


@dataclass(frozen=True, slots=True)
class Run:
    """One stored analysis with its gaps in the default order."""

    info: RunInfo
    gaps: list[Gap]


def check_name(name: str) -> None:
    """``UsageError`` when a run can't be called that; the empty name is none."""
    if name and (name in (LATEST, PREVIOUS) or name.startswith((ANALYSIS, BACKTEST)) or not _NAME.fullmatch(name)):
        raise UsageError(
            f"a run can't be called {name!r}", hint="use letters, digits, - and _, at most 64, for example --run summer"
        )


def analyses(store: Store) -> list[RunInfo]:
    """The stored analyses, newest first, without what else is stored as a run."""
    return only(store.runs(), ANALYSIS)


def only(infos: Iterable[RunInfo], kind: str) -> list[RunInfo]:
    """Those of some stored runs whose id begins as that of a kind does: :data:`ANALYSIS` or :data:`BACKTEST`."""
    return [info for info in infos if info.run.startswith(kind)]


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


def find_earlier(store: Store, since: str, after: RunInfo) -> RunInfo:
    """The run that another is compared with: by id or name, or ``previous``, the one made before it.

    Raises:
        NotFoundError: There is no such run, or none before.
    """
    if since != PREVIOUS:
        return find_run(store, since)
    known = analyses(store)
    earlier = known[[info.run for info in known].index(after.run) + 1 :]
    if not earlier:
        raise NotFoundError(
            f"there is no run before {after.run}",
            hint="import what is new and analyze again; the earlier run stays",
        )
    return earlier[0]


def load_run(store: Store, run: str = LATEST) -> Run:
    """A stored analysis with its gaps, by id or name.

    Raises:
        NotFoundError: There is no such run, or none at all.
    """
    info = find_run(store, run)
    return Run(info, list(read_gaps(store, info)))


def read_gaps(store: Store, info: RunInfo) -> Iterator[Gap]:
    """The gaps of a stored run in the default order, one at a time, whichever version stored them."""
    for body in store.run_rows(info.run, SECTION).column("body"):
        yield whole_gap(orjson.loads(body.as_py()))


def read_gap(store: Store, run: str, keywords: Iterable[str]) -> Gap | None:
    """The gap of the first of these keywords that a run has; only that row is read."""
    for keyword in keywords:
        body = store.run_row(run, SECTION, keyword)
        if body is not None:
            return whole_gap(orjson.loads(body))
    return None


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
